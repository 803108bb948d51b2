import csv
from types import SimpleNamespace

import pytest

from custom.errors import InputError
from custom.robustness import evaluation
from custom.robustness.evaluation import evaluate_robustness
from custom.robustness.grey_values import Blur
from custom.robustness.transform import CorruptFramed


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


class InterruptedEvaluator:
    """Finds less from pass to pass; the user stops it in the third."""

    def __init__(self):
        self.state = SimpleNamespace(metrics={"val_J": 1.0})

    def add_event_handler(self, *_):
        pass

    def run(self):
        self.state.metrics["val_J"] -= 0.2
        if self.state.metrics["val_J"] < 0.5:
            raise KeyboardInterrupt


def test_what_was_measured_before_an_interruption_is_kept(tmp_path, monkeypatch):
    loaded = []
    monkeypatch.setattr(evaluation, "load_network", lambda network, weights: loaded.append((network, weights)))
    with pytest.raises(KeyboardInterrupt):
        evaluate_robustness(
            evaluator=InterruptedEvaluator(),
            network="network",
            weights="model.pt",
            corruption=CorruptFramed({"blur": Blur([1.0, 2.0, 3.0], meaning="deviation")}),
            entries=[{}],
            numbers="J",
            folder=tmp_path,
        )
    assert loaded == [("network", "model.pt")]
    with (tmp_path / "robustness.csv").open(newline="") as file:
        rows = [(row["corruption"], row["level"], float(row["J"])) for row in csv.DictReader(file)]
    assert rows == [("none", "0", 0.8), ("blur", "1", pytest.approx(0.6))]
