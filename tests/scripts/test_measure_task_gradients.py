import pytest
import torch
from torch import nn

from custom.prioritization.task_gradients import compare_gradients
from custom.tasks import DETECTION, SEGMENTATION
from tests.tiny_data import COLUMNS, ROWS, write_tiny_data
from tests.tiny_weights import write_tiny_weights


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


def measure(catheter, datalist, *options, overrides="lite"):
    size = ("--image_size", f"[{ROWS},{COLUMNS}]", "--batch_size", 2)
    defaults = {"--batches": 2, "--device": "cpu"} | dict(zip(options[::2], options[1::2], strict=True))
    given = [part for option in defaults.items() for part in option]
    catheter("measure_task_gradients", datalist, "--overrides", overrides, *size, *given)


def test_it_reads_a_datalist_and_prints_both_figures(catheter, tmp_path, capsys):
    datalist = write_tiny_data(tmp_path)
    measure(catheter, datalist)
    ratio, cosine = capsys.readouterr().out.splitlines()[-2:]
    assert ratio.startswith("detection over segmentation: median")
    assert ratio.endswith("2 batches")
    assert -1 <= float(cosine.split("median ")[1].split(",")[0]) <= 1
    measure(catheter, datalist, "--weights", write_tiny_weights(tmp_path / "model.pt"))
    assert capsys.readouterr().out.splitlines()[-2] != ratio


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--weights", "missing.pt"), "missing.pt: there is no such file of weights"),
        (("--batchsize", 3), "--batchsize: the config has no such key"),
        (("--batches", 0), "--batches: too few; found 0; expected 1 or more"),
        (("--device", "gpu"), "device: no device; found 'gpu'; expected cpu, cuda or cuda:0"),
    ],
)
def test_bad_input_is_named(catheter, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as stopped:
        measure(catheter, write_tiny_data(tmp_path), *options)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_an_unknown_override_is_named(catheter, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        measure(catheter, write_tiny_data(tmp_path), overrides="lit")
    assert "unknown override; found 'lit'" in capsys.readouterr().err
