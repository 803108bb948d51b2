"""A bundle as one archive that runs by itself."""

from custom.packaging.archive import write_archive
from custom.packaging.bundle_files import bundle_files
from custom.packaging.merging import merge_overrides
from custom.packaging.own_modules import own_modules

__all__ = ["bundle_files", "merge_overrides", "own_modules", "write_archive"]
