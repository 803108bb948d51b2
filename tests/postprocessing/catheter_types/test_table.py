import re

import pytest
import yaml

from custom.errors import InputError
from custom.postprocessing.catheter_types.table import DEFAULT_TABLE, load_catheter_types
from custom.simulation.device_table import load_devices

ENTRY = {
    "annotated_as": ["octapolar"],
    "gaps_mm": [[2, 2, 2, 2, 2, 2, 2]],
    "tip_length_mm": [1, 2],
    "ring_length_mm": [1, 2],
    "diameter_mm": [1.7, 2.0],
}


def write(folder, **changes):
    path = folder / "types.yaml"
    path.write_text(yaml.safe_dump({"octapolar": ENTRY | changes}))
    return path


def test_own_table(tmp_path):
    item = load_catheter_types(write(tmp_path)).by_name["octapolar"]
    assert (item.shape, item.arms, len(item.gaps_mm[0])) == ("line", 1, 7)


def test_every_simulated_device_with_two_electrodes_or_more_has_a_type():
    named = {name for item in load_catheter_types().by_name.values() for name in item.annotated_as}
    assert {device.type for device in load_devices().values() if device.ring_gaps_mm} == named


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": "spiral"}, "octapolar.shape: is no shape; found 'spiral'; expected line, loop, star"),
        ({"arms": 3}, "octapolar.arms: does not fit the shape; found 3"),
        ({"shape": "star"}, "octapolar.arms: does not fit the shape; found 1"),
        ({"gaps_mm": []}, "octapolar.gaps_mm: is no pattern; found []"),
        ({"gaps_mm": [[2, 0]]}, "octapolar.gaps_mm: is no pattern; found [[2.0, 0.0]]"),
        ({"gaps_mm": [[2] * 40]}, "octapolar.gaps_mm: is no pattern"),
        ({"gaps_mm": [[2, 1e308]]}, "octapolar.gaps_mm: is no pattern; found [[2.0, 1e+308]]"),
        (
            {"diameter_mm": [0, 2]},
            "octapolar.diameter_mm: is no length; found [0.0, 2.0]; expected lengths of 0.01 to 1000 mm",
        ),
        ({"diameter_mm": [2, 2000]}, "octapolar.diameter_mm: is no length; found [2.0, 2000.0]"),
        ({"ring_length_mm": [2, 1]}, "octapolar.ring_length_mm: is not a range"),
        ({"ring_length_mm": [float("nan")] * 2}, "octapolar.ring_length_mm: is not a range; found [nan, nan]"),
        ({"gaps_mm": [[float("inf"), 2]]}, "octapolar.gaps_mm[0][0]: is no finite number; found inf"),
        ({"gaps_mm": [[2, 10**400]]}, "octapolar.gaps_mm[0][1]: is no finite number; found 1000"),
        ({"color": "red"}, "octapolar: unknown keys; found 'color'"),
    ],
)
def test_faults_are_named(tmp_path, changes, message):
    with pytest.raises(InputError, match=re.escape(message)):
        load_catheter_types(write(tmp_path, **changes))


def test_unknown_is_no_name(tmp_path):
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump({"unknown": ENTRY}))
    with pytest.raises(InputError, match="is the name of what fits no type"):
        load_catheter_types(path)


@pytest.mark.parametrize("name", ["a\nb", "a\\b", " lead", "x" * 65])
def test_names_that_a_format_cannot_hold_are_refused(tmp_path, name):
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump({name: ENTRY}))
    with pytest.raises(InputError, match=r"is no name that all results can hold; found .*; expected one line"):
        load_catheter_types(path)


@pytest.mark.parametrize("name", ["冠状静脉窦", "Koronarsinus 10-polig (ä)", "x" * 64])
def test_names_of_any_language(tmp_path, name):
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump({name: ENTRY}, allow_unicode=True), encoding="utf-8")
    assert list(load_catheter_types(path).by_name) == [name]


ONE = yaml.safe_dump(ENTRY, default_flow_style=True).strip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"a: {ONE}\nb: {ONE}\na: {ONE}\n", "types.yaml: is not YAML that can be used; found 'Duplicate key: `a`'"),
        (f"'': {ONE}", "types.yaml: '' is no name; expected text"),
        (f"' ': {ONE}", "types.yaml: ' ' is no name; expected text"),
        (f"null: {ONE}", "types.yaml: None is no name; expected text"),
        (f"20: {ONE}", "types.yaml: 20 is no name; expected text. Write it in quotation marks"),
        (f"[a]: {ONE}", "types.yaml: is not YAML that can be used"),
        ("", "types.yaml: has the wrong form; expected a mapping"),
        ("[1, 2]", "types.yaml: has the wrong form; found [1, 2]; expected a mapping"),
        ("{}", "types.yaml: holds no type"),
        (b"\x89PNG\r\n", "types.yaml: is no text in UTF-8"),
    ],
)
def test_texts_that_are_no_table_are_refused(tmp_path, text, message):
    path = tmp_path / "types.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=re.escape(message)):
        load_catheter_types(path)


def test_absent_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml"):
        load_catheter_types(tmp_path / "none.yaml")


def test_the_default_is_the_file_beside_the_code():
    assert load_catheter_types(DEFAULT_TABLE).by_name == load_catheter_types().by_name
