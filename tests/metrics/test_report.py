import csv
import json

import pytest

from custom.metrics import summarize, write_frame_table, write_summary
from tests.metrics.records import record


def records():
    box, found = (20, 30, 10, 6), [(21, 30, 10, 6, 0.9), (63, 30, 8, 8, 0.9)]
    return [
        record([box, (60, 30, 8, 8)], found, j=0.5, index=0, plane="detector", spacing=(0.2, 0.3)),
        *[record(None, [], j=0.25, index=index, case="b, with a comma") for index in (1, 2)],
    ]


def test_table(tmp_path):
    write_frame_table(records(), tmp_path / "sub" / "frames.csv")
    with (tmp_path / "sub" / "frames.csv").open(newline="") as file:
        first, second, _ = csv.DictReader(file)
    assert first == {
        "name": "frame0.png",
        "case": "a",
        "J": "0.5",
        "electrodes_true": "2",
        "electrodes_found": "2",
        "electrodes_matched_3px": "2",
        "error_median_px": "2.0",
        "error_max_px": "3.0",
        "row_spacing_mm": "0.2",
        "column_spacing_mm": "0.3",
        "spacing_plane": "detector",
    }
    assert second["case"] == "b, with a comma"
    unknown = ("electrodes_true", "electrodes_matched_3px", "error_median_px", "row_spacing_mm", "spacing_plane")
    assert [second[name] for name in unknown] == [""] * 5


def test_summary(tmp_path):
    write_summary(summarize(records()), records(), tmp_path / "summary.json")
    document = json.loads((tmp_path / "summary.json").read_text())
    assert document["metrics"]["J"] == pytest.approx(1 / 3)
    assert document["metrics"]["recall_3px"] == 1
    assert {key: document[key] for key in document if key != "metrics"} == {
        "frames": 3,
        "cases": 2,
        "frames_with_mask": 3,
        "frames_with_electrodes": 1,
        "frames_without_devices": 0,
        "electrodes": 2,
        "spacing_planes": ["detector"],
    }


def test_undefined_numbers_are_null(tmp_path):
    write_summary(summarize([]), [], tmp_path / "summary.json")
    assert set(json.loads((tmp_path / "summary.json").read_text())["metrics"].values()) == {None}
