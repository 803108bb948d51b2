"""From a datalist to COCO JSON, and with `convert_coco` back again without loss.

What COCO has no field for stands under the key `datalist` of images and annotations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from faster_coco_eval import mask as run_lengths
from tqdm import tqdm

from custom.data.datalist import BOX_KEYS, SPLITS, Entry, read_datalist, relative_path
from custom.data.reader import read_mask, read_size
from custom.files import write_text

CATHETER, ELECTRODE = 1, 2
CATEGORIES = [{"id": CATHETER, "name": "catheter"}, {"id": ELECTRODE, "name": "electrode"}]
NOT_IN_DATALIST_KEY = ("image", "mask", "electrodes")


class CocoContent:
    """Images and annotations of a COCO file, numbered as they come."""

    def __init__(self) -> None:
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, image: Mapping[str, Any], annotations: Iterable[Mapping[str, Any]]) -> None:
        """Add an image and what is annotated on it, all without ids."""
        number = len(self._images) + 1
        self._images.append({"id": number, **image})
        for annotation in annotations:
            identity = {"id": len(self._annotations) + 1, "image_id": number, "iscrowd": 0}
            self._annotations.append({**identity, **annotation})

    def write(self, path: Path) -> None:
        """Write the file, as a whole or not at all."""
        document = {"images": self._images, "annotations": self._annotations, "categories": CATEGORIES}
        write_text(path, json.dumps(document, indent=1, allow_nan=False))


def write_coco(datalist: Path, output: Path) -> list[Path]:
    """Write one COCO file for each split that has entries.

    Args:
        datalist: the datalist.
        output: the folder; `file_name` is relative to it.

    Returns:
        The files.

    Raises:
        InputError, FaultsError: if the datalist, an image or a mask is wrong.
    """
    content = read_datalist(datalist)
    written = []
    for split in SPLITS:
        if content.split(split):
            written.append(output / f"{split}.json")
            _write_split(content.split(split), written[-1])
    return written


def _write_split(entries: list[Entry], path: Path) -> None:
    content = CocoContent()
    for entry in tqdm(entries, path.stem, unit="frame", disable=None):
        content.add(_image(entry, path.parent), _annotations(entry))
    content.write(path)


def _image(entry: Entry, folder: Path) -> dict[str, Any]:
    rows, columns = read_size(entry["image"])
    more = {key: value for key, value in entry.items() if key not in NOT_IN_DATALIST_KEY}
    annotated = [key for key in ("mask", "electrodes") if entry[key] is not None]
    return {
        "file_name": relative_path(Path(entry["image"]), folder.absolute()),
        "width": columns,
        "height": rows,
        "datalist": {**more, "annotated": annotated},
    }


def _annotations(entry: Entry) -> Iterator[dict[str, Any]]:
    if entry["mask"] is not None:
        mask = read_mask(entry["mask"])
        if mask.any():
            yield mask_annotation(mask)
    for electrode in entry["electrodes"] or []:
        yield electrode_annotation(electrode)


def mask_annotation(mask: np.ndarray) -> dict[str, Any]:
    """Describe a (rows, columns) mask of catheters and wires, without ids."""
    encoded = run_lengths.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {
        "category_id": CATHETER,
        "segmentation": {"size": list(mask.shape), "counts": encoded["counts"].decode()},
        "bbox": run_lengths.toBbox(encoded).tolist(),
        "area": int(mask.sum()),
    }


def electrode_annotation(electrode: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an electrode of a datalist, without ids."""
    x, y, width, height = (electrode[key] for key in BOX_KEYS)
    return {
        "category_id": ELECTRODE,
        "segmentation": [],
        "bbox": [x - width / 2 + 0.5, y - height / 2 + 0.5, width, height],
        "area": width * height,
        "datalist": {key: value for key, value in electrode.items() if key not in BOX_KEYS},
    }
