"""What a DICOM header says about one frame."""

from __future__ import annotations

from pathlib import Path

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag

from custom.errors import InputError

SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"


def frame_header(header: Dataset, index: int, *, source: str | Path | None = None) -> Dataset:
    """Bring the functional groups of an Enhanced XA or XRF image, where spacing and windows lie, to the top level.

    Args:
        header: of the file; any other header is returned as it is.
        index: of the frame, from 0.
        source: the file, for messages.

    Returns:
        The header with the attributes of the frame's groups, which outrank the groups that all frames share.

    Raises:
        InputError: if other frames have groups of their own, and this one has none.
    """
    if SHARED not in header and PER_FRAME not in header:
        return header
    flat = Dataset()
    # Values stay unread, so that a wrong one has its own message.
    flat.update({tag: header.get_item(tag) for tag in _tags(header) if keyword_for_tag(tag) not in (SHARED, PER_FRAME)})
    own = header.get(PER_FRAME) or []
    if own and index >= len(own):
        problem = f"says nothing of frame {index}"
        remedy = "Export the file again"
        raise InputError(problem, source=source, field=PER_FRAME, found=f"{len(own)} items", remedy=remedy)
    for group in [*(header.get(SHARED) or [])[:1], *own[index : index + 1]]:
        for sequence in group:
            if sequence.VR == "SQ" and sequence.value:
                item = sequence.value[0]
                flat.update({tag: item.get_item(tag) for tag in _tags(item)})
    return flat


def _tags(dataset: Dataset) -> list[BaseTag]:
    return list(dataset.keys())
