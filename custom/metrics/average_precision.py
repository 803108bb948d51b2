"""Average precision of electrode boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

NAMES = ("AP", "AP50", "AP75")


def average_precision(true_boxes: Sequence[np.ndarray], found_boxes: Sequence[np.ndarray]) -> dict[str, float]:
    """COCO's average precision over all frames, by faster-coco-eval: at most 100 boxes a frame, boxes of any size.

    Args:
        true_boxes: for each frame (N, 4) x, y, width, height, x and y at the centre.
        found_boxes: for each frame (K, 5) with score.

    Returns:
        `AP` over IoU 0.50:0.05:0.95, `AP50` and `AP75`; NaN where no frame has a true box.
    """
    truth = [_annotation(frame, box) for frame, boxes in enumerate(true_boxes) for box in boxes]
    found = [_annotation(frame, box) for frame, boxes in enumerate(found_boxes) for box in boxes]
    if not truth:
        return dict.fromkeys(NAMES, math.nan)
    if not found:
        return dict.fromkeys(NAMES, 0.0)
    dataset = COCO(
        {
            "images": [{"id": frame} for frame in range(len(true_boxes))],
            "categories": [{"id": 1, "name": "electrode"}],
            "annotations": [{**annotation, "id": number} for number, annotation in enumerate(truth, start=1)],
        }
    )
    evaluation = COCOeval_faster(dataset, dataset.loadRes(found), iouType="bbox")
    evaluation.run()
    return dict(zip(NAMES, map(float, evaluation.stats[:3]), strict=True))


def _annotation(frame: int, box: np.ndarray) -> dict[str, Any]:
    x, y, width, height = map(float, box[:4])
    annotation: dict[str, Any] = {
        "image_id": frame,
        "category_id": 1,
        "bbox": [x - width / 2, y - height / 2, width, height],
        "area": width * height,
        "iscrowd": 0,
    }
    return annotation | ({"score": float(box[4])} if len(box) > 4 else {})
