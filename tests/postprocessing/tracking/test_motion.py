import dataclasses

import pytest

from custom.postprocessing.tracking.motion import MotionRow, ReferenceMotion
from custom.postprocessing.tracking.tracker import CatheterTracker
from tests.postprocessing.frames import make_frame, moved, row_of

DECAPOLAR = row_of(10)


def sinus(dx, dy, *, seen=slice(None)):
    return {"at": moved(DECAPOLAR[seen], dx, dy), "type": "coronary sinus"}


def rows_of(frames, **options):
    tracker, motion = CatheterTracker(), ReferenceMotion(**options)
    for frame in frames:
        motion.add(tracker.update(frame))
    return motion.rows()


def test_mean_displacement_in_pixels_and_millimetres():
    spacing = (0.5, 0.25)  # rows are 0.5 mm apart, columns 0.25 mm
    frames = [make_frame([sinus(4 * i, -2 * i)], index=i, spacing=spacing, loose=[(40, 150)]) for i in range(3)]

    assert rows_of(frames) == [
        MotionRow(0, 0.0, 0.0, 0.0, 0.0, 10),
        MotionRow(1, 4.0, -2.0, 1.0, -1.0, 10),
        MotionRow(2, 8.0, -4.0, 2.0, -2.0, 10),
    ]


def test_millimetres_stay_empty_without_spacing():
    row = rows_of([make_frame([sinus(0, 0)]), make_frame([sinus(1, 1)], index=1)])[1]
    assert (row.dx_px, row.dx_mm, row.dy_mm) == (1.0, None, None)


def test_frames_without_the_reference_stay_empty():
    frames = [
        make_frame([]),
        make_frame([sinus(0, 0)], index=1),
        make_frame([], index=2),
        make_frame([sinus(3, 0)], index=3),
    ]
    rows = rows_of(frames)

    assert rows[0] == MotionRow(0)
    assert rows[2] == MotionRow(2)
    assert (rows[1].dx_px, rows[3].dx_px) == (0.0, 3.0)


def test_missed_electrodes_are_not_counted_and_do_not_shift_the_mean():
    row = rows_of([make_frame([sinus(0, 0)]), make_frame([sinus(2, 5, seen=slice(4, None))], index=1)])[1]
    assert (row.dx_px, row.dy_px, row.electrodes) == (2.0, 5.0, 6)


def test_electrodes_that_came_later_carry_the_motion_on_while_none_of_the_first_is_seen():
    frames = [
        make_frame([sinus(0, 0, seen=slice(0, 6))]),
        make_frame([sinus(2, 5)], index=1),
        make_frame([sinus(3, 7, seen=slice(6, None))], index=2),
        make_frame([sinus(4, 9)], index=3),
    ]
    rows = rows_of(frames)

    assert [(row.dx_px, row.dy_px) for row in rows] == [(0.0, 0.0), (2.0, 5.0), (3.0, 7.0), (4.0, 9.0)]
    assert [row.electrodes for row in rows] == [6, 6, 4, 6]


def test_coronary_sinus_is_the_reference_among_others():
    ablation = {"at": row_of(4, start=(40, 150)), "type": "ablation"}
    frames = [make_frame([ablation, sinus(0, 0)]), make_frame([ablation, sinus(6, 0)], index=1)]
    assert rows_of(frames)[1].dx_px == 6.0


def test_other_types_and_tracks_on_request():
    def frame(index):
        ablation = {"at": moved(row_of(4, start=(40, 150)), 0, 3 * index), "type": "ablation"}
        return make_frame([ablation, sinus(6 * index, 0)], index=index)

    frames = [frame(0), frame(1)]
    assert rows_of(frames, reference="ablation")[1].dy_px == 3.0
    assert rows_of(frames, reference=0)[1].dy_px == 3.0
    assert rows_of(frames, reference=1)[1].dx_px == 6.0
    assert rows_of(frames, reference="lasso") == [MotionRow(0), MotionRow(1)]
    assert rows_of(frames, reference=7) == [MotionRow(0), MotionRow(1)]


@pytest.mark.parametrize("order", [1, -1])
def test_catheter_that_is_taken_for_the_reference_in_one_frame_is_not_it(order):
    def frame(index):
        other = {"at": row_of(4, start=(40, 150)), "type": "coronary sinus" if index == 0 else "ablation"}
        return make_frame([other, sinus(2 * index, 0)][::order], index=index)

    assert rows_of([frame(index) for index in range(4)])[3].dx_px == 6.0


def test_a_line_without_electrodes_is_no_reference():
    line = {"line": row_of(10, start=(40, 150)), "type": "coronary sinus", "type_confidence": 1.0}
    assert rows_of([make_frame([line, sinus(2 * index, 0)], index=index) for index in range(2)])[1].dx_px == 2.0


@pytest.mark.parametrize("order", [1, -1])
def test_order_of_catheters_does_not_matter(order):
    def frame(index):
        other = {"at": row_of(4, start=(40, 150)), "type": "ablation"}
        return make_frame([other, sinus(2 * index, index)][::order], index=index)

    row = rows_of([frame(0), frame(1)])[1]
    assert dataclasses.astuple(row)[:3] == (1, 2.0, 1.0)
