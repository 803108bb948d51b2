import math
import random
from dataclasses import replace

import numpy as np
import pytest

from custom.metrics.catheter_labels import confidence_numbers, confusion
from custom.metrics.catheter_record import record_catheters
from custom.metrics.catheter_sequences import by_sequence
from custom.metrics.catheter_summary import summarize_catheters
from custom.metrics.centerline import centerline_points
from custom.postprocessing.catheter_types.table import load_catheter_types
from tests.metrics.catheter_frames import ABLATION_AT, SINUS_AT, ablation, evaluate, found_frame, sinus, true_frame
from tests.postprocessing.frames import moved

PERFECT = [([sinus(3 * i, i), ablation(0, 2 * i)],) * 2 for i in range(4)]
ONES = (
    "electrode_recall", "electrode_precision", "assignment_accuracy", "order_accuracy", "order_accuracy_either_way",
    "catheter_recall", "catheter_precision", "type_accuracy", "type_accuracy_with_electrodes", "cl_dice", "tips_found",
    "reference_found",
)  # fmt: skip


def test_truth_against_itself_is_perfect():
    summary = summarize_catheters(evaluate(PERFECT))
    ones = {name: value for name, value in summary.items() if name in ONES}
    components = {name: value for name, value in summary.items() if name.startswith("mask_components")}
    assert ones == dict.fromkeys(ONES, 1.0)
    assert set(components.values()) == {2.0}
    assert {value for name, value in summary.items() if name not in {**ones, **components}} == {0.0}


def test_order_of_catheters_and_electrodes_does_not_matter():
    mixed = [(true, [sinus(1, 0), ablation(0, 3, type="quadripolar")]) for true, _ in PERFECT]
    shuffled = [(true[::-1], found[::-1]) for true, found in mixed]
    assert summarize_catheters(evaluate(mixed)) == pytest.approx(summarize_catheters(evaluate(shuffled)))


def test_nothing_found():
    summary = summarize_catheters(evaluate([([sinus()], [])]))
    assert (summary["electrode_recall"], summary["catheter_recall"], summary["cl_dice"]) == (0, 0, 0)
    assert summary["reference_found"] == 0
    assert all(math.isnan(summary[name]) for name in ("electrode_precision", "type_accuracy", "order_accuracy"))
    assert all(math.isnan(summary[name]) for name in ("centerline_mean_px", "tip_error_median_px"))


def test_no_frames():
    assert math.isnan(summarize_catheters([])["cl_dice"])


def test_electrode_on_another_catheter_is_assigned_wrongly():
    """One of the ablation catheter's four electrodes is found on the sinus catheter: 13 of 14 are right."""
    found = [
        sinus(at=np.concatenate([SINUS_AT, ABLATION_AT[3:]]), line=SINUS_AT),
        ablation(at=ABLATION_AT[:3], line=ABLATION_AT),
    ]
    summary = summarize_catheters(evaluate([([sinus(), ablation()], found)]))
    assert summary["assignment_accuracy"] == pytest.approx(13 / 14)
    assert summary["order_accuracy"] == 1.0


def test_an_electrode_of_a_catheter_that_was_missed_is_not_on_the_right_one():
    loose = {"at": ABLATION_AT[:1], "line": np.empty((0, 2)), "type": "unknown"}
    (record,) = evaluate([([sinus(), ablation(at=ABLATION_AT[:1])], [sinus(), loose])])
    alone = replace(
        record.found, electrodes=(*record.found.electrodes[:-1], replace(record.found.electrodes[-1], catheter=None))
    )
    record = replace(record, found=alone, catheters=record.catheters[:1])
    assert summarize_catheters([record])["assignment_accuracy"] == pytest.approx(10 / 11)


def test_electrodes_that_truly_lie_on_no_catheter_count_nowhere_in_the_assignment():
    (record,) = evaluate([([sinus(), ablation()], [sinus(), ablation()])])
    loose = [replace(one, catheter=None, pole=None) if one.catheter == 1 else one for one in record.true.electrodes]
    record = replace(record, true=replace(record.true, electrodes=tuple(loose)))
    assert summarize_catheters([record])["assignment_accuracy"] == 1.0


def test_a_single_electrode_has_no_order():
    one = ablation(at=ABLATION_AT[:1], line=ABLATION_AT)
    assert math.isnan(summarize_catheters(evaluate([([one], [one])]))["order_accuracy"])


def test_electrodes_and_centreline_count_alike_in_what_belongs_together():
    """The other line runs along the whole catheter, but has none of its electrodes."""
    line = [(60, 150), (260, 150)]
    half = ablation(line=[(60, 150), (180, 150)])
    (record,) = evaluate([([ablation(line=line)], [{"at": [], "line": line, "type": "guidewire"}, half])])
    assert [(pair.true, pair.found) for pair in record.catheters] == [(0, 1)]


def test_a_record_counts_what_is_hidden_and_keeps_no_pixels():
    wire = {"at": [], "line": [(10, 20), (300, 30)], "type": "guidewire"}
    (record,) = evaluate([([wire, {**wire, "type": "microcatheter"}, sinus()], [sinus()])])
    assert record.hidden == 1
    assert [frame.pixels.size + frame.mask.size for frame in (record.true, record.found)] == [0, 0]


@pytest.mark.parametrize(("true", "found"), [(220, 120), (120, 220)])
def test_cl_dice_looks_at_the_masks_of_both_sides(true, found):
    """One line is twice as long as the other and its mask: 2 * 1 * 0.5 / 1.5, and a pixel at the end of the mask."""
    lines = [{"at": [], "line": [(20, 90), (end, 90)], "type": "guidewire"} for end in (true, found)]
    assert summarize_catheters(evaluate([(lines[:1], lines[1:])]))["cl_dice"] == pytest.approx(2 / 3, abs=0.01)


def test_distances_in_millimetres_are_undefined_without_a_spacing():
    true, found = (replace(make([sinus()]), pixel_spacing_mm=None) for make in (true_frame, found_frame))
    record = record_catheters(true, found, load_catheter_types())
    assert (record.distance_px, record.catheters[0].distance_px) == ((0, 0), (0, 0))
    assert np.isnan([record.distance_mm, record.catheters[0].distance_mm]).all()


@pytest.mark.parametrize(
    ("order", "from_tip", "either_way"),
    [([0, 1, 2, 3], 1.0, 1.0), ([3, 2, 1, 0], 0.0, 1.0), ([0, 2, 1, 3], 0.0, 0.0), ([0, 3], 1.0, 1.0)],
)
def test_order(order, from_tip, either_way):
    found = ablation(at=ABLATION_AT[order], line=ABLATION_AT)
    summary = summarize_catheters(evaluate([([ablation()], [found])]))
    assert (summary["order_accuracy"], summary["order_accuracy_either_way"]) == (from_tip, either_way)


def test_electrodes_of_a_star_have_no_order():
    summary = summarize_catheters(evaluate([([ablation(type="star mapping")], [ablation(at=ABLATION_AT[::-1])])]))
    assert math.isnan(summary["order_accuracy"])


def test_types_and_what_they_were_taken_for():
    wire = {"at": [], "line": [(10, 20), (300, 30)], "type": "guidewire"}
    true = [sinus(), ablation(), wire]
    found = [sinus(), ablation(type="quadripolar"), {**wire, "type": "unknown"}, {"at": [(200, 180)], "type": "lead"}]
    records = evaluate([(true, found)])
    summary = summarize_catheters(records)

    assert summary["type_accuracy"] == pytest.approx(2 / 3)
    assert summary["type_accuracy_with_electrodes"] == pytest.approx(1 / 2)
    two, one = ({**ablation(at=ABLATION_AT[:poles], line=ABLATION_AT)} for poles in (2, 1))
    assert summarize_catheters(evaluate([([two], [two])]))["type_accuracy_with_electrodes"] == 1.0
    assert math.isnan(summarize_catheters(evaluate([([one], [one])]))["type_accuracy_with_electrodes"])
    assert (summary["catheter_recall"], summary["catheter_precision"]) == (1.0, 0.75)
    assert confusion(records) == {
        "ablation": {"quadripolar": 1},
        "coronary sinus": {"coronary sinus": 1},
        "guidewire": {"unknown": 1},
        "nothing there": {"lead": 1},
    }


def test_confidence_against_what_is_there():
    nothing = {"at": [], "line": [[20, 180], [60, 180]], "type": "unknown"}
    records = evaluate([([sinus()], [sinus(confidence=0.9), nothing | {"confidence": 0.85}])] * 2)
    records += evaluate([([sinus()], [sinus(confidence=0.2), nothing | {"confidence": 1.0}])])
    rows = {(row["from"], row["to"]): (row["found"], row["there"]) for row in confidence_numbers(records)}
    assert rows.pop((0.2, 0.4)) == (1, 1.0)
    assert rows.pop((0.8, 1.0)) == (5, 2 / 5)
    assert list(rows) == [(0.0, 0.2), (0.4, 0.6), (0.6, 0.8)]
    assert all(found == 0 and np.isnan(there) for found, there in rows.values())


def test_types_that_are_called_like_what_is_missing_are_not_counted_with_it():
    far = {"at": [(200, 180), (210, 180)], "type": "nothing there"}
    true = [sinus(), far]
    found = [sinus(type="not found"), ablation()]
    assert confusion(evaluate([(true, found)])) == {
        "(nothing there)": {"ablation": 1},
        "coronary sinus": {"not found": 1},
        "nothing there": {"(not found)": 1},
    }


def test_lasso_is_found_as_either_of_its_patterns():
    lasso = [ablation(type="lasso")]
    found = [[ablation(type=name)] for name in ("lasso 10", "lasso 20", "unknown")]
    right = [summarize_catheters(evaluate([(lasso, one)]))["type_accuracy"] for one in found]
    assert right == [1.0, 1.0, 0.0]


def test_centerlines_and_tips_in_pixels_and_millimetres():
    """Found two pixels below the truth; rows are 0.5 mm apart."""
    line = np.array([[50.0, 100.0], [250.0, 100.0]])
    true = {"at": [(60, 100), (80, 100)], "line": line, "type": "lead"}
    found = {**true, "line": moved(line, 0, 2)}
    summary = summarize_catheters(evaluate([([true], [found])]))

    for name in ("centerline_mean", "centerline_p95", "catheter_centerline_mean", "tip_error_median", "tip_error_p95"):
        assert (summary[f"{name}_px"], summary[f"{name}_mm"]) == (2.0, 1.0), name


def test_unevenly_annotated_line_is_compared_as_a_whole():
    """190 of 205 pixels are straight and annotated by their ends; found is the same line, point by point."""
    line = np.array([[20, 100], [210, 100], [215, 101], [220, 103], [224, 106]], dtype=float)
    points = np.concatenate([centerline_points(line[:2]), centerline_points(line[1:])])
    found = {"at": [], "line": points[::2], "type": "guidewire"}
    summary = summarize_catheters(evaluate([([{**found, "line": line}], [found])]))
    assert summary["centerline_mean_px"] == pytest.approx(0, abs=0.3)
    assert summary["centerline_p95_px"] == pytest.approx(0, abs=0.5)


def test_unknown_tip_is_not_found_rather_than_wrong():
    records = evaluate([([ablation()], [ablation()])])
    unsure = replace(records[0].found.catheters[0], tip_known=False)
    records[0] = replace(records[0], found=replace(records[0].found, catheters=(unsure,)))
    summary = summarize_catheters(records)
    assert summary["tips_found"] == 0.0
    assert math.isnan(summary["tip_error_median_px"])


def test_swap_counts_as_switches_of_both():
    """Two catheters change places: what is found moves on smoothly, the truth crosses over."""
    one, other = ablation(), ablation(0, -60)
    records = evaluate([([one, other], [one, other]), ([other, one], [one, other])])
    summary = summarize_catheters(records)
    assert summary["catheter_switches_per_100_frames"] == 100.0
    assert summary["electrode_switches_per_100_frames"] == 400.0


def test_missed_frames_are_no_switches_and_new_numbers_are():
    missed = [([ablation()], [ablation()]), *[([ablation()], [])] * 3, ([ablation()], [ablation()])]
    assert summarize_catheters(evaluate(missed))["catheter_switches_per_100_frames"] == 0.0
    forgetful = summarize_catheters(evaluate(missed, max_missed=1))
    assert forgetful["catheter_switches_per_100_frames"] == 100 / 5
    assert forgetful["electrode_switches_per_100_frames"] == 4 * 100 / 5


def test_sequences_of_the_same_name_are_two():
    """Case `a/b` with sequence `c` and case `a` with `b/c`: numbers of tracks begin anew."""
    one, other = [sinus(), ablation()], [ablation(), sinus()]
    records = [*evaluate([(one, one)]), *evaluate([(one, other)])]
    assert len(by_sequence(records)) == 2
    assert summarize_catheters(records)["catheter_switches_per_100_frames"] == 0.0


def test_reference_motion_error():
    """The sinus catheter moves by 4 px, 5 px are found, along columns 0.25 mm apart; then it is missed."""
    pairs = [([sinus()], [sinus()]), ([sinus(4, 0)], [sinus(5, 0)]), ([sinus(4, 0)], [])]
    summary = summarize_catheters(evaluate(pairs))
    assert summary["reference_found"] == pytest.approx(2 / 3)
    assert (summary["reference_error_median_px"], summary["reference_error_median_mm"]) == (0.5, 0.125)
    assert summary["reference_error_p95_px"] == pytest.approx(0.95)


def test_reference_that_is_found_late_is_compared_from_there():
    pairs = [([sinus()], []), ([sinus(7, 0)], [sinus(7, 0)]), ([sinus(9, 1)], [sinus(9, 1)])]
    summary = summarize_catheters(evaluate(pairs))
    assert summary["reference_error_p95_px"] == 0.0
    assert summary["reference_found"] == pytest.approx(2 / 3)


def test_reference_that_is_found_before_it_is_in_view_is_compared_from_where_it_is():
    """Something else is taken for it 5 px further left; from where it shows, 3 px are found of 2."""
    pairs = [([], [sinus(-5, 0)]), ([sinus()], [sinus()]), ([sinus(2, 0)], [sinus(3, 0)])]
    summary = summarize_catheters(evaluate(pairs))
    assert summary["reference_found"] == 1.0
    assert (summary["reference_error_median_px"], summary["reference_error_median_mm"]) == (0.5, 0.125)


def _spaced(record, spacing):
    return replace(record, true=replace(record.true, pixel_spacing_mm=spacing))


def test_reference_motion_error_in_millimetres_has_each_frames_own_spacing():
    """Errors of 0, 1, 1 and 1 px along columns 0.25, 0.25 and 0.5 mm apart, and unknown."""
    pairs = [([sinus()], [sinus()]), *[([sinus(4, 0)], [sinus(5, 0)])] * 3]
    spacings = [(0.5, 0.25), (0.5, 0.25), (1.0, 0.5), None]
    records = [_spaced(record, spacing) for record, spacing in zip(evaluate(pairs), spacings, strict=True)]
    summary = summarize_catheters(records)
    assert (summary["reference_found"], summary["reference_error_median_px"]) == (1.0, 1.0)
    assert summary["reference_error_median_mm"] == 0.25
    assert summary["reference_error_p95_mm"] == pytest.approx(0.475)


def test_sequences_without_reference_count_nowhere():
    summary = summarize_catheters(evaluate([([ablation()], [sinus()])]))
    assert math.isnan(summary["reference_found"])


def test_numbers_stay_within_bounds():
    random.seed(0)
    pairs = [
        ([sinus(i, 0), ablation()], [sinus(random.gauss(0, 4), 0), ablation(random.gauss(0, 4), 1)]) for i in range(6)
    ]
    summary = summarize_catheters(evaluate(pairs))
    assert all(0 <= summary[name] <= 1 for name in ONES)
