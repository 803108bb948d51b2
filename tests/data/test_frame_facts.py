from __future__ import annotations

import json

import pytest

from custom.data.frame_facts import electrode_facts, frame_facts
from custom.errors import InputError


def entry(**fields):
    return {"image": "a.png", "mask": None, "electrodes": None, "case": "c", **fields}


def test_fields_of_the_entry_and_counts_of_its_labels(tmp_path):
    lasso = {"id": 1, "type": "lasso", "centerline": []}
    electrodes = [{"x": 1, "y": 2, "width": 3, "height": 3, "catheter": 1}, {"x": 9, "y": 2, "width": 3, "height": 3}]
    labelled = entry(vendor="A", electrodes=electrodes, catheters=[lasso, {**lasso, "id": 2}], pixel_spacing_mm=[1, 1])
    first, second = frame_facts([labelled, entry()], tmp_path / "datalist.json")
    assert (first["vendor"], first["case"], first["electrode_count"], first["device_count"]) == ("A", "c", 2, 2)
    assert first["device"] == ["lasso"]
    assert "pixel_spacing_mm" not in first
    assert second == {"image": "a.png", "case": "c"}
    assert electrode_facts(labelled)["device"] == ["lasso", None]
    assert electrode_facts(entry()) == {"device": [], "electrode_distance": []}


def test_names_of_what_labels_tell_are_not_taken_from_the_entry(tmp_path):
    """A C-arm is no catheter: its frames would be a group of their own with no electrode in it."""
    (facts,) = frame_facts([entry(device="C-arm 2", electrode_count=7, vendor="A")], tmp_path / "datalist.json")
    assert facts == {"image": "a.png", "case": "c", "vendor": "A"}


def test_how_far_away_the_nearest_other_electrode_is(tmp_path):
    # 3, 5 and 4 pixels apart: 1, 1 and 4 sides, since the last has a box of 1 pixel and the others of 2 x 4.
    places = [(10, 10, 2, 4), (10, 13, 2, 4), (14, 10, 1, 1)]
    electrodes = [dict(zip(("x", "y", "width", "height"), place, strict=True)) for place in places]
    assert electrode_facts(entry(electrodes=electrodes))["electrode_distance"] == ["1 side or more"] * 3
    electrodes[1] |= {"width": 16, "height": 8}  # 3 pixels are 0.25 of its sides, and 1 of the other's
    close = entry(electrodes=electrodes)
    assert electrode_facts(close)["electrode_distance"] == ["1 side or more", "0.25 to 0.5 sides", "1 side or more"]
    assert electrode_facts(entry(electrodes=electrodes[:1]))["electrode_distance"] == ["1 side or more"]
    (facts,) = frame_facts([close], tmp_path / "datalist.json")
    assert facts["electrode_distance"] == ["0.25 to 0.5 sides", "1 side or more"]


def test_what_the_simulator_drew_for_the_sequence(tmp_path):
    record = {"sequence": "s1", "procedure": "pacing", "dose_ngy": 12.5, "devices": ["ICD lead"]}
    (tmp_path / "simulation.json").write_text(json.dumps({"sequences": [record]}))
    simulated, other = frame_facts([entry(sequence="s1"), entry(sequence="s2")], tmp_path / "datalist.json")
    assert (simulated["procedure"], simulated["dose_ngy"]) == ("pacing", 12.5)
    assert "dose_ngy" not in other


@pytest.mark.parametrize("content", [{"a": 1}, [], {"sequences": [{"name": "s1"}]}, {"sequences": 5}])
def test_another_file_of_the_simulators_name_is_refused(tmp_path, content):
    (tmp_path / "simulation.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"simulation\.json: is no record.*Move it"):
        frame_facts([entry(sequence="s1")], tmp_path / "datalist.json")


def test_numbers_that_are_none_are_not_known(tmp_path):
    facts = frame_facts([entry(dose=float("nan")), entry(dose=float("inf"))], tmp_path / "datalist.json")
    assert not any("dose" in known for known in facts)
