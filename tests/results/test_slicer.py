import json

from custom.results.slicer import SlicerMarkups
from tests.results.frames import make_empty_frame, make_frame, without_spacing, write_all


def markups(folder, frames):
    (path,) = write_all(SlicerMarkups(folder), frames)
    assert path.name.endswith(".mrk.json")
    return json.loads(path.read_text())["markups"]


def test_positions_in_millimetres_of_each_frame(folder, cine):
    found = markups(folder, cine)
    assert [markup["type"] for markup in found] == ["Fiducial", "Curve"] * 3
    assert {markup["coordinateSystem"] for markup in found} == {"LPS"}
    assert {markup["coordinateUnits"][0] for markup in found} == {"mm"}
    points, curve = found[4:]
    # x 30.5 * 0.25 mm, y 12 * 0.5 mm, third frame.
    assert points["controlPoints"][1]["position"] == [7.625, 6.0, 2.0]
    assert [point["label"] for point in points["controlPoints"]] == ["c0 electrode 1", "c0 electrode 2", "e2"]
    assert [point["position"] for point in curve["controlPoints"]] == [[5.0, 6.0, 2.0], [15.0, 6.0, 2.0]]
    assert "isocentre" in curve["description"]


def test_positions_are_pixels_where_the_spacing_is_unknown(folder):
    points, curve = markups(folder, [without_spacing(make_frame())])
    assert points["controlPoints"][1]["position"] == [30.5, 10.0, 0.0]
    assert curve["coordinateUnits"] == ["{pixels}", "UCUM", "pixels"]


def test_a_frame_without_findings_adds_nothing(folder):
    assert markups(folder, [make_empty_frame()]) == []
