import pytest
import torch
from torch.nn.functional import max_pool2d

from custom.postprocessing import decode_electrodes
from custom.transforms import HeadTargets

ROWS, COLUMNS = 96, 160


def logits(stride, points, *, offset):
    """Logits that a perfect network would give for electrodes (N, 4)."""
    batch = {
        "mask": torch.zeros(1, 1, ROWS, COLUMNS),
        "electrodes": points[None],
        "electrode_valid": torch.ones(1, len(points), dtype=torch.bool),
    }
    target = HeadTargets(stride)(batch)
    pred = {
        "segmentation": batch["mask"],
        "center": torch.logit(target["center"], eps=1e-6),
        "size": target["size"],
    }
    return pred | ({"offset": target["offset"]} if offset else {})


def grid_of_electrodes(seed=0):
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(16, ROWS - 16, 24), torch.arange(16, COLUMNS - 16, 24), indexing="ij")
    points = torch.stack([x.flatten(), y.flatten()], dim=1) + 8 * torch.rand(x.numel(), 2, generator=generator)
    return torch.cat([points, 4 + 12 * torch.rand(x.numel(), 2, generator=generator)], dim=1)


def sorted_boxes(boxes):
    return boxes[torch.argsort(boxes[:, 1].round() // 16 * 1000 + boxes[:, 0])]


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_targets_come_back(stride):
    electrodes = grid_of_electrodes()
    found = decode_electrodes(logits(stride, electrodes, offset=True), maximum=len(electrodes) + 5)
    count = int((found.scores[0] > 0).sum())
    assert count == len(electrodes)
    assert torch.allclose(sorted_boxes(found.boxes[0, :count]), sorted_boxes(electrodes), atol=0.05)


def test_parabola_is_exact_for_a_gaussian():
    rows, columns = torch.meshgrid(torch.arange(12.0), torch.arange(20.0), indexing="ij")
    heat = 0.9 * torch.exp(-((columns - 7.3) ** 2 + (rows - 4.6) ** 2) / (2 * 1.1**2))
    pred = {
        "segmentation": torch.zeros(1, 1, 48, 80),
        "center": torch.logit(heat)[None, None],
        "size": torch.full((1, 2, 12, 20), 1.5),
    }
    found = decode_electrodes(pred)
    assert found.boxes[0, 0].tolist() == pytest.approx([7.3 * 4 + 1.5, 4.6 * 4 + 1.5, 6, 6], abs=0.01)
    assert found.scores[0, 0].item() == pytest.approx(heat.max().item(), abs=1e-4)
    assert not found.scores[0, 1:].any()


def test_equal_neighbours_are_one_peak():
    center = torch.full((1, 1, 6, 10), -8.0)
    center[0, 0, 2, 3:5] = 3.0
    pred = {"segmentation": torch.zeros(1, 1, 24, 40), "center": center, "size": torch.ones(1, 2, 6, 10)}
    found = decode_electrodes(pred)
    assert (found.scores > 0).sum() == 1
    # Between the two, and rows stay: the parabola of equal neighbours is half a cell from either.
    assert found.boxes[0, 0, :2].tolist() == pytest.approx([3.5 * 4 + 1.5, 2 * 4 + 1.5], abs=0.01)


def test_peaks_are_where_max_pooling_finds_its_own_cell_first():
    center = torch.randint(-6, 0, (3, 1, 11, 17), generator=torch.Generator().manual_seed(0)).float()  # many are equal
    pred = {"segmentation": torch.zeros(3, 1, 11, 17), "center": center, "size": torch.ones(3, 2, 11, 17)}
    strongest = max_pool2d(center, 3, stride=1, padding=1, return_indices=True)[1].flatten(1)
    peaks = strongest == torch.arange(strongest.shape[1])
    found = decode_electrodes(pred | {"offset": torch.zeros(3, 2, 11, 17)}, maximum=200, minimum_score=0)
    assert 5 < peaks.sum() < peaks.numel() / 4
    for frame in range(3):
        places = found.boxes[frame, found.scores[frame] > 0, :2].long()
        assert sorted((17 * places[:, 1] + places[:, 0]).tolist()) == peaks[frame].nonzero().flatten().tolist()


def test_scores_below_the_minimum_and_missing_peaks_are_zero():
    center = torch.full((1, 1, 3, 4), -20.0)
    center[0, 0, 1, 1] = torch.logit(torch.tensor(0.25))
    pred = {"segmentation": torch.zeros(1, 1, 12, 16), "center": center, "size": torch.ones(1, 2, 3, 4)}
    assert not decode_electrodes(pred, minimum_score=0.3).scores.any()
    found = decode_electrodes(pred, minimum_score=0.2, maximum=100)
    assert found.scores.shape == (1, 12)
    assert found.scores[0, 0].item() == pytest.approx(0.25)


def test_reduced_precision_gives_float32():
    pred = {key: value.bfloat16() for key, value in logits(4, grid_of_electrodes(), offset=True).items()}
    found = decode_electrodes(pred)
    assert found.boxes.dtype == found.scores.dtype == torch.float32
