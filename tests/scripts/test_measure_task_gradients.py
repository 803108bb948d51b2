import json
from itertools import chain

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
        return {task: image * (self.shared + 0 * head) for task, head in self.heads.items()}


class Weighted(nn.Module):
    def __init__(self, task, weights):
        super().__init__()
        self.task, self.weights = task, torch.tensor(weights)

    def forward(self, pred, label):
        return (pred[self.task] * self.weights).sum(1)


def test_gradients_are_compared_where_tasks_share_parameters():
    losses = {DETECTION: Weighted(DETECTION, [6.0, 8.0]), SEGMENTATION: Weighted(SEGMENTATION, [0.0, 2.0])}
    label = {"available": torch.ones(1, 2, dtype=torch.bool)}
    ratio, cosine = compare_gradients(TwoHeads(), losses, torch.ones(1, 1), label)
    assert ratio == pytest.approx(10 / 2)
    assert cosine == pytest.approx(0.8)


def test_samples_that_are_not_annotated_for_a_task_do_not_count():
    losses = {DETECTION: Weighted(DETECTION, [6.0, 8.0]), SEGMENTATION: Weighted(SEGMENTATION, [0.0, 2.0])}
    image = torch.tensor([[1.0], [3.0]])  # gradients of detection: 10 and 30 long; of segmentation: 2 and 6
    label = {"available": torch.tensor([[True, True], [False, True]])}
    ratio, _ = compare_gradients(TwoHeads(), losses, image, label)
    assert ratio == pytest.approx(10 / ((2 + 6) / 2))


def measure(catheter, datalist, *options, overrides="lite"):
    usual = {"--image_size": f"[{ROWS},{COLUMNS}]", "--batch_size": 2, "--batches": 2, "--device": "cpu"}
    given = usual | dict(zip(options[::2], options[1::2], strict=True))
    catheter("measure_task_gradients", datalist, "--overrides", overrides, *chain(*given.items()))


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
        (("--device", "gpu"), "device: no device; found 'gpu'; expected cpu, cuda or cuda:0"),
        (("--device", "cuda:99"), "device: there is no such CUDA device here; found 'cuda:99'"),
        (("--batches", 0), "--batches: too few; found 0; expected 1 or more"),
    ],
)
def test_bad_input_is_named(catheter, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as stopped:
        measure(catheter, write_tiny_data(tmp_path), *options)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_batches_without_labels_of_both_tasks_are_left_out(catheter, tmp_path, capsys):
    datalist = write_tiny_data(tmp_path)
    document = json.loads(datalist.read_text())
    *masks_alone, both = document["training"]
    for entry in masks_alone:
        entry["electrodes"] = None
    datalist.write_text(json.dumps(document))
    measure(catheter, datalist, "--batches", len(document["training"]), "--batch_size", 1)
    assert capsys.readouterr().out.splitlines()[-1].endswith(", 1 batches")
    both["electrodes"] = None
    datalist.write_text(json.dumps(document))
    with pytest.raises(SystemExit, match="2"):
        measure(catheter, datalist)
    assert "datalist.json: no batch has labels of both tasks" in capsys.readouterr().err


def test_an_unknown_override_is_named(catheter, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        measure(catheter, write_tiny_data(tmp_path), overrides="lit")
    assert "unknown override; found 'lit'" in capsys.readouterr().err
