"""What a DICOM header says about one frame."""

from __future__ import annotations

from pydicom import Dataset

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
    flat.update({element.tag: element for element in header if element.keyword not in (SHARED, PER_FRAME)})
    for group in [*(header.get(SHARED) or [])[:1], *(header.get(PER_FRAME) or [])[index : index + 1]]:
        for sequence in group:
            if sequence.VR == "SQ" and sequence.value:
                flat.update({element.tag: element for element in sequence.value[0]})
    return flat
