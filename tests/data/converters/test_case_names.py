from pathlib import Path

import pytest

from custom.data.converters.case_names import with_named_cases
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.errors import FaultsError, InputError


def conversion(*names):
    frames = [SourceFrame(name, Path(f"{name}.png"), case=name) for name in names]
    return Conversion(frames, ["1 image left out"], about_cases="every frame is a case")


@pytest.mark.parametrize(
    ("pattern", "cases"),
    [
        ("^[^/]+", ["p1", "p1", "p2"]),
        ("p([0-9])/", ["1", "1", "2"]),
        ("p([0-9])/(left|right)", ["1", "1", "2"]),
        ("(?:left|right)", ["left", "right", "left"]),
    ],
)
def test_the_pattern_finds_the_case_in_the_name(pattern, cases):
    given = conversion("p1/left/a", "p1/right/a", "p2/left/b")
    named = with_named_cases(given, pattern)
    assert [frame.case for frame in named.frames] == cases
    assert named.all_remarks() == ["1 image left out", f"2 cases, from {min(cases)} to {max(cases)}"]


def test_names_without_a_case_are_listed():
    with pytest.raises(FaultsError) as caught:
        with_named_cases(conversion("p1/left/a", "p1/right/a"), "left")
    problem = "the pattern finds no case in the name of this frame"
    assert str(caught.value) == (
        f"--case 'left': 1 frame without a case\n  - p1/right/a.png: {problem}; found 'p1/right/a'."
    )


@pytest.mark.parametrize("pattern", ["x?", "(x)?p"])
def test_an_empty_match_is_no_case(pattern):
    with pytest.raises(FaultsError, match="2 frames without a case"):
        with_named_cases(conversion("p1", "p2"), pattern)


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"--case: no regular expression \(missing \), .*; found '\(p'"):
        with_named_cases(conversion("p1"), "(p")
