import csv
import json

from custom.metrics import summarize, write_frame_table, write_summary
from tests.metrics.records import record


def records():
    box = (20, 30, 10, 6)
    return [
        record([box, (60, 30, 8, 8)], [(21, 30, 10, 6, 0.9)], j=0.5, index=0, plane="detector", spacing=(0.2, 0.3)),
        record(None, [], j=0.25, index=1, case="b, with a comma"),
    ]


def test_table(tmp_path):
    write_frame_table(records(), tmp_path / "sub" / "frames.csv")
    with (tmp_path / "sub" / "frames.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "name": "frame0.png",
        "case": "a",
        "J": "0.5",
        "electrodes_true": "2",
        "electrodes_found": "1",
        "electrodes_matched_3px": "1",
        "error_median_px": "1.0",
        "error_max_px": "1.0",
        "row_spacing_mm": "0.2",
        "column_spacing_mm": "0.3",
        "spacing_plane": "detector",
    }
    assert second["case"] == "b, with a comma"
    assert second["electrodes_true"] == second["row_spacing_mm"] == second["spacing_plane"] == ""


def test_summary(tmp_path):
    write_summary(summarize(records()), records(), tmp_path / "summary.json")
    document = json.loads((tmp_path / "summary.json").read_text())
    assert document["metrics"]["J"] == 0.375
    assert document["metrics"]["recall_3px"] == 0.5
    assert {key: document[key] for key in document if key != "metrics"} == {
        "frames": 2,
        "cases": 2,
        "frames_with_mask": 2,
        "frames_with_electrodes": 1,
        "frames_without_devices": 0,
        "electrodes": 2,
        "spacing_planes": ["detector"],
    }


def test_undefined_numbers_are_null(tmp_path):
    write_summary(summarize([]), [], tmp_path / "summary.json")
    assert set(json.loads((tmp_path / "summary.json").read_text())["metrics"].values()) == {None}
