"""docs/results.md knows every format, every column and every flag."""

import inspect
import json
import re

from custom.results import FORMATS, motion, tables
from custom.transforms.check_frame import FRAME_FLAGS
from scripts.infer import infer
from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "docs" / "results.md").read_text()


def rows_of(heading):
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE))


def test_formats():
    assert list(rows_of("Formats")) == list(FORMATS)
    assert all(name in inspect.getdoc(infer) for name in FORMATS)


def test_flags():
    assert rows_of("Flags") == FRAME_FLAGS


def test_columns():
    rows = dict(re.findall(r"^\| `NAME_(\w+)\.csv` \| (`source`.*|`frame_index`.*) \|$", TEXT, re.MULTILINE))
    columns = {name: re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", text)) for name, text in rows.items()}
    assert columns == {
        "electrodes": [*tables.FRAME, *tables.ELECTRODE],
        "catheters": [*tables.FRAME, *tables.CATHETER],
        "motion": motion.COLUMNS,
    }


def test_every_field_of_the_json_is_described():
    schema = json.loads((REPOSITORY / "docs" / "results.schema.json").read_text())
    kinds = {"": schema, **{name: schema["$defs"][name] for name in ("frame", "electrode", "catheter")}}
    fields = {(name, key): field for name, kind in kinds.items() for key, field in kind["properties"].items()}
    assert [place for place, field in fields.items() if "description" not in field] == []
    assert [name for name, kind in kinds.items() if set(kind["required"]) != set(kind["properties"]) - {"engine"}] == []
