import json

import jsonschema
import pytest

from custom.results.json_document import JsonDocument
from tests.conftest import REPOSITORY
from tests.results.frames import COLUMNS, ROWS, make_empty_frame, make_frame, without_spacing, write_all

SCHEMA = json.loads((REPOSITORY / "docs" / "results.schema.json").read_text())


def write(folder, frames, **options):
    (path,) = write_all(JsonDocument(folder), frames, **options)
    document = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)
    return path, document


def test_a_cine_as_programs_read_it(folder, cine):
    path, document = write(folder, cine)
    assert path == folder / "cine.json"
    assert (document["rows"], document["columns"], document["frames_in_file"]) == (ROWS, COLUMNS, 3)
    assert document["complete"] is True
    assert [frame["frame"] for frame in document["frames"]] == [0, 1, 2]
    assert [frame["flags"] for frame in document["frames"]] == [[], ["saturated"], []]
    frame = document["frames"][2]
    assert (frame["pixel_spacing_mm"], frame["spacing_plane"]) == ([0.5, 0.25], "isocentre")
    box = {"x": 30.5, "y": 12.0, "width": 4, "height": 6}
    assert frame["electrodes"][1] == box | {"score": 0.8, "catheter": 0, "pole": 1, "track": 6, "spread_px": 0.25}
    assert frame["electrodes"][2]["catheter"] is None
    (catheter,) = frame["catheters"]
    assert catheter == {
        "id": 0,
        "type": "coronary_sinus",
        "type_confidence": 0.75,
        "centerline": [[20, 12], [60, 12]],
        "tip_known": True,
        "electrodes": [0, 1],
        "length_px": 40,
        "length_mm": 10,
        "confidence": 0.6,
        "track": 2,
    }


def test_what_is_not_known_is_null(folder):
    _, document = write(folder, [without_spacing(make_frame())])
    (frame,) = document["frames"]
    assert frame["pixel_spacing_mm"] is frame["spacing_plane"] is frame["catheters"][0]["length_mm"] is None


def test_nothing_found_is_a_result(folder):
    _, document = write(folder, [make_empty_frame()])
    assert document["frames"][0]["electrodes"] == document["frames"][0]["catheters"] == []


def test_a_file_that_broke_off_is_marked(folder, cine):
    _, document = write(folder, cine[:2], complete=False)
    assert (document["complete"], document["frames_in_file"], len(document["frames"])) == (False, 3, 2)


@pytest.mark.parametrize("change", [{"version": 1}, {"frames": []}, {"more": 1}])
def test_the_schema_refuses_other_documents(folder, cine, change):
    _, document = write(folder, cine)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | change, SCHEMA)
