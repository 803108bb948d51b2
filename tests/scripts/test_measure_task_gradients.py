import pytest
import torch
from torch import nn

from custom.tasks import DETECTION, SEGMENTATION
from scripts.measure_task_gradients import compare_gradients, measure_task_gradients
from tests.tiny_data import COLUMNS, ROWS, write_tiny_data


class TwoHeads(nn.Module):
    """A shared vector (a, b), and a factor of each head's own."""

    def __init__(self):
        super().__init__()
        self.shared = nn.Parameter(torch.tensor([1.0, 1.0]))
        self.heads = nn.ParameterDict({task: nn.Parameter(torch.tensor(100.0)) for task in (DETECTION, SEGMENTATION)})

    def forward(self, image):
        return {task: self.shared + 0 * head for task, head in self.heads.items()}


class Weighted(nn.Module):
    def __init__(self, task, weights):
        super().__init__()
        self.task, self.weights = task, torch.tensor(weights)

    def forward(self, pred, label):
        return (pred[self.task] * self.weights).sum()


def test_gradients_are_compared_where_tasks_share_parameters():
    losses = {DETECTION: Weighted(DETECTION, [6.0, 8.0]), SEGMENTATION: Weighted(SEGMENTATION, [0.0, 2.0])}
    ratio, cosine = compare_gradients(TwoHeads(), losses, torch.zeros(1), {})
    assert ratio == pytest.approx(10 / 2)
    assert cosine == pytest.approx(0.8)


def test_it_reads_a_datalist_and_prints_both_figures(tmp_path, capsys):
    datalist = write_tiny_data(tmp_path)
    measure_task_gradients(
        str(datalist), overrides="lite", batches=2, image_size=[ROWS, COLUMNS], batch_size=2, device="cpu"
    )
    ratio, cosine = capsys.readouterr().out.splitlines()[-2:]
    assert ratio.startswith("detection over segmentation: median")
    assert ratio.endswith("2 batches")
    assert -1 <= float(cosine.split("median ")[1].split(",")[0]) <= 1
