"""What a DICOM header says about one frame."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag

SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"


def frame_header(header: Dataset, index: int) -> Dataset:
    """Bring the functional groups of an Enhanced XA or XRF image, where spacing and windows lie, to the top level.

    Args:
        header: of the file; any other header is returned as it is.
        index: of the frame, from 0.

    Returns:
        The header with the attributes of the frame's groups, which outrank the groups that all frames share.
    """
    if SHARED not in header and PER_FRAME not in header:
        return header
    flat = Dataset()
    # Values stay unread, so that a wrong one has its own message.
    flat.update({tag: header.get_item(tag) for tag in _tags(header) if keyword_for_tag(tag) not in (SHARED, PER_FRAME)})
    for group in [*(header.get(SHARED) or [])[:1], *(header.get(PER_FRAME) or [])[index : index + 1]]:
        for sequence in group:
            if sequence.VR == "SQ" and sequence.value:
                item = sequence.value[0]
                flat.update({tag: item.get_item(tag) for tag in _tags(item)})
    return flat


def _tags(dataset: Dataset) -> list[BaseTag]:
    return list(dataset.keys())
