import pytest

from custom.errors import InputError
from custom.robustness.evaluation import evaluate_robustness


@pytest.mark.parametrize("numbers", ["recall_2", "J,recall_2", ["J", "recall_2"]])
def test_an_unknown_number_is_refused_before_anything_runs(tmp_path, numbers):
    with pytest.raises(
        InputError, match=r"numbers: no number whose drop is a loss; found 'recall_2'; expected some of .*J.*recall_2mm"
    ):
        evaluate_robustness(
            evaluator=None,
            network=None,
            weights="none.pt",
            corruption=None,
            entries=[],
            numbers=numbers,
            folder=tmp_path,
        )


@pytest.mark.parametrize("number", ["error_median_px", "error_max_mm", "false_alarm_mask", "box_side_px"])
def test_numbers_that_are_not_better_the_higher_have_no_drop(tmp_path, number):
    with pytest.raises(InputError, match=rf"numbers: no number whose drop is a loss; found '{number}'"):
        evaluate_robustness(
            evaluator=None,
            network=None,
            weights="none.pt",
            corruption=None,
            entries=[],
            numbers=f"J,{number}",
            folder=tmp_path,
        )
