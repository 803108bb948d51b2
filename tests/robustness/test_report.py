from __future__ import annotations

import csv
import math

import pytest

from custom.robustness import Blur, Inversion
from custom.robustness.report import Outcome, write_report

CORRUPTIONS = {"blur": Blur([1, 2], "pixels"), "inversion": Inversion([1], "share of the frames")}
OUTCOMES = [
    Outcome(None, 0, 0.0, {"J": 0.8, "precision_3px": 0.0}),
    Outcome("blur", 1, 1, {"J": 0.6, "precision_3px": 0.5}),
    Outcome("blur", 2, 2, {"J": 0.2, "precision_3px": math.nan}),
    Outcome("inversion", 1, 1, {"J": 0.88, "precision_3px": 0.0}),
]


@pytest.fixture
def written(tmp_path):
    return write_report(tmp_path / "report", OUTCOMES, CORRUPTIONS, frames=12)


def test_drops_are_relative(written):
    text = written[0].read_text()
    assert "Frames: 12. Uncorrupted:" in text
    assert "| J | 0.800 |" in text
    assert "| corruption | strength | 1 | 2 |" in text
    assert "| corruption | 1 | 2 | mean |" in text
    assert "| blur | pixels | 1 | 2 |" in text
    assert "| blur | 25.0 | 75.0 | 50.0 |" in text
    assert "| inversion | -10.0 |  | -10.0 |" in text


def test_a_drop_from_nothing_is_undefined(written):
    assert "| blur |  |  |  |" in written[0].read_text()


def test_every_pass_is_a_line(written):
    lines = list(csv.DictReader(written[1].open()))
    assert [(line["corruption"], line["level"], line["strength"]) for line in lines] == [
        ("none", "0", "0.0"),
        ("blur", "1", "1"),
        ("blur", "2", "2"),
        ("inversion", "1", "1"),
    ]
    assert [float(line["J_drop"]) for line in lines] == pytest.approx([0, 0.25, 0.75, -0.1])
    assert (lines[2]["precision_3px"], lines[1]["precision_3px_drop"]) == ("", "")
