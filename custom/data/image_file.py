"""PNG, JPEG, BMP and TIFF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from custom.data.dicom_file import lacks_preamble
from custom.data.frame import Frame, FrameFile
from custom.errors import InputError

FORMATS = ("PNG", "JPEG", "BMP", "TIFF")
WHITE_IS_ZERO = 0
PHOTOMETRIC_INTERPRETATION = 262


class ImageFile(FrameFile):
    """An image file; the pages of a TIFF are its frames.

    Args:
        path: the file.
        labels: read a mask: give the indices of an image with a palette, not their colours, and refuse what tells
            the background in another way than by 0.
    """

    def __init__(self, path: Path, *, labels: bool = False) -> None:
        self.path = path
        self.labels = labels
        self._image = _opened(path)
        self.columns, self.rows = self._image.size
        self.frames = getattr(self._image, "n_frames", 1)

    def read(self, index: int) -> Frame:
        """Decode one page."""
        image = self._image
        image.seek(index)
        pixels = self._samples(image)
        if image.mode == "I;16" and _is_white_zero(image):
            pixels = np.iinfo(np.uint16).max - pixels  # Pillow inverts 8-bit files only
        return Frame(pixels.astype(np.float32))

    def _samples(self, image: Image.Image) -> np.ndarray:
        _check_depth(self.path, image)
        if self.labels:
            _check_labels(self.path, image)
        if image.mode == "P" and not self.labels:
            return np.asarray(image.convert("RGB"))
        if image.mode in ("LA", "RGBA"):
            return np.asarray(image.convert(image.mode.removesuffix("A")))
        return np.asarray(image)


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=FORMATS)
    except UnidentifiedImageError as error:
        if lacks_preamble(path):
            problem = "is DICOM without the 128-byte preamble and DICM before its header"
            raise InputError(problem, source=path, remedy="Add them, for example with dcmconv of DCMTK") from error
        raise InputError(
            "is no image", source=path, expected=f"{', '.join(FORMATS)}, NPY (.npy), NIfTI (.nii, .nii.gz) or DICOM"
        ) from error


def _is_white_zero(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return tags.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO


def _check_depth(path: Path, image: Image.Image) -> None:
    """Refuse what Pillow would cut to its upper 8 bits, which are black in a frame of 10 bits."""
    if len(image.getbands()) > 1 and any(";16" in str(tile.args) for tile in image.tile):  # type: ignore[attr-defined]
        remedy = "Store it as one grey channel, without transparency"
        raise InputError("has several channels of 16 bits, of which only 8 can be read", source=path, remedy=remedy)


def _check_labels(path: Path, image: Image.Image) -> None:
    remedy = "Store the mask as grey without transparency, with 0 as background"
    if image.mode in ("LA", "RGBA"):
        lowest, highest = image.getchannel("A").getextrema()
        if lowest != highest:
            raise InputError("the mask is transparent in places", source=path, remedy=remedy)
    if image.mode == "P" and np.ptp(np.asarray(image)) != 0:
        background = tuple((image.getpalette("RGB") or [])[:3])
        if any(background):
            problem = "the palette of the mask does not start with black, the background"
            raise InputError(problem, source=path, found=background, remedy=remedy)
