import ignite.distributed as idist
import pytest
import torch
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator
from monai.transforms import PadListDataCollate
from torch import nn

from custom.metrics import CatheterMetrics
from custom.transforms import DecodePredictiond, FitToNetworkd, PrepareLabelsd


def frame(index, rows=96, columns=160, electrodes=()):
    mask = torch.zeros(1, rows, columns, dtype=torch.uint8)
    mask[:, :, : columns // 2] = 1
    data = {
        "image": torch.rand(1, rows, columns),
        "mask": mask,
        "electrodes": [{"x": x, "y": y, "width": 8.0, "height": 8.0} for x, y in electrodes],
        "sample_index": index,
        "name": f"{index}.png",
        "case": "a",
        "pixel_spacing_mm": torch.tensor([0.5, 0.5]),
        "spacing_plane": "detector",
    }
    return FitToNetworkd(size=(96, 160), scale_to_size=True, keep_original_mask=True)(
        PrepareLabelsd(max_electrodes=4)(data)
    )


class OneElectrode(nn.Module):
    """Finds an electrode of 8 x 8 pixels at cell (row 6, column 10) of stride 4, and the left half of every frame."""

    def forward(self, image):
        samples = len(image)
        center = torch.full((samples, 1, 24, 40), -10.0)
        center[:, :, 6, 10] = 5
        segmentation = torch.full((samples, 1, 96, 160), -10.0)
        segmentation[..., :80] = 10
        size = torch.full((samples, 2, 24, 40), 2.0)
        return {"center": center, "size": size, "offset": torch.zeros_like(size), "segmentation": segmentation}


def evaluator_of(frames, batch_size=2):
    return SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=DataLoader(frames, batch_size=batch_size, collate_fn=PadListDataCollate(method="end")),
        network=OneElectrode(),
        prepare_batch=lambda batch, device, non_blocking: (batch["image"], batch),
        postprocessing=DecodePredictiond(),
        key_val_metric={"val_mean_kpi": CatheterMetrics()},
    )


def evaluate(frames, batch_size=2):
    evaluator = evaluator_of(frames, batch_size)
    evaluator.run()
    return evaluator.state


def test_as_key_metric_of_an_evaluator():
    # The network's electrode lies at x = 41.5, y = 25.5.
    frames = [frame(0, electrodes=[(41.5, 25.5)]), frame(1, electrodes=[(41.5, 25.5), (100.0, 50.0)]), frame(2)]
    state = evaluate(frames)
    metrics = state.metrics
    assert metrics["val_J"] == 1
    assert (metrics["val_precision_3px"], metrics["val_recall_3px"]) == (2 / 3, 2 / 3)
    assert metrics["val_mean_kpi"] == pytest.approx((metrics["val_AP"] + 1) / 2)
    assert state.best_metric == metrics["val_mean_kpi"]
    assert [record.name for record in state.metric_details["val_mean_kpi"]] == ["0.png", "1.png", "2.png"]


@pytest.mark.parametrize("batch_size", [1, 3])
def test_frames_of_different_sizes(batch_size):
    # Twice the size: the electrode is at 2 (41.5 + .5) - .5 = 83.5.
    frames = [frame(0, electrodes=[(41.5, 25.5)]), frame(1, 192, 320, electrodes=[(83.5, 51.5)]), frame(2, 60, 100)]
    metrics = evaluate(frames, batch_size).metrics
    assert metrics["val_J"] == 1
    assert metrics["val_recall_3px"] == 1
    assert metrics["val_error_max_px"] < 0.01


def test_a_second_run_starts_afresh():
    evaluator = evaluator_of([frame(0, electrodes=[(41.5, 25.5)]), frame(1)])
    for _ in range(2):
        evaluator.run()
        assert len(evaluator.state.metric_details["val_mean_kpi"]) == 2
        assert evaluator.state.metrics["val_precision_3px"] == 0.5


def _metrics_of_a_rank(rank, results):
    # As a distributed sampler shares three frames out: one is repeated.
    shares = [[0, 2], [1, 0]]
    electrodes = [[(41.5, 25.5)], [(41.5, 25.5), (100.0, 50.0)], []]
    frames = [frame(index, electrodes=electrodes[index]) for index in shares[rank]]
    results[rank] = evaluate(frames).metrics


@pytest.mark.slow
def test_two_processes_count_every_frame_once():
    electrodes = [[(41.5, 25.5)], [(41.5, 25.5), (100.0, 50.0)], []]
    alone = evaluate([frame(index, electrodes=electrodes[index]) for index in range(3)]).metrics
    with torch.multiprocessing.Manager() as manager:
        results = manager.dict()
        idist.spawn("gloo", _metrics_of_a_rank, args=(results,), nproc_per_node=2)
        assert len(results) == 2
        for metrics in results.values():
            assert metrics == pytest.approx(alone, nan_ok=True)
