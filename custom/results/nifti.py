"""Masks as NIfTI, for tools that want a volume."""

from __future__ import annotations

import gzip
import shutil
import zlib
from pathlib import Path

import nibabel
import numpy as np

from custom.files import PendingStream, replacing
from custom.postprocessing.result import FrameResult
from custom.results.format import ResultFormat

COMPRESSION = 4
GZIP = 16 + zlib.MAX_WBITS


class NiftiMask(ResultFormat):
    """`NAME_mask.nii.gz`: (x, y, frames) uint8 with 0 and 1.

    The affine puts the first pixel at the origin, x to the patient's left and y to the back (LPS), as Slicer and ITK
    place images without orientation; voxels are mm where the spacing is known and pixels otherwise.
    """

    def start(self, first: FrameResult) -> None:
        """Begin the compressed voxels; the header follows when the number of frames is sure."""
        self._first = first
        self._frames = 0
        self._voxels = PendingStream(self.folder / f"{first.source}_mask.nii.gz", "wb")
        self._pending = [self._voxels]
        self._compressor = zlib.compressobj(COMPRESSION, wbits=GZIP)

    def add(self, result: FrameResult) -> None:
        """Append a frame; row-major pixels are the order in which NIfTI stores x first."""
        self._voxels.file.write(self._compressor.compress(result.mask.tobytes()))
        self._frames += 1

    def finish(self, *, complete: bool) -> list[Path]:
        """Put the header before the voxels: gzip files may be joined."""
        self._voxels.file.write(self._compressor.flush())
        self._voxels.file.close()
        with replacing(self._voxels.path) as temporary, temporary.open("wb") as file:
            file.write(gzip.compress(self._header(), mtime=0))
            with self._voxels.temporary.open("rb") as voxels:
                shutil.copyfileobj(voxels, file)
        self._voxels.discard()
        return [self._voxels.path]

    def _header(self) -> bytes:
        rows, columns = self._first.mask.shape
        row_mm, column_mm = self._first.pixel_spacing_mm or (1.0, 1.0)
        header = nibabel.Nifti1Header()
        header.set_data_dtype(np.uint8)
        header.set_data_shape((columns, rows, self._frames))
        header.set_zooms((column_mm, row_mm, 1.0))
        affine = np.diag([-column_mm, -row_mm, 1.0, 1.0])
        header.set_qform(affine, code="scanner")
        header.set_sform(affine, code="scanner")
        if self._first.pixel_spacing_mm is not None:
            header.set_xyzt_units(xyz="mm")
        header["magic"] = b"n+1"
        header["vox_offset"] = nibabel.Nifti1Header.single_vox_offset
        return header.binaryblock + b"\0" * 4
