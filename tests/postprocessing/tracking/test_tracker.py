import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom.errors import InputError
from custom.postprocessing.tracking.tracker import CatheterTracker
from tests.postprocessing.frames import make_frame, moved, row_of

DECAPOLAR = row_of(10)
WIRE = {"line": [(20, 150), (120, 180), (300, 150)], "type": "guidewire"}


def tracks(result):
    """Tracks of the electrodes by position, and of the catheters by type."""
    electrodes = {(round(e.x, 3), round(e.y, 3)): e.track for e in result.electrodes}
    return electrodes, {catheter.type: catheter.track for catheter in result.catheters}


def test_first_frame_numbers_from_zero():
    result = CatheterTracker().update(make_frame([{"at": DECAPOLAR}, WIRE], loose=[(5, 5)]))

    assert [catheter.track for catheter in result.catheters] == [0, 1]
    assert [electrode.track for electrode in result.electrodes] == list(range(11))


@pytest.mark.parametrize("move", [(0, 0), (3, -2), (17, 0), (-12, 12), (8, 3)])
def test_catheter_that_moves_as_a_whole_keeps_its_identity(move):
    tracker = CatheterTracker()
    first = tracker.update(make_frame([{"at": DECAPOLAR}, WIRE]))
    second = tracker.update(make_frame([WIRE, {"at": DECAPOLAR[::-1] + np.array(move)}], index=1))

    assert [c.track for c in second.catheters] == [1, 0]
    assert [e.track for e in second.electrodes] == [e.track for e in first.electrodes][::-1]


def test_missed_end_does_not_shift_the_others():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    second = tracker.update(make_frame([{"at": moved(DECAPOLAR[1:], 1, 0)}], index=1))
    third = tracker.update(make_frame([{"at": moved(DECAPOLAR, 2, 1)}], index=2))

    assert [e.track for e in second.electrodes] == list(range(1, 10))
    assert [e.track for e in third.electrodes] == list(range(10))


def test_missed_electrode_goes_along_with_its_catheter():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    for index in range(1, 5):
        tracker.update(make_frame([{"at": DECAPOLAR[:9] + np.array([0, 4]) * index}], index=index))
    last = tracker.update(make_frame([{"at": moved(DECAPOLAR, 0, 20)}], index=5))

    assert [e.track for e in last.electrodes] == list(range(10))


def test_loose_electrode_goes_along_with_the_catheter_that_it_is_near():
    """Moved as most electrodes are, by (4, 14), it would come to lie where its neighbour on the catheter goes."""
    tracker = CatheterTracker()
    up, down = row_of(6, (60.0, 100.0)), row_of(12, (180.0, 70.0))
    for index in range(3):
        here, there = moved(up, 0, -9 * index), moved(down, 4 * index, 14 * index)
        loose = here[-1] + (-4.0, -23.0)
        result = tracker.update(make_frame([{"at": here}, {"at": there}], index=index, loose=[loose]))

        assert [electrode.track for electrode in result.electrodes] == list(range(19))


def test_new_electrode_gets_a_new_number():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR[1:]}]))
    second = tracker.update(make_frame([{"at": DECAPOLAR}], index=1))

    assert [e.track for e in second.electrodes] == [9, *range(9)]


def test_crossing_catheters_keep_their_identity():
    """Two catheters move through each other, one along x and one along y."""
    tracker = CatheterTracker()
    along_x = np.array([[60, 100], [68, 100], [88, 100], [96, 100.0]])
    along_y = np.array([[130, 30], [130, 40], [130, 50], [130, 60.0]])
    for index in range(12):
        step = 9.0 * index
        frame = [
            {"at": moved(along_x, step, 0), "type": "ablation"},
            {"at": moved(along_y, 0, step), "type": "quadripolar"},
        ]
        order = slice(None, None, 1 if index % 2 else -1)
        result = tracker.update(make_frame(frame[order], index=index))
        electrodes, catheters = tracks(result)
        if index == 0:
            expected = catheters, list(electrodes.values())
    assert catheters == expected[0]
    assert sorted(electrodes.values()) == sorted(expected[1])


def test_crossing_wires_keep_their_identity():
    tracker = CatheterTracker()
    rising = np.array([[20, 180], [300, 20.0]])
    falling = np.array([[20, 20], [300, 180.0]])
    tracker.update(make_frame([{"line": rising}, {"line": falling}]))
    second = tracker.update(make_frame([{"line": moved(falling, 4, 3)}, {"line": moved(rising[::-1], 4, -3)}], index=1))

    assert [catheter.track for catheter in second.catheters] == [1, 0]


@pytest.mark.parametrize(("missed", "same"), [(0, True), (1, True), (3, True), (4, False)])
def test_track_survives_a_few_missed_frames_and_its_number_is_never_used_again(missed, same):
    tracker = CatheterTracker(max_missed=3)
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    for index in range(1, missed + 1):
        tracker.update(make_frame([], index=index))
    back = tracker.update(make_frame([{"at": moved(DECAPOLAR, 2, 2)}], index=missed + 1))

    assert back.catheters[0].track == (0 if same else 1)
    assert [e.track for e in back.electrodes] == list(range(10) if same else range(10, 20))


def test_frames_left_out_count_as_missed():
    tracker = CatheterTracker(max_missed=3)
    tracker.update(make_frame([{"at": DECAPOLAR}], index=0))
    assert tracker.update(make_frame([{"at": DECAPOLAR}], index=5)).catheters[0].track == 1


def test_what_is_too_far_is_another():
    tracker = CatheterTracker(max_displacement=0.05)
    tracker.update(make_frame([{"at": DECAPOLAR, "line": []}]))
    far = tracker.update(make_frame([{"at": moved(DECAPOLAR, 0, 60), "line": []}], index=1))

    assert far.catheters[0].track == 1
    assert min(e.track for e in far.electrodes) == 10


def test_electrodes_keep_their_identity_when_their_catheter_is_lost():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    loose = tracker.update(make_frame([], loose=moved(DECAPOLAR, 10, 2), index=1))

    assert [e.track for e in loose.electrodes] == list(range(10))


def test_types_are_voted_over_time():
    tracker = CatheterTracker()
    votes = [("ablation", 0.9), ("quadripolar", 0.6), ("unknown", 1.0), ("quadripolar", 0.6)]
    found = [
        tracker.update(make_frame([{"at": row_of(4), "type": name, "type_confidence": c}], index=index)).catheters[0]
        for index, (name, c) in enumerate(votes)
    ]
    assert [c.type for c in found] == ["ablation", "ablation", "ablation", "quadripolar"]
    assert [c.type_confidence for c in found] == pytest.approx([0.9, 0.45, 0.3, 0.3])


def test_a_type_that_fits_few_electrodes_has_few_votes():
    tracker = CatheterTracker()
    whole = {"at": row_of(4), "type": "ablation", "type_confidence": 0.6}
    half = {"at": row_of(4)[:2], "type": "lead", "type_confidence": 1.0}
    tracker.update(make_frame([half], index=0))
    catheter = tracker.update(make_frame([whole], index=1)).catheters[0]
    assert (catheter.type, catheter.type_confidence) == ("ablation", pytest.approx(4 * 0.6 / 6))


def test_start_forgets():
    tracker = CatheterTracker()
    frame = make_frame([{"at": DECAPOLAR}, WIRE])
    first = tracker.update(frame)
    tracker.update(make_frame([WIRE], index=1))
    tracker.start()
    assert_same(tracker.update(frame), first)


def test_smoothing_is_off_by_default():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    shifted = make_frame([{"at": moved(DECAPOLAR, 1.5, 0)}], index=1)
    assert [(e.x, e.y) for e in tracker.update(shifted).electrodes] == [(e.x, e.y) for e in shifted.electrodes]


def test_smoothing_damps_small_movements_and_passes_jumps():
    tracker = CatheterTracker(smoothing=0.75, jump=0.0125)  # 4 pixels of 320
    positions = [100.0, 102.0, 110.0, 108.0]
    seen = [
        tracker.update(make_frame([{"at": [(50, y), (50, y + 20)]}], index=index)).electrodes[0]
        for index, y in enumerate(positions)
    ]
    assert [electrode.y for electrode in seen] == pytest.approx([100.0, 100.5, 110.0, 109.5])
    assert [electrode.x for electrode in seen] == pytest.approx([50] * 4)


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_smoothing_that_is_no_weight_is_refused(weight):
    with pytest.raises(InputError, match="tracker#smoothing"):
        CatheterTracker(smoothing=weight)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("max_displacement", 0), ("tolerance", -0.01), ("jump", float("nan")), ("jump", "far")),
        *(("max_missed", -1), ("max_missed", 2.5), ("smoothing", "much")),
    ],
)
def test_options_that_cannot_be_are_refused(option, value):
    with pytest.raises(InputError, match=f"tracker#{option}: no .*; found {value!r}; expected"):
        CatheterTracker(**{option: value})


def test_smoothing_keeps_identities():
    plain, smooth = CatheterTracker(), CatheterTracker(smoothing=0.9)
    for index in range(6):
        frame = make_frame([{"at": moved(DECAPOLAR, 5 * index, 0)}], index=index)
        assert [e.track for e in plain.update(frame).electrodes] == [e.track for e in smooth.update(frame).electrodes]


def test_empty_frames():
    tracker = CatheterTracker()
    assert_same(tracker.update(make_frame([])), make_frame([]))
    assert tracker.update(make_frame([{"line": []}], index=1)).catheters[0].track == 0


def assert_same(found, expected):
    assert found.electrodes == expected.electrodes
    assert [dataclasses.replace(c, centerline=None) for c in found.catheters] == [
        dataclasses.replace(c, centerline=None) for c in expected.catheters
    ]


def test_electrodes_keep_their_identity_when_they_are_put_on_another_catheter():
    """For a frame the geometry takes two catheters for one, while both move."""
    one, other = row_of(6), row_of(4, start=(100.0, 120.0), step=(0, 12))
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": one}, {"at": other}]))
    merged = np.concatenate([moved(one, 12, -6), moved(other, 3, 9)])
    second = tracker.update(make_frame([{"at": merged}], index=1))
    third = tracker.update(make_frame([{"at": moved(one, 20, -9)}, {"at": moved(other, 0, 18)}], index=2))

    assert [e.track for e in second.electrodes] == list(range(10))
    assert [e.track for e in third.electrodes] == list(range(10))
    assert [c.track for c in third.catheters] == [0, 1]


def test_broken_catheter_is_one_again_under_its_number():
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": DECAPOLAR}]))
    pieces = [{"at": DECAPOLAR[:3], "line": DECAPOLAR[:3]}, {"at": DECAPOLAR[3:], "line": DECAPOLAR[3:]}]
    broken = tracker.update(make_frame(pieces, index=1))
    whole = tracker.update(make_frame([{"at": DECAPOLAR}], index=2))

    assert [c.track for c in broken.catheters] == [1, 0]
    assert whole.catheters[0].track == 0
    assert [e.track for e in whole.electrodes] == list(range(10))


@settings(max_examples=40, deadline=None)
@given(
    move=st.tuples(st.floats(-25, 25), st.floats(-25, 25)),
    order=st.permutations(range(10)),
    missed=st.sets(st.integers(1, 8), max_size=3),
)
def test_any_movement_in_any_order_with_some_missed_between_the_ends(move, order, missed):
    pairs = np.cumsum([0, 8, 20, 8, 20, 8, 20, 8, 20, 8])[:, None] * np.array([0.9, 0.3]) + [60, 80]
    tracker = CatheterTracker()
    tracker.update(make_frame([{"at": pairs}]))
    seen = [pole for pole in order if pole not in missed]
    result = tracker.update(make_frame([{"at": moved(pairs[seen], *move), "line": moved(pairs, *move)}], index=1))
    assert [e.track for e in result.electrodes] == seen
    assert result.catheters[0].track == 0
