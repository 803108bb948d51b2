import json
from dataclasses import replace

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
    assert [point["label"] for point in points["controlPoints"]] == ["c2 electrode 1", "c2 electrode 2", "e2"]
    assert [point["position"] for point in curve["controlPoints"]] == [[5.0, 6.0, 2.0], [15.0, 6.0, 2.0]]
    assert "isocentre" in curve["description"]


def test_the_document_is_of_the_kind_that_slicer_reads(folder):
    (path,) = write_all(SlicerMarkups(folder), [make_frame()])
    document = json.loads(path.read_text())
    assert document["@schema"].endswith("markups-schema-v1.0.3.json#")
    assert document["complete"] is True
    assert [markup["locked"] for markup in document["markups"]] == [True, True]
    points = [point for markup in document["markups"] for point in markup["controlPoints"]]
    assert [point["positionStatus"] for point in points] == ["defined"] * 5


def test_a_catheter_has_one_number_in_all_frames(folder, cine):
    first, second, third = cine
    renumbered = tuple(replace(catheter, id=1) for catheter in second.catheters)
    electrodes = tuple(replace(one, catheter=None if one.catheter is None else 1) for one in second.electrodes)
    found = markups(folder, [first, replace(second, catheters=renumbered, electrodes=electrodes), third])
    assert [curve["name"] for curve in found[1::2]] == [f"c2 coronary_sinus frame {index}" for index in range(3)]
    assert {points["controlPoints"][0]["label"] for points in found[::2]} == {"c2 electrode 1"}


def test_a_frame_by_itself_has_numbers_of_its_own(folder):
    frame = make_frame()
    untracked = tuple(replace(catheter, track=None) for catheter in frame.catheters)
    points, curve = markups(folder, [replace(frame, catheters=untracked)])
    assert points["controlPoints"][0]["label"] == "c0 electrode 1"
    assert curve["name"] == "c0 coronary_sinus"


def test_positions_are_pixels_where_the_spacing_is_unknown(folder):
    points, curve = markups(folder, [without_spacing(make_frame())])
    assert points["controlPoints"][1]["position"] == [30.5, 10.0, 0.0]
    assert curve["coordinateUnits"] == ["{pixels}", "UCUM", "pixels"]
    assert curve["description"] == "spacing plane: unknown, positions are pixels"


def test_a_frame_without_findings_adds_nothing(folder):
    assert markups(folder, [make_empty_frame()]) == []
