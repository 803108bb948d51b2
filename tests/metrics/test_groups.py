from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from custom.metrics import group_rows, write_groups
from custom.metrics.groups import electrode_numbers, group_frames
from tests.metrics.records import record


def test_texts_and_few_numbers_are_groups_of_their_own():
    facts = [{"dose": 20}, {"dose": 8.5}, {}, {"dose": 20}, {"view": "LAO"}]
    assert group_frames(facts, "dose") == {"8.5": [1], "20": [0, 3]}
    assert group_frames(facts, "view") == {"LAO": [4]}
    assert group_frames(facts, "vendor") == {}


def test_a_frame_is_in_the_group_of_every_device_that_it_shows():
    facts = [{"device": ["lasso", "sheath"]}, {"device": []}, {"device": ["lasso"]}]
    assert group_frames(facts, "device") == {"lasso": [0, 2], "sheath": [0]}


def test_many_numbers_are_cut_into_four_groups():
    facts = [{"dose": dose} for dose in (9, 1, 2, 3, 4, 5, 6, 7, 8)]
    assert group_frames(facts, "dose") == {"1 to 3": [1, 2, 3], "3 to 5": [4, 5], "5 to 7": [6, 7], "7 to 9": [0, 8]}


def test_eight_numbers_are_groups_of_their_own():
    assert group_frames([{"dose": dose} for dose in range(8)], "dose") == {str(dose): [dose] for dose in range(8)}


def test_no_group_is_empty_where_most_numbers_are_equal():
    facts = [{"dose": dose} for dose in (1, *[3] * 12, 4, 5, 6, 7, 8, 9, 10)]
    assert group_frames(facts, "dose") == {
        "1 to 3": list(range(13)),
        "3 to 5.25": [13, 14],
        "5.25 to 10": [15, 16, 17, 18, 19],
    }


def test_no_frame_is_lost_where_numbers_are_long():
    # Quartiles of twelve days in a row: 3.75, 6.5 and 9.25 days after the first.
    dates = [{"date": 20240101 + day} for day in range(12)]
    groups = group_frames(dates, "date")
    assert list(groups.values()) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert [*groups][::3] == ["20240101 to 20240104", "20240109 to 20240112"]
    close = [{"dose": dose} for dose in (1000000.25, 1000000.75, 8.0)]
    assert group_frames(close, "dose") == {"8": [2], "1000000": [0], "1000001": [1]}


def test_no_frame_is_lost_where_texts_look_like_numbers():
    assert group_frames([{"room": 1}, {"room": "1"}, {"room": 1.0}], "room") == {"1": [0, 2, 1]}
    facts = [{"room": number} for number in range(9)] + [{"room": "x"}]
    assert group_frames(facts, "room") == {str(number): [number] for number in range(9)} | {"x": [9]}


LASSO, SINUS = (10.0, 10.0, 8.0, 8.0), (50.0, 10.0, 8.0, 8.0)


def shifted(box, dx, dy=0.0, score=0.9):
    return (box[0] + dx, box[1] + dy, *box[2:], score)


def test_electrodes_of_one_device_are_counted_alone():
    # Spacing of rows 0.5 mm, of columns 0.25 mm; the lasso's electrode is 2 pixels off in y, the other is missed.
    seen = record([SINUS, LASSO], [shifted(LASSO, 0, 2), (90, 90, 8, 8, 0.9)], spacing=(0.5, 0.25))
    lasso = electrode_numbers([seen], [np.array([False, True])])
    assert (lasso["electrodes"], lasso["recall_3px"], lasso["recall_1mm"]) == (1, 1.0, 1.0)
    assert (lasso["error_median_px"], lasso["error_p95_mm"]) == (2.0, 1.0)
    sinus = electrode_numbers([seen], [np.array([True, False])])
    assert (sinus["electrodes"], sinus["recall_3px"]) == (1, 0.0)
    assert math.isnan(sinus["error_median_px"])
    assert not any(name.startswith("precision") for name in lasso)


def test_millimetres_are_those_of_frames_whose_spacing_is_known():
    seen = record([LASSO], [shifted(LASSO, 0, 1)], spacing=(0.5, 0.25))
    unknown = record([LASSO], [shifted(LASSO, 0, 1)])
    numbers = electrode_numbers([seen, unknown], [np.array([True])] * 2)
    assert (numbers["electrodes"], numbers["recall_3px"], numbers["recall_1mm"]) == (2, 1.0, 1.0)
    assert (numbers["error_median_px"], numbers["error_median_mm"]) == (1.0, 0.5)


def test_frames_without_labels_of_electrodes_have_no_part_in_them():
    numbers = electrode_numbers([record(None, [(5, 5, 4, 4, 0.9)])], [np.array([], dtype=bool)])
    assert numbers["electrodes"] == 0
    assert math.isnan(numbers["recall_3px"])


@pytest.fixture
def records():
    return [
        record([LASSO, SINUS], [shifted(LASSO, 1)], j=0.5, index=0, plane="detector", spacing=(0.5, 0.5)),
        record([], [(5, 5, 4, 4, 0.9)], j=0.0, index=1, true_mask_pixels=0, largest_piece_pixels=25),
        record([], [(5, 5, 4, 4, 0.2)], j=0.0, index=2, true_mask_pixels=0, largest_piece_pixels=24),
    ]


FACTS = [{"procedure": "ablation", "device": ["lasso", "sinus"]}, {"procedure": "none"}, {"procedure": "none"}]
DEVICES = [{"device": ["lasso", "sinus"]}, {"device": []}, {"device": []}]
KEYS = ["procedure", "device", "vendor"]


def test_rows_have_the_numbers_of_their_frames(records):
    rows = {(row["key"], row["group"]): row for row in group_rows(records, FACTS, DEVICES, keys=KEYS)}
    ablation = rows["procedure", "ablation"]
    assert (ablation["frames"], ablation["electrodes"], ablation["J"], ablation["recall_3px"]) == (1, 2, 0.5, 0.5)
    none = rows["procedure", "none"]
    assert (none["frames"], none["electrodes"], none["false_alarm_electrode"]) == (2, 0, 0.5)
    assert (rows["device", "lasso"]["recall_3px"], rows["device", "lasso"]["J"]) == (1.0, 0.5)
    assert rows["device", "sinus"]["recall_3px"] == 0.0
    assert len(rows) == 4


def test_electrodes_by_their_own_facts_have_their_own_numbers(records):
    facts = [{"electrode_distance": ["far", "near"]}, {}, {}]
    electrodes = [{"electrode_distance": ["far", "near"]}, {"electrode_distance": []}, {"electrode_distance": []}]
    far, near = group_rows(records, facts, electrodes, keys=["electrode_distance"])
    assert (far["group"], far["electrodes"], far["recall_3px"]) == ("far", 1, 1.0)
    assert (near["group"], near["electrodes"], near["recall_3px"]) == ("near", 1, 0.0)
    assert "J" not in far


def test_both_files_have_every_group(records, tmp_path):
    rows = group_rows(records, FACTS, DEVICES, keys=KEYS)
    table, markdown = write_groups(tmp_path / "report", rows, records, keys=KEYS)
    lines = list(csv.DictReader(table.open()))
    assert [line["group"] for line in lines] == ["ablation", "none", "lasso", "sinus"]
    assert (lines[2]["precision_3px"], lines[2]["error_median_mm"]) == ("", "0.5")
    text = markdown.read_text()
    assert "| ablation | 1 | 2 | 0.500 |" in text
    assert "## vendor\n\nNot known of any frame." in text
    assert "| none | 2 | 0 | 0.000 |" in text
    heading, _, lasso = (line.split(" | ") for line in text.split("## device\n\n")[1].splitlines()[:3])
    assert (heading[3], lasso[3], lasso[heading.index("median error (mm)")]) == ("J", "0.500", "0.500")
    assert "A device without electrodes has its J only." in text
    assert "Plane of millimetres: detector." in text
    assert "On 2 annotated frames nothing is there." in text
    assert "There was found an electrode on 50.0% and a piece of mask of 25 pixels or more on 50.0% of them." in text


def test_a_report_of_nothing_says_so(tmp_path):
    table, markdown = write_groups(tmp_path, [], [], keys=["procedure"])
    assert table.read_text().strip() == "key,group,frames"
    assert "## Frames without devices\n\nThere are none." in markdown.read_text()
