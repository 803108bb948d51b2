"""Costs by hand: two rings of 2 mm, 1 mm thick, 10 mm apart from middle to middle, seen from the side."""

import math

import numpy as np
import pytest

from custom.postprocessing.catheter_types.pattern_costs import pattern_costs
from custom.postprocessing.catheter_types.patterns import Patterns

PIXELS_A_MM = 3.0


def patterns(**changes) -> Patterns:
    """One pattern of two electrodes, which may move together and apart."""
    root = 1 / math.sqrt(2)
    fields = {
        "types": [1],
        "costs": [0.25],
        "has_tip": [True],
        "is_loop": [False],
        "shown": [1.0],
        "lengths_mm": [[2.0, 2.0]],
        "diameters_mm": [1.0],
        "modes": [[[root, -root], [root, root]]],
        "stiffness": [[0.0, 0.0]],
        "rates": [[[0.0, 2 * root / 10], [0.0, 2 * root / 10]]],
    }
    return Patterns(**{name: np.array(value) for name, value in (fields | changes).items()})


def boxes(side: float = 3.0) -> np.ndarray:
    """Boxes, in mm, times the scale: a ring along the x axis is 2 mm wide and 1 mm high."""
    places = np.array([[0, 0, side - 1, 1], [10, 0, side - 1, 1]])
    return np.asarray(places * PIXELS_A_MM, dtype=float)


def cost(item: Patterns, *, headings=(0.0, 0.0), own_boxes=None, pixel_mm=math.nan, loop_cost=0.0, most=99.0):
    along = np.array([0.0, 10.0]) * PIXELS_A_MM
    rectangles = boxes() if own_boxes is None else own_boxes
    return pattern_costs(along, np.array(headings), rectangles, item, pixel_mm, loop_cost, most, 3)


def shrunk_scale_cost() -> float:
    """The first guess is a foreshortening of 0.85; the scale that the boxes tell is then off by a little."""
    first = 6.0 / (0.85 * 2 * 2 + (math.sqrt(1 - 0.85**2) + 1) * 2) * PIXELS_A_MM
    shortened = min(PIXELS_A_MM / first, 1.0)
    second = 6.0 / (shortened * 2 * 2 + (math.sqrt(1 - shortened**2) + 1) * 2) * PIXELS_A_MM
    ratio = math.log(PIXELS_A_MM / second)
    return 0.5 * (ratio / (0.15 if ratio > 0 else 0.5)) ** 2


def test_spacings_that_fit_cost_what_the_pattern_costs_and_what_the_sizes_tell():
    assert cost(patterns()) == pytest.approx([np.inf, 0.25 + shrunk_scale_cost(), np.inf])


def test_spacings_that_nothing_explains():
    """Without the mode that moves them apart, two electrodes 30 pixels apart are each 15 pixels off by 0.7."""
    stiff = patterns(stiffness=[[0.0, 1e12]], rates=[[[0.0, 0.0], [0.0, 0.0]]])
    unexplained = 2 * 15**2 / (2 * 0.7**2)
    assert cost(stiff, most=1e4)[1] >= 0.25 + unexplained
    assert np.isinf(cost(stiff, most=unexplained)).all()


def test_boxes_of_any_size_fit_without_a_spacing_but_not_with_one():
    """Magnified boxes mean more pixels a mm; where a pixel is 1 mm, that is 3 times, and 1.75 is the most."""
    without = cost(patterns())[1]
    assert cost(patterns(), pixel_mm=0.4)[1] == pytest.approx(without)
    assert cost(patterns(), pixel_mm=1.0)[1] - without == pytest.approx(
        0.5 * (math.log(3 / 1.75) / 0.15) ** 2, rel=0.05
    )


def test_a_loop_has_to_turn_and_others_must_not():
    straight, loop = patterns(), patterns(is_loop=[True])
    assert cost(loop, loop_cost=2.0)[1] - cost(straight)[1] == pytest.approx(0.5 * 4.5**2 + 2.0)
    around = (0.0, 2 * math.pi)
    assert cost(straight, headings=around)[1] - cost(straight)[1] == pytest.approx(
        0.5 * ((2 * math.pi - 3.2) / 0.5) ** 2
    )
    assert cost(loop, headings=around)[1] == pytest.approx(cost(straight)[1])


def test_the_best_of_a_types_patterns_counts():
    one = patterns()
    both = Patterns(*(np.concatenate([field, field]) for field in one))._replace(costs=np.array([4.0, 0.25]))
    assert cost(both) == pytest.approx(cost(one))
