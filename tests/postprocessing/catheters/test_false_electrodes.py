"""Losses by hand: an electrode of score 0.4 may be none at a cost of 13 * 0.4 - 4.8 + 1 = 1.4, one of 0.6 at 4."""

import numpy as np
import pytest

from custom.postprocessing.catheter_types.fit import TypeFit
from custom.postprocessing.catheters.false_electrodes import without_false
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.catheters.rows import FittedRow
from custom.postprocessing.centerlines.centerline import Centerline
from tests.postprocessing.drawing import draw, electrodes_on

LINE = Centerline(np.array([(20.0, 30.0), (200.0, 110.0)]), 4.0, (False, True))
SCORES = np.array([0.6, 0.4, 0.9, 0.4])


def cleaned(costs, scores=SCORES, unknown=()):
    """The electrodes left of 0, 1, 2 and 3, and the rows looked at, given what rows cost without some of them."""
    seen = []

    def fitted(row):
        seen.append(row.electrodes)
        name = "unknown" if row.electrodes in unknown else "lead"
        return FittedRow(LINE, row.electrodes, row.along, fit=TypeFit(name, 1.0, costs.get(row.electrodes, 99.0)))

    everything = (0, 1, 2, 3)
    row = FittedRow(LINE, everything, np.array([1.0, 11, 27, 37]), fit=TypeFit("unknown", 1.0, costs[everything]))
    result = without_false(row, scores, fitted)
    assert result.along.tolist() == [[1.0, 11, 27, 37][electrode] for electrode in result.electrodes]
    return result.electrodes, seen


@pytest.mark.parametrize(("cost", "left"), [(8.7, (0, 1, 2, 3)), (8.5, (0, 1, 2))])
def test_an_electrode_is_left_out_where_the_rest_costs_less_by_more_than_its_score_says(cost, left):
    assert cleaned({(0, 1, 2, 3): 10.0, (0, 1, 2): cost})[0] == left


def test_the_one_that_gains_most_is_left_out_and_then_the_next():
    costs = {(0, 1, 2, 3): 10.0, (1, 2, 3): 5.0, (0, 1, 2): 8.0, (0, 2, 3): 7.0, (0, 2): 5.5}
    assert cleaned(costs)[0] == (0, 2)
    assert cleaned(costs | {(0, 2): 5.7})[0] == (0, 2, 3)


def test_a_row_of_no_known_type_keeps_all():
    assert cleaned({(0, 1, 2, 3): 20.0, (0, 1, 2): 1.0}, unknown=[(0, 1, 2)])[0] == (0, 1, 2, 3)


def test_what_cannot_gain_or_is_sure_is_not_looked_at():
    assert cleaned({(0, 1, 2, 3): 9.0})[1] == [(1, 2, 3), (0, 2, 3), (0, 1, 2)]
    assert cleaned({(0, 1, 2, 3): 3.5})[1] == [(0, 2, 3), (0, 1, 2)]


def test_two_electrodes_stay():
    costs = {(0, 1, 2, 3): 30.0, (0, 2, 3): 20.0, (0, 2): 10.0, (0,): 0.0}
    assert cleaned(costs, np.zeros(4))[0] == (0, 2)


@pytest.mark.parametrize(("score", "name", "pole"), [(0.35, "quadripolar", None), (0.99, "unknown", 3)])
def test_a_fifth_electrode_on_a_quadripolar_catheter(score, name, pole):
    """Four of 2-5-2 mm, and one in the middle of the gap between the third and the fourth."""
    line = [(20, 30), (120, 60), (239, 140)]
    electrodes = electrodes_on(line, [3.0, 9.7, 22.1, 28.5, 25.3])
    electrodes[-1, 4] = score
    found, (catheter,) = find_catheters(draw(line), electrodes, pixel_spacing_mm=(0.5, 0.5))
    assert (catheter.type, found[-1].pole) == (name, pole)
    assert found[-1].catheter == (None if pole is None else catheter.id)
    assert len(found) == 5
