from custom.metrics.catheter_visibility import distinguishable
from tests.metrics.catheter_frames import ABLATION_AT, ablation, true_frame


def test_what_lies_on_another_line_is_left_out():
    """A sheath with a marker ring, around an ablation catheter that comes out of it."""
    inside = ablation(line=[(60, 150), (300, 150)])
    sheath = {"at": [(120, 150)], "line": [(120, 150), (300, 150)], "type": "sheath"}
    crossing = {"at": [], "line": [(200, 100), (200, 190)], "type": "guidewire"}
    shown = distinguishable(true_frame([sheath, inside, crossing]))

    assert [(c.id, c.type) for c in shown.catheters] == [(0, "ablation"), (1, "guidewire")]
    assert [(e.catheter, e.pole) for e in shown.electrodes] == [(None, None), (0, 0), (0, 1), (0, 2), (0, 3)]
    assert shown.electrodes[0].track is None
    assert [shown.electrodes[index].x for index in shown.catheters[0].electrodes] == ABLATION_AT[:, 0].tolist()


def test_of_two_equal_lines_one_stays():
    wire = {"at": [], "line": [(10, 20), (300, 30)], "type": "guidewire"}
    shown = distinguishable(true_frame([wire, {**wire, "type": "microcatheter"}]))
    assert [catheter.type for catheter in shown.catheters] == ["guidewire"]
