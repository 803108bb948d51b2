import numpy as np
import pytest

from custom.postprocessing.catheter_types.fit import TypeFit, fit_star, least_cost
from custom.postprocessing.catheter_types.fit import fit_type as fit_type_of_table
from custom.postprocessing.catheter_types.row import ElectrodeRow
from custom.postprocessing.catheter_types.table import load_catheter_types

TYPES = load_catheter_types()
VARIANTS = [
    pytest.param(name, gaps, id=f"{name} {gaps[0]}-{gaps[-1]}")
    for name, item in TYPES.by_name.items()
    if item.shape != "star"
    for gaps in item.gaps_mm
]


def fit_type(row: ElectrodeRow, pixel_mm: float = np.nan) -> TypeFit:
    return fit_type_of_table(row, TYPES, pixel_mm)


def middle(limits):
    return (limits.low + limits.high) / 2


def row_of(name, gaps, *, pixels_a_mm=2.0, foreshortening=None, missed=(), cut=False):
    """A row of a type's electrodes along the x axis, or around a circle for a loop."""
    item = TYPES.by_name[name]
    lengths = np.full(len(gaps) + 1, middle(item.ring_length_mm))
    lengths[0] = middle(item.tip_length_mm)
    steps = np.array(gaps) + (lengths[1:] + lengths[:-1]) / 2
    places = np.concatenate([[0], np.cumsum(steps)])
    share = np.ones_like(places) if foreshortening is None else foreshortening(places / places[-1])
    along = np.concatenate([[0], np.cumsum(steps * (share[1:] + share[:-1]) / 2)]) * pixels_a_mm
    headings = along / along[-1] * (2 * np.pi if item.shape == "loop" else 0.5)
    diameter = middle(item.diameter_mm)
    axes = np.stack([np.abs(np.cos(headings)), np.abs(np.sin(headings))], axis=1) * share[:, None]
    sizes = (axes * lengths[:, None] + diameter * np.sqrt(1 - axes**2)) * pixels_a_mm
    radius = along[-1] / (2 * np.pi)
    round_points = radius * np.stack([np.cos(headings), np.sin(headings)], axis=1)
    points = round_points if item.shape == "loop" else np.stack([along, np.zeros_like(along)], axis=1)
    kept = [index for index in range(len(places)) if index not in missed]
    boxes = np.concatenate([points, sizes], axis=1)[kept]
    return ElectrodeRow(along[kept], headings[kept], boxes, cut=cut)


@pytest.mark.parametrize(("name", "gaps"), VARIANTS)
@pytest.mark.parametrize("pixels_a_mm", [1.5, 4.0])
def test_every_pattern_is_found_at_every_scale(name, gaps, pixels_a_mm):
    fit = fit_type(row_of(name, gaps, pixels_a_mm=pixels_a_mm))
    assert fit.name == name
    assert 0.5 < fit.confidence <= 1


@pytest.mark.parametrize(("name", "gaps"), VARIANTS)
def test_foreshortening_that_grows_along_the_catheter(name, gaps):
    row = row_of(name, gaps, foreshortening=lambda place: 1 - 0.35 * place)
    assert fit_type(row).name == name


@pytest.mark.parametrize(("name", "gaps"), [item for item in VARIANTS if len(item.values[1]) >= 9])
@pytest.mark.parametrize("missed", [(4,), (3, 6), (0,)])
def test_missed_electrodes(name, gaps, missed):
    assert fit_type(row_of(name, gaps, missed=missed)).name == name


def test_tip_beyond_the_border_costs_less_than_missed_electrodes():
    gaps = [2, 5, 2, 5, 2, 5, 2, 5, 2]
    cut = fit_type(row_of("coronary sinus", gaps, missed=(0, 1), cut=True))
    missed = fit_type(row_of("coronary sinus", gaps, missed=(0, 1)))
    assert (cut.name, missed.name) == ("coronary sinus", "coronary sinus")
    assert cut.cost < missed.cost


def test_irregular_row_is_unknown():
    along = np.array([0.0, 3, 21, 24, 25, 60, 61.0])
    boxes = np.column_stack([along, np.zeros(7), np.full((7, 2), 4.0)])
    assert fit_type(ElectrodeRow(along, np.zeros(7), boxes, cut=False)).name == "unknown"


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_known_from_less_than_two_electrodes(count):
    boxes = np.full((count, 4), 4.0)
    fit = fit_type(ElectrodeRow(np.zeros(count), np.zeros(count), boxes, cut=False))
    assert fit[:2] == ("unknown", 0.0)


def test_known_spacing_tells_a_catheter_from_one_six_times_its_size():
    row = row_of("quadripolar", [5, 5, 5], pixels_a_mm=6.0)
    assert fit_type(row, pixel_mm=1 / 6).name == "quadripolar"
    assert fit_type(row, pixel_mm=1.0).name == "unknown"


@pytest.mark.parametrize(("electrodes", "name"), [(20, "star mapping"), (17, "star mapping"), (70, "unknown")])
def test_star(electrodes, name):
    assert fit_star(electrodes, arms=5, table=TYPES).name == name


@pytest.mark.parametrize("cut", [False, True])
def test_no_row_costs_less_than_the_least(cut):
    rows = [row_of(*item.values, missed=missed, cut=cut) for item in VARIANTS for missed in [(), (0,)]]
    for row in rows:
        assert least_cost(len(row.along), TYPES, cut=cut) <= fit_type(row).cost + 1e-9


def test_half_a_loop_beyond_the_border_need_not_go_round():
    gaps = [4.5] * 9
    assert fit_type(row_of("lasso 10", gaps, missed=(0, 1, 2, 3), cut=True)).name == "lasso 10"


def test_electrodes_that_stop_before_the_border_do_not_go_on_beyond_it():
    along = np.arange(4) * 8.0
    boxes = np.column_stack([along, np.zeros(4), np.full((4, 2), 4.0)])
    near, far = (ElectrodeRow(start + along, np.zeros(4), boxes, cut=True) for start in (10.0, 60.0))
    assert near.tip_cost() == 0
    assert far.tip_cost() == pytest.approx(0.1 * (60 - 14 - 2 * 8))
