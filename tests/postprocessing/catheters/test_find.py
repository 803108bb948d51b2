import time

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from custom.postprocessing.catheters.confidence import catheter_confidence
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.polyline import resample_polyline
from tests.postprocessing.drawing import SHAPE, arc, coronary_sinus_along, draw, electrodes_on

NONE = np.zeros((0, 5))
ROWS, COLUMNS = SHAPE
# From its tip inside the frame to the right border.
CORONARY_SINUS = [(60, 60), (100, 65), (160, 100), (200, 105), (239, 100)]


def coronary_sinus():
    return draw(CORONARY_SINUS), electrodes_on(CORONARY_SINUS, coronary_sinus_along())


def distance_to(line, points):
    """Mean distance of points from a finely drawn line."""
    return cdist(points, resample_polyline(np.array(line, dtype=float), 0.25)).min(axis=1).mean()


def test_straight_line():
    line = [(239, 90), (100, 90)]  # the tip is at x = 100
    electrodes = electrodes_on(line[::-1], [1, 11, 27, 37])[[2, 0, 3, 1]]
    found, catheters = find_catheters(draw(line), electrodes)
    (catheter,) = catheters
    assert catheter.tip_known
    assert catheter.electrodes == (1, 3, 0, 2)
    assert [electrode.pole for electrode in found] == [2, 0, 3, 1]
    assert {electrode.catheter for electrode in found} == {catheter.id}
    assert catheter.centerline[0] == pytest.approx([100, 90], abs=1.5)
    assert catheter.centerline[-1] == pytest.approx([239, 90], abs=0.2)
    assert np.abs(catheter.centerline[:, 1] - 90).max() < 0.1
    assert catheter.length_px == pytest.approx(139, abs=1.5)
    assert catheter.length_mm is None


def test_length_in_mm_respects_both_spacings():
    line = [(239, 90), (100, 90), (100, 40)]
    (catheter,) = find_catheters(draw(line), NONE, pixel_spacing_mm=(0.2, 0.5))[1]
    assert catheter.length_mm == pytest.approx(139 * 0.5 + 50 * 0.2, rel=0.03)


@pytest.mark.parametrize("spacing", [(np.nan, np.nan), None])
def test_without_spacing_there_are_no_mm(spacing):
    mask, electrodes = coronary_sinus()
    assert find_catheters(mask, electrodes, pixel_spacing_mm=spacing)[1][0].length_mm is None


def test_corner_is_one_device():
    line = [(100, 30), (100, 120), (239, 120)]
    (catheter,) = find_catheters(draw(line), electrodes_on(line, [1, 11, 27, 37]))[1]
    assert catheter.electrodes == (0, 1, 2, 3)
    assert catheter.length_px == pytest.approx(90 + 139, rel=0.03)


def test_crossing_lines_stay_two_devices():
    lines = [(70, 30), (170, 179)], [(170, 20), (50, 179)]
    electrodes = np.concatenate([electrodes_on(line, [1, 11, 27, 37]) for line in lines])
    found, catheters = find_catheters(draw(*lines), electrodes)
    assert sorted(catheter.electrodes for catheter in catheters) == [(0, 1, 2, 3), (4, 5, 6, 7)]
    for catheter in catheters:
        line = lines[0] if catheter.electrodes[0] == 0 else lines[1]
        assert catheter.tip_known
        assert distance_to(line, catheter.centerline) < 0.3
        assert [found[index].pole for index in catheter.electrodes] == [0, 1, 2, 3]


def test_electrodes_come_along_a_shaft_though_a_bare_wire_goes_straight_on():
    tip = (120 + 70 * np.cos(np.radians(20)), 90 - 70 * np.sin(np.radians(20)))
    line = np.array([tip, (120, 90), (0, 90)])
    mask = draw(line, [(120, 90), (190, 90)])
    catheter, wire = find_catheters(mask, electrodes_on(line, 3 + 6.0 * np.arange(4)))[1]
    assert catheter.electrodes == (0, 1, 2, 3)
    assert distance_to(line, catheter.centerline) < 1.5
    assert wire.electrodes == ()


def test_loop_at_the_end_of_a_shaft():
    shaft = np.array([(239, 120), (180, 118), (130, 112)])
    loop = arc((118, 80), 32, 70, 400)
    line = np.concatenate([shaft, loop])[::-1]
    electrodes = electrodes_on(line, 3 + 10.2 * np.arange(20), side=4)
    catheters = find_catheters(draw(line, radius=1.5), electrodes)[1]
    (catheter,) = catheters
    assert catheter.electrodes == tuple(range(20))
    assert catheter.type == "lasso 20"
    assert distance_to(line, catheter.centerline) < 0.5


def test_electrodes_lead_over_a_gap():
    along = coronary_sinus_along()
    mask, electrodes = coronary_sinus()
    columns = np.arange(COLUMNS)
    gap = (columns > electrodes[4, 0] - 6) & (columns < electrodes[5, 0] + 3)
    mask[:, gap] = False
    (catheter,) = (item for item in find_catheters(mask, electrodes)[1] if item.electrodes)
    assert catheter.electrodes == tuple(range(len(along)))
    assert catheter.type == "coronary sinus"


def test_specks_of_mask_in_a_gap_do_not_lead_astray():
    centre, radius = (120, 150), 80
    first, second = arc(centre, radius, 200, 262), arc(centre, radius, 278, 340)
    speck = first[-1] + [(12, -2), (18, -2)]  # where the wire would go on if it did not bend
    (wire,) = find_catheters(draw(first, second, speck, radius=1), NONE)[1]
    assert distance_to(arc(centre, radius, 200, 340), wire.centerline) < 1
    assert wire.length_px == pytest.approx(radius * np.radians(140), abs=3)


@pytest.mark.parametrize(("gap", "devices"), [(15, 1), (70, 2)])
def test_wire_goes_on_beyond_a_short_gap(gap, devices):
    line = [(0, 40), (239, 120)]
    mask = draw(line, radius=1)
    mask[:, 100 : 100 + gap] = False
    catheters = find_catheters(mask, NONE)[1]
    assert len(catheters) == devices
    assert all(distance_to(line, catheter.centerline) < 0.4 for catheter in catheters)


def test_pieces_that_do_not_point_at_each_other_stay_apart():
    mask = draw([(0, 40), (100, 40)], [(115, 60), (115, 179)], radius=1)
    assert len(find_catheters(mask, NONE)[1]) == 2


def test_electrode_beyond_the_end_of_the_mask():
    line = [(100, 90), (239, 90)]
    electrodes = electrodes_on(line, [1, 11, 27, 37])
    mask = draw(line)
    mask[:, :106] = False
    (catheter,) = find_catheters(mask, electrodes)[1]
    assert catheter.electrodes == (0, 1, 2, 3)


def test_tip_is_not_at_the_border():
    line = [(100, 90), (239, 90)]
    electrodes = electrodes_on(line, [130, 120, 104, 94])
    (catheter,) = find_catheters(draw([(0, 90), (239, 90)]), electrodes)[1]
    assert not catheter.tip_known
    assert catheter.electrodes == (0, 1, 2, 3)


def test_free_end_of_a_wire_is_its_tip():
    (wire,) = find_catheters(draw([(239, 30), (120, 110)], radius=1), NONE)[1]
    assert wire.tip_known
    assert wire.centerline[0] == pytest.approx([120, 110], abs=1.5)
    assert (wire.type, wire.type_confidence) == ("unknown", 0.0)


def test_of_two_free_ends_none_is_the_tip():
    (wire,) = find_catheters(draw([(60, 30), (120, 110)]), NONE)[1]
    assert not wire.tip_known


def test_electrodes_without_a_mask_make_a_catheter_where_they_have_a_pattern():
    electrodes = coronary_sinus()[1]
    found, (catheter,) = find_catheters(np.zeros(SHAPE), electrodes)
    assert catheter.type == "coronary sinus"
    assert [electrode.pole for electrode in found] in (list(range(10)), list(range(10))[::-1])


def test_lone_electrode_stays_without_a_catheter():
    mask, electrodes = coronary_sinus()
    found, _ = find_catheters(mask, np.concatenate([electrodes, [[30, 150, 4, 4, 0.4]]]))
    assert (found[10].catheter, found[10].pole) == (None, None)
    assert all(electrode.catheter is not None for electrode in found[:10])


@pytest.mark.parametrize("size", [1, 2])
def test_confidence_comes_from_the_probability_along_the_line_its_length_and_the_scores(size):
    probability = np.zeros((200 * size, 240 * size))
    probability[90 * size : 100 * size, 100 * size : 200 * size] = 0.9
    electrodes = electrodes_on([(100 * size, 95 * size), (200 * size, 95 * size)], [1, 11, 27, 37]) * [1, 1, 1, 1, 0]
    electrodes[:, 4] = 0.25
    (catheter,) = find_catheters(probability > 0.5, electrodes, probability=probability)[1]
    assert catheter.length_px / (240 * size) == pytest.approx(100 / 240, abs=0.04)
    expected = catheter_confidence(np.array([0.9]), catheter.length_px / (240 * size), [0.25] * 4)
    assert catheter.confidence == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    "mask",
    [np.zeros(SHAPE), np.ones(SHAPE), np.eye(1, ROWS * COLUMNS, 777).reshape(SHAPE)],
    ids=["empty", "full", "one pixel"],
)
@pytest.mark.parametrize("electrodes", [NONE, np.array([[20.0, 30.0, 4.0, 4.0, 0.5]])], ids=["none", "one"])
def test_degenerate_masks(mask, electrodes):
    found, catheters = find_catheters(mask, electrodes)
    assert len(found) == len(electrodes)
    assert all(np.isfinite(catheter.centerline).all() for catheter in catheters)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_noise_takes_bounded_time(share):
    rng = np.random.default_rng(0)
    electrodes = np.column_stack([rng.uniform(0, 512, (100, 2)), np.full((100, 3), 6.0)])
    started = time.process_time()
    find_catheters(rng.random((512, 512)) < share, electrodes)
    assert time.process_time() - started < 20


def test_order_of_the_input_does_not_matter():
    mask, electrodes = coronary_sinus()
    electrodes = np.concatenate([electrodes, electrodes_on([(30, 170), (30, 100)], [1, 11, 27, 37])])
    mask |= draw([(30, 179), (30, 100)])
    order = np.random.default_rng(1).permutation(len(electrodes))
    one, catheters = find_catheters(mask, electrodes)
    other, others = find_catheters(mask, electrodes[order])
    assert [one[index] for index in order] == list(other)
    for catheter, same in zip(catheters, others, strict=True):
        assert np.array_equal(catheter.centerline, same.centerline)
        assert catheter.electrodes == tuple(order[list(same.electrodes)])


@pytest.mark.parametrize("transform", ["mirror", "transpose", "rotate", "shift"])
def test_moved_frame_gives_moved_catheters(transform):
    lines = CORONARY_SINUS, [(120, 30), (90, 179)]
    mask = draw(*lines)
    electrodes = np.concatenate(
        [electrodes_on(lines[0], coronary_sinus_along()), electrodes_on(lines[1], [1, 11, 27, 37])]
    )
    x, y = electrodes[:, 0], electrodes[:, 1]
    moved_mask, moved_x, moved_y = {
        "mirror": (mask[:, ::-1], COLUMNS - 1 - x, y),
        "transpose": (mask.T, y, x),
        "rotate": (np.rot90(mask), y, COLUMNS - 1 - x),
        "shift": (np.pad(mask, ((9, 0), (0, 0)), mode="edge"), x, y + 9),
    }[transform]
    moved = np.column_stack([moved_x, moved_y, electrodes[:, 2:]])
    expected = {(item.type, item.electrodes) for item in find_catheters(mask, electrodes)[1]}
    assert {(item.type, item.electrodes) for item in find_catheters(moved_mask, moved)[1]} == expected
    assert {kind for kind, _ in expected} == {"coronary sinus", "quadripolar"}


@pytest.mark.parametrize("scale", [2, 3])
def test_larger_frame_gives_the_same_catheters(scale):
    mask, electrodes = coronary_sinus()
    larger = np.kron(mask, np.ones((scale, scale)))
    scaled = electrodes.copy()
    scaled[:, :2] = (electrodes[:, :2] + 0.5) * scale - 0.5
    scaled[:, 2:4] *= scale
    (catheter,), (same,) = find_catheters(mask, electrodes)[1], find_catheters(larger, scaled)[1]
    assert (same.type, same.electrodes) == (catheter.type, catheter.electrodes)
    assert same.length_px == pytest.approx(scale * catheter.length_px, rel=0.02)
    assert distance_to((np.array(CORONARY_SINUS) + 0.5) * scale - 0.5, same.centerline) < 0.6 * scale


@pytest.mark.parametrize(("length", "devices"), [(25, 0), (45, 1)])
def test_short_piece_without_electrodes_is_no_device(length, devices):
    assert len(find_catheters(draw([(100, 90), (100 + length, 90)]), NONE)[1]) == devices


@pytest.mark.parametrize(("pixel_mm", "devices"), [(0.3, 0), (0.6, 1)])
def test_shortest_device_is_known_in_mm(pixel_mm, devices):
    mask = draw([(100, 90), (145, 90)])
    assert len(find_catheters(mask, NONE, pixel_spacing_mm=(pixel_mm, pixel_mm))[1]) == devices


def test_devices_keep_their_width_where_they_touch():
    thick, thin = [(93, 0), (110, 90), (93, 179)], [(127, 0), (110, 90), (127, 179)]
    mask = draw(thick, radius=5) | draw(thin, radius=1.5)
    catheters = find_catheters(mask, NONE)[1]
    assert len(catheters) == 2
    for line in (thick, thin):
        assert min(distance_to(line, catheter.centerline) for catheter in catheters) < 2


def test_device_that_the_collimator_cuts_has_its_tip_at_the_other_end():
    mask, electrodes = coronary_sinus()
    mask[:, 220:] = False
    mask |= draw([(150, 179), (228, 150)])
    mask[:, 220:] = False
    catheter = max(find_catheters(mask, electrodes)[1], key=lambda one: len(one.electrodes))
    assert catheter.tip_known
    assert catheter.type == "coronary sinus"
    assert catheter.centerline[-1, 0] == pytest.approx(219, abs=0.5)
