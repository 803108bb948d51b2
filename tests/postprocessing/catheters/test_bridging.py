import numpy as np
import pytest

from custom.postprocessing.catheter_types.fit import TypeFit
from custom.postprocessing.catheters.bridging import bridge
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.catheters.rows import FittedRow, Row
from custom.postprocessing.centerlines.centerline import Centerline
from tests.postprocessing.drawing import SHAPE, draw, electrodes_on

ROWS, COLUMNS = SHAPE


def part(y, electrodes, along, *, width=4.0):
    """A row along an image row from x = 100 to the right border, x = 239."""
    points = np.stack([np.arange(100.0, COLUMNS), np.full(COLUMNS - 100, float(y))], axis=1)
    line = Centerline(points, width, (False, True))
    return FittedRow(line, electrodes, np.array(along), fit=TypeFit("unknown", 1.0, 10.0))


def joined_is_better(row: Row) -> FittedRow:
    return FittedRow(row.line, row.electrodes, row.along, row.woven, row.bridged, TypeFit("lasso 10", 1.0, 4.0))


def test_parts_go_on_as_each_other_beyond_the_border():
    first, second = part(50, (0, 1, 2), [95.0, 110.0, 125.0]), part(90, (3, 4), [120.0, 134.0])
    (row,) = bridge([first, second], joined_is_better)
    assert row.bridged
    assert row.line.at_border == (False, False)
    assert row.electrodes == (0, 1, 2, 4, 3)
    # 139 pixels to the border, 40 to where it comes back, then back along the second part.
    assert row.along == pytest.approx([95, 110, 125, 139 + 40 + 5, 139 + 40 + 19])
    assert row.line.length == pytest.approx(139 + 40 + 139)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(part(90, (3, 4), [120.0, 134.0], width=8.0), id="wider"),
        pytest.param(part(125, (3, 4), [120.0, 134.0]), id="too far away"),
        pytest.param(part(90, (3, 4), [20.0, 34.0]), id="electrodes at its other end"),
    ],
)
def test_parts_that_do_not_belong_together_stay_two(other):
    rows = [part(50, (0, 1, 2), [95.0, 110.0, 125.0]), other]
    assert bridge(rows, joined_is_better) == rows


def test_two_catheters_that_leave_the_frame_side_by_side_stay_two():
    upper = [(COLUMNS - 1, 60), (100, 70), (0, 90)]
    lower = [(COLUMNS - 1, 100), (100, 110), (0, 130)]
    along = np.cumsum([6, 8, 14, 8, 14, 8, 14, 8])
    electrodes = np.concatenate([electrodes_on(line, along) for line in (upper, lower)])
    catheters = find_catheters(draw(upper, lower), electrodes)[1]
    assert sorted(sorted(one.electrodes) for one in catheters) == [list(range(8)), list(range(8, 16))]
