import csv
from dataclasses import replace

import pytest

from custom.files import PendingStream
from custom.results import tables
from custom.results.tables import CsvTables
from tests.results.frames import make_frame, without_spacing, write_all


def read(paths):
    return [list(csv.DictReader(path.open(newline=""))) for path in paths]


def test_a_row_an_electrode_and_a_row_a_catheter(folder, cine):
    paths = write_all(CsvTables(folder), cine)
    assert [path.name for path in paths] == ["cine_electrodes.csv", "cine_catheters.csv"]
    electrodes, catheters = read(paths)
    assert (len(electrodes), len(catheters)) == (9, 3)
    second = electrodes[7]  # frame 2, x 30.5, y 12
    expected = {"source": "cine", "frame": "2", "electrode": "1", "track": "6", "catheter_track": "2", "pole": "1"}
    expected |= {"catheter_type": "coronary_sinus", "spacing_plane": "isocentre", "flags": ""}
    assert {name: second[name] for name in expected} == expected
    assert [float(second[name]) for name in ("x_px", "y_px", "x_mm", "y_mm")] == [30.5, 12, 7.625, 6]
    assert electrodes[3]["flags"] == "saturated"
    assert [electrodes[8][name] for name in ("catheter", "catheter_type", "pole", "spread_px")] == [""] * 4
    assert [float(catheters[1][name]) for name in ("length_px", "length_mm", "tip_x_px", "tip_y_px")] == [
        40,
        10,
        20,
        11,
    ]
    assert catheters[1]["electrodes"] == "2"


def test_millimetres_stay_empty_where_the_spacing_is_unknown(folder):
    electrodes, catheters = read(write_all(CsvTables(folder), [without_spacing(make_frame())]))
    assert {row[name] for row in electrodes for name in ("x_mm", "y_mm", "spacing_plane")} == {""}
    assert catheters[0]["length_mm"] == catheters[0]["spacing_plane"] == ""


def test_a_tip_that_is_not_known_has_no_place(folder):
    frame = make_frame()
    (catheter,) = frame.catheters
    _, (row,) = read(write_all(CsvTables(folder), [replace(frame, catheters=(replace(catheter, tip_known=False),))]))
    assert [row[name] for name in ("tip_known", "tip_x_px", "tip_y_px")] == ["False", "", ""]


def test_a_table_that_cannot_be_opened_takes_the_other_with_it(folder, monkeypatch):
    def refuse_the_second(path, **options):
        if path.name.endswith("catheters.csv"):
            raise OSError(28, "No space left on device")
        return PendingStream(path, **options)

    monkeypatch.setattr(tables, "PendingStream", refuse_the_second)
    one = CsvTables(folder)
    with pytest.raises(OSError, match="No space"):
        one.start(make_frame())
    one.discard()
    assert list(folder.iterdir()) == []
