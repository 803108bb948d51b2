"""The pixel data of a DICOM file as bytes."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

from pydicom.encaps import parse_basic_offsets, parse_fragments

EXPLICIT_ELEMENT_HEADER = 12
ITEM_HEADER = 8


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


def frame_offsets(file: WholeReads, start: int, frames: int) -> tuple[list[int], list[int]] | None:
    """Find the frames of encapsulated pixel data without reading them.

    Args:
        file: left where it was.
        start: where the element of the pixel data starts.
        frames: how many there should be.

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
    file.seek(position)
    one_each = count <= frames and table[:count] in ([], offsets)
    return (offsets, lengths) if one_each else None


def _end(file: WholeReads, positions: list[int], first: int) -> int:
    if not positions:
        return 0
    file.seek(positions[-1] + 4)
    return positions[-1] - first + ITEM_HEADER + int.from_bytes(file.read(4), "little")
