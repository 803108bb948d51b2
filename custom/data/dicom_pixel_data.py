"""The pixel data of a DICOM file as bytes."""

from __future__ import annotations

import io
import math
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset
from pydicom.encaps import parse_basic_offsets, parse_fragments
from pydicom.uid import UID, RLELossless

EXPLICIT_ELEMENT_HEADER, IMPLICIT_ELEMENT_HEADER = 12, 8
TAG_LENGTH = LENGTH_FIELD = 4
PIXEL_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
ITEM_HEADER = 8
# Of JPEG and JPEG-LS, of JPEG 2000, and of that in a file of its own.
IMAGE_STARTS = (b"\xff\xd8", b"\xff\x4f", b"\0\0\0\x0cjP  ")
LONGEST_START = 8


class WholeReads(io.BufferedReader):
    """A file that never returns fewer bytes than were asked for, so that half a frame is not taken for a whole one."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes, or everything.

        Raises:
            EOFError: where the file ends inside them.
        """
        data = super().read(size)
        if size is not None and 0 < len(data) < size:
            raise EOFError("the file ends inside a frame")
        return data


def is_implicit(file: BinaryIO, start: int) -> bool:
    """Tell by the element of the pixel data whether it is written without its VR, in place of which it has a length.

    Args:
        file: the file.
        start: where the element starts.
    """
    file.seek(start + TAG_LENGTH)
    return file.read(2) not in PIXEL_VRS


def native_length(file: WholeReads, start: int, syntax: UID) -> int:
    """Return the bytes of pixel data that are not encapsulated: those of the element that the file really holds.

    Args:
        file: the file.
        start: where the element of the pixel data starts.
        syntax: the transfer syntax.
    """
    header = IMPLICIT_ELEMENT_HEADER if syntax.is_implicit_VR else EXPLICIT_ELEMENT_HEADER
    file.seek(start + header - LENGTH_FIELD)
    length = int.from_bytes(file.read(LENGTH_FIELD), "little" if syntax.is_little_endian else "big")
    return min(length, file.seek(0, io.SEEK_END) - start - header)


def native_frames(header: Dataset, length: int, frames: int) -> int:
    """Count the whole frames in pixel data that are not encapsulated.

    Args:
        header: of the file.
        length: of the pixel data in bytes; what follows the frames, such as the byte that makes it even, is no frame.
        frames: how many there should be.
    """
    bits = header.Rows * header.Columns * (header.get("SamplesPerPixel") or 1) * (header.get("BitsAllocated") or 0)
    if bits == 0:
        return frames  # pydicom says what the header lacks
    if header.PhotometricInterpretation == "YBR_FULL_422":
        bits = bits * 2 // 3  # two pixels share their colour
    expected = math.ceil(frames * bits / 8)
    surplus = length - expected - expected % 2
    return frames + 8 * surplus // bits if surplus >= 0 else min(frames, 8 * length // bits)


def encapsulated_frames(file: WholeReads, start: int, syntax: UID, frames: int) -> int:
    """Count the frames that encapsulated pixel data certainly hold; there may be more, in several fragments each.

    Args:
        file: the file.
        start: where the element of the pixel data starts.
        syntax: the transfer syntax; frames of RLE have one fragment each.
        frames: how many there should be; an offset table of a cine that agrees is believed, which is quick.
    """
    if has_plausible_table(file, start, frames):
        return frames
    _, positions = parse_fragments(file)
    return sum(_starts_a_frame(file, position, syntax) for position in positions)


def has_plausible_table(file: WholeReads, start: int, frames: int) -> bool:
    """Tell whether a cine has a basic offset table that can be right; the file is left behind the table."""
    file.seek(start + EXPLICIT_ELEMENT_HEADER)
    table = parse_basic_offsets(file)
    return len(table) == frames > 1 and table[0] == 0 and all(first < second for first, second in pairwise(table))


def _starts_a_frame(file: WholeReads, position: int, syntax: UID) -> bool:
    """Tell by its first bytes whether a fragment that is not empty or cut off certainly starts a frame."""
    file.seek(position + TAG_LENGTH)
    try:
        length = int.from_bytes(file.read(LENGTH_FIELD), "little")
        head = file.read(min(length, LONGEST_START))
    except EOFError:
        return False
    return bool(head) if syntax == RLELossless else head.startswith(IMAGE_STARTS)


def frame_offsets(file: WholeReads, start: int, syntax: UID, frames: int) -> tuple[list[int], list[int]] | None:
    """Find the frames of encapsulated pixel data without reading them.

    Args:
        file: left where it was.
        start: where the element of the pixel data starts.
        syntax: the transfer syntax.
        frames: how many there should be. Where as many fragments start a frame each, they outrank an offset table.

    Returns:
        Offset and length of each frame that is there, counted as in DICOM's extended offset table; `None` where frames
        lie in several fragments each.
    """
    position = file.tell()
    file.seek(start + EXPLICIT_ELEMENT_HEADER)
    table = parse_basic_offsets(file)
    first = file.tell()
    count, positions = parse_fragments(file)
    offsets = [place - first for place in positions]
    lengths = [after - before - ITEM_HEADER for before, after in pairwise([*offsets, _end(file, positions, first)])]
    one_each = count <= frames and table[:count] in ([], offsets)
    if not one_each and count == frames:
        one_each = all(_starts_a_frame(file, place, syntax) for place in positions)
    file.seek(position)
    return (offsets, lengths) if one_each else None


def _end(file: WholeReads, positions: list[int], first: int) -> int:
    if not positions:
        return 0
    file.seek(positions[-1] + TAG_LENGTH)
    return positions[-1] - first + ITEM_HEADER + int.from_bytes(file.read(LENGTH_FIELD), "little")
