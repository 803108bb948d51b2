import pytest

from custom.errors import InputError
from custom.robustness.evaluation import evaluate_robustness


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ("recall_2", "recall_2"),
        ("J,recall_2", "recall_2"),
        (["J", "recall_2"], "recall_2"),
        ("J,error_median_px", "error_median_px"),  # the lower, the better
        ("error_max_mm", "error_max_mm"),
        ("false_alarm_mask", "false_alarm_mask"),
        ("box_side_px", "box_side_px"),
    ],
)
def test_numbers_that_are_unknown_or_have_no_drop_are_refused_before_anything_runs(tmp_path, numbers, found):
    message = rf"numbers: no number whose drop is a loss; found '{found}'; expected some of .*J.*recall_2mm"
    with pytest.raises(InputError, match=message):
        evaluate_robustness(
            evaluator=None,
            network=None,
            weights="none.pt",
            corruption=None,
            entries=[],
            numbers=numbers,
            folder=tmp_path,
        )
