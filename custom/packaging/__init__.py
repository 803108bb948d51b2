"""A bundle as one archive that runs by itself."""

from custom.packaging.archive import write_archive
from custom.packaging.bundle_files import bundle_files
from custom.packaging.merging import merge_overrides

__all__ = ["bundle_files", "merge_overrides", "write_archive"]
