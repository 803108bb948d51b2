import math

import numpy as np
import pytest
from monai.apps.detection.metrics.coco import COCOMetric
from monai.apps.detection.metrics.matching import matching_batch
from monai.data.box_utils import box_iou

from custom.metrics.average_precision import average_precision
from tests.metrics.records import boxes


def corners(centred):
    centred = np.asarray(centred, dtype=float)
    half = centred[:, 2:4] / 2
    return np.concatenate([centred[:, :2] - half, centred[:, :2] + half], axis=1)


def monai_average_precision(true, found):
    """The same numbers by MONAI's own code."""
    metric = COCOMetric(classes=["electrode"], iou_list=(0.5, 0.75), iou_range=(0.5, 0.95, 0.05), max_detection=(100,))
    results = matching_batch(
        iou_fn=box_iou,
        iou_thresholds=metric.iou_thresholds,
        pred_boxes=[corners(frame) for frame in found],
        pred_classes=[np.zeros(len(frame), dtype=int) for frame in found],
        pred_scores=[frame[:, 4] for frame in found],
        gt_boxes=[corners(frame) for frame in true],
        gt_classes=[np.zeros(len(frame), dtype=int) for frame in true],
    )
    values = metric(results)[0]
    return {
        "AP": values["mAP_IoU_0.50_0.95_0.05_MaxDet_100"],
        "AP50": values["AP_IoU_0.50_MaxDet_100"],
        "AP75": values["AP_IoU_0.75_MaxDet_100"],
    }


def random_split(seed, frames=12):
    generator = np.random.default_rng(seed)
    true, found = [], []
    # A prime number of boxes: MONAI counts in float32 and errs where a recall equals one of COCO's 101 thresholds.
    for count in generator.multinomial(97, np.full(frames, 1 / frames)):
        frame = np.concatenate([generator.uniform(20, 480, (count, 2)), generator.uniform(6, 24, (count, 2))], axis=1)
        moved = frame + generator.normal(0, 1.0, frame.shape) * [1, 1, 0.5, 0.5]
        false = np.concatenate([generator.uniform(20, 480, (3, 2)), generator.uniform(6, 24, (3, 2))], axis=1)
        predicted = np.concatenate([moved[generator.uniform(size=count) < 0.8], false])
        true.append(frame)
        found.append(
            np.column_stack([predicted, generator.permutation(len(predicted)) / 40 + generator.uniform() / 90])
        )
    return true, found


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_monai_on_random_splits(seed):
    true, found = random_split(seed)
    ours = average_precision(true, found)
    assert 0.05 < ours["AP"] < 0.95
    assert ours == pytest.approx(monai_average_precision(true, found), abs=1e-6)


def test_hand_computed():
    # Moved by 1 of 10 pixels: IoU 90 / 110 = .82, a hit at thresholds .50 ... .80, 7 of 10.
    ours = average_precision([boxes([20, 30, 10, 10])], [boxes([21, 30, 10, 10, 0.9], columns=5)])
    assert ours == pytest.approx({"AP": 0.7, "AP50": 1.0, "AP75": 1.0})


def test_a_false_box_of_a_better_score_halves_precision():
    found = boxes([80, 80, 10, 10, 0.9], [20, 30, 10, 10, 0.8], columns=5)
    assert average_precision([boxes([20, 30, 10, 10])], [found])["AP"] == pytest.approx(0.5)


def test_frames_without_true_boxes_count_their_false_ones():
    hit = boxes([20, 30, 10, 10, 0.8], columns=5)
    false = boxes([50, 50, 10, 10, 0.9], columns=5)
    assert average_precision([boxes([20, 30, 10, 10]), boxes()], [hit, false])["AP"] == pytest.approx(0.5)


def test_nothing_found_is_zero_and_nothing_to_find_is_undefined():
    nothing = boxes(columns=5)
    assert average_precision([boxes([20, 30, 10, 10])], [nothing])["AP"] == 0
    assert math.isnan(average_precision([boxes()], [boxes([20, 30, 10, 10, 0.8], columns=5)])["AP"])
    assert math.isnan(average_precision([], [])["AP50"])
