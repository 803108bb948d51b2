import pytest

from custom.errors import InputError
from custom.robustness.evaluation import evaluate_robustness


@pytest.mark.parametrize("numbers", ["recall_2", "J,recall_2", ["J", "recall_2"]])
def test_an_unknown_number_is_refused_before_anything_runs(tmp_path, numbers):
    with pytest.raises(
        InputError, match=r"numbers: no such number; found 'recall_2'; expected some of .*J.*recall_2mm"
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
