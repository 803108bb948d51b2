"""Annotated frames for training and validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monai.data import CacheDataset


class FrameDataset(CacheDataset):
    """MONAI's `CacheDataset` whose entries know their place in the list, `sample_index`.

    Args:
        data: entries of a datalist, or `{"image", "label"}` as MONAI Label hands them over, with the mask as `label`.
        **options: see `monai.data.CacheDataset`.
    """

    def __init__(self, data: Sequence[Mapping[str, Any]], **options: Any) -> None:
        super().__init__(data=[_numbered(entry, index) for index, entry in enumerate(data)], **options)


def _numbered(entry: Mapping[str, Any], index: int) -> dict[str, Any]:
    named = {"mask" if key == "label" else key: value for key, value in entry.items()}
    return {**named, "sample_index": index}
