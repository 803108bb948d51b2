import math

import pytest

from custom.metrics import summarize
from tests.metrics.records import record

NAN = math.nan


def test_perfect_split():
    box = (20, 30, 10, 6)
    summary = summarize([record([box], [(*box, 0.9)], j=1.0, spacing=(0.2, 0.2))])
    one = ["AP", "AP50", "AP75", "J", "mean_kpi", "precision_3px", "recall_3px", "precision_1mm", "recall_2mm"]
    assert {key: summary[key] for key in one} == pytest.approx(dict.fromkeys(one, 1.0))
    assert summary["box_side_px"] == 8
    assert summary["error_max_px"] == summary["error_max_mm"] == 0


def test_hand_computed_localisation():
    # Spacing of rows 0.5 mm, of columns 0.25 mm.
    true = [(10, 10, 8, 8), (50, 10, 8, 8), (90, 10, 8, 8), (130, 10, 8, 8)]
    found = [
        (12, 10, 8, 8, 0.9),  # 2 px in x: 0.5 mm
        (50, 13, 8, 8, 0.9),  # 3 px in y: 1.5 mm
        (90, 20, 8, 8, 0.9),  # 10 px in y: 5 mm
        (200, 50, 8, 8, 0.9),  # nowhere
        (130, 10, 8, 8, 0.2),  # below the minimum score
    ]
    summary = summarize([record(true, found, spacing=(0.5, 0.25))])
    assert summary["precision_3px"] == 2 / 4
    assert summary["recall_3px"] == 2 / 4
    assert summary["recall_1mm"] == 1 / 4
    assert summary["precision_2mm"] == 2 / 4
    assert summary["error_median_px"] == 3
    assert summary["error_max_px"] == 10
    assert summary["error_p95_px"] == pytest.approx(9.3)
    assert summary["error_median_mm"] == 1.5
    assert summary["error_max_mm"] == 5


def test_errors_are_of_pairs_within_16_pixels():
    near, far = (10, 10, 8, 8), (10, 60, 8, 8)
    summary = summarize([record([near, far], [(26, 10, 8, 8, 0.9), (10, 76.5, 8, 8, 0.9)])])
    assert summary["error_max_px"] == 16


def test_a_score_of_the_minimum_counts():
    box = (20, 30, 8, 8)
    assert summarize([record([box], [(*box, 0.3)], minimum_score=0.3)])["recall_3px"] == 1


def test_tasks_count_only_where_they_are_annotated():
    box = (20, 30, 10, 6)
    masks_only = record(None, [(80, 80, 9, 9, 0.9)], j=0.6)
    electrodes_only = record([box], [(*box, 0.9)])
    summary = summarize([masks_only, electrodes_only])
    assert (summary["J"], summary["AP"], summary["precision_3px"]) == (0.6, pytest.approx(1.0), 1.0)
    assert summary["mean_kpi"] == pytest.approx(0.8)


def test_millimetres_are_those_of_frames_with_spacing():
    near, far = (20, 30, 8, 8), (60, 30, 8, 8)
    known = record([near], [(*near, 0.9)], spacing=(0.2, 0.2))
    unknown = record([far], [])
    summary = summarize([known, unknown])
    assert (summary["recall_3px"], summary["recall_2mm"]) == (0.5, 1.0)


def test_mean_of_frames_not_of_pixels():
    assert summarize([record(j=0.2), record(j=0.8), record(j=NAN)])["J"] == pytest.approx(0.5)


def test_one_task_alone_is_its_own_mean():
    assert summarize([record(j=0.4)])["mean_kpi"] == pytest.approx(0.4)


def test_undefined_is_nan():
    nothing = summarize([record()])
    assert all(math.isnan(value) for value in nothing.values())
    empty_frame = summarize([record([], [(5, 5, 4, 4, 0.9)])])
    assert empty_frame["precision_3px"] == 0
    assert math.isnan(empty_frame["recall_3px"])
    assert math.isnan(empty_frame["AP"])


def test_false_alarms_are_those_on_frames_without_devices():
    electrode = (5, 5, 4, 4, 0.9)
    records = [
        record([], [electrode], j=0.0, true_mask_pixels=0, largest_piece_pixels=25),
        record([], [(*electrode[:4], 0.2)], j=0.0, true_mask_pixels=0, largest_piece_pixels=24),
        *[record([], [], j=1.0, true_mask_pixels=0)] * 3,
        record([], [electrode], j=0.5, true_mask_pixels=90, largest_piece_pixels=99),  # a wire
        record([], [electrode], largest_piece_pixels=99),  # its mask is not annotated: wires may be there
        record(None, [electrode], largest_piece_pixels=99),
    ]
    summary = summarize(records)
    assert summary["false_alarm_electrode"] == 2 / 6
    assert summary["false_alarm_mask"] == 1 / 5
