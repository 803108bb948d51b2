import pytest

from custom.data.datalist_fields import DATALIST, ENTRY
from custom.data.field_checks import object_faults, unknown_keys

ELECTRODE = {"x": 1, "y": 2.5, "width": 3, "height": 4, "kind": "ring", "catheter": "cs", "pole": 0}
RIGHT = {
    "image": "a.dcm",
    "frame": 3,
    "mask": None,
    "electrodes": [ELECTRODE],
    "case": "p1",
    "sequence": "run 2",
    "pixel_spacing_mm": [0.2, 0.25],
    "spacing_plane": "isocentre",
    "catheters": [{"id": "cs", "type": "coronary sinus", "centerline": [[0, 1.5], [2, 3]]}],
}


def test_a_right_entry_has_no_faults():
    assert list(object_faults(RIGHT, ENTRY, "training[0]", "list.json")) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": ""}, "training[0].image: wrong value; found ''; expected the path of an image file."),
        ({"mask": 3}, "training[0].mask: wrong value; found 3; expected the path of a mask file, or null"),
        ({"frame": -1}, "training[0].frame: wrong value; found -1;"),
        ({"frame": True}, "training[0].frame: wrong value; found 'true';"),
        ({"frame": 1.5}, "training[0].frame: wrong value; found 1.5;"),
        ({"case": 12}, "training[0].case: wrong value; found 12;"),
        ({"electrodes": {}}, "training[0].electrodes: wrong value; found '{}'; expected a list of electrodes"),
        ({"electrodes": [ELECTRODE, None]}, "training[0].electrodes[1]: wrong value; found 'null'; expected an object"),
        ({"electrodes": [ELECTRODE | {"x": float("nan")}]}, "training[0].electrodes[0].x: wrong value; found nan;"),
        ({"electrodes": [ELECTRODE | {"y": float("inf")}]}, "training[0].electrodes[0].y: wrong value; found inf;"),
        ({"electrodes": [ELECTRODE | {"x": 10**400}]}, f"electrodes[0].x: wrong value; found '1{'0' * 79}...';"),
        ({"electrodes": [ELECTRODE | {"width": 0}]}, "electrodes[0].width: wrong value; found 0; expected a positive"),
        ({"electrodes": [ELECTRODE | {"height": "4"}]}, "electrodes[0].height: wrong value; found '4';"),
        ({"electrodes": [ELECTRODE | {"pole": -1}]}, "electrodes[0].pole: wrong value; found -1;"),
        ({"pixel_spacing_mm": [0.2]}, "pixel_spacing_mm: wrong value; found '[0.2]'; expected [row, column]"),
        ({"pixel_spacing_mm": [0.2, 0]}, "pixel_spacing_mm: wrong value; found '[0.2, 0]';"),
        ({"pixel_spacing_mm": [300, 300]}, "expected [row, column], positive millimetres, from 0.01 to 10.0."),
        ({"pixel_spacing_mm": [1e9, 0.2]}, "pixel_spacing_mm: wrong value; found '[1000000000.0, 0.2]';"),
        ({"spacing_plane": "patient"}, "spacing_plane: wrong value; found 'patient'; expected detector or isocentre."),
        ({"spacing_plane": ["detector"]}, "spacing_plane: wrong value; found '[\"detector\"]'"),
        ({"catheters": [{"id": 1, "type": "x", "centerline": [[1]]}]}, "catheters[0].centerline: wrong value;"),
    ],
)
def test_wrong_values_are_named(change, message):
    faults = list(object_faults(RIGHT | change, ENTRY, "training[0]", "list.json"))
    assert len(faults) == 1
    assert message in str(faults[0])


@pytest.mark.parametrize("key", ["image", "mask", "electrodes", "case"])
def test_missing_keys_are_named(key):
    entry = {name: value for name, value in RIGHT.items() if name != key}
    faults = [str(fault) for fault in object_faults(entry, ENTRY, "test[7]", "list.json")]
    assert len(faults) == 1
    assert faults[0].startswith(f"list.json: test[7].{key}: missing; expected")


def test_all_faults_of_a_document_are_found():
    document = {"training": [RIGHT, 5, RIGHT | {"case": ""}], "validation": 4}
    places = [str(fault).split(": ")[1] for fault in object_faults(document, DATALIST, "", "list.json")]
    assert places == ["training[1]", "training[2].case", "validation"]


def test_unknown_keys_are_found_at_every_level():
    entry = RIGHT | {"comment": "x", "electrodes": [ELECTRODE | {"colour": 1}]}
    assert list(unknown_keys({"training": [entry], "name": "set"}, DATALIST)) == [
        "training[0].electrodes[0].colour",
        "training[0].comment",
        "name",
    ]
