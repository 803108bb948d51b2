from __future__ import annotations

import pytest
import torch

from custom.errors import InputError
from custom.prioritization import MeanAbsoluteErrorKpi, RootMeanSquareErrorKpi

STRIDE, ROWS, COLUMNS = 4, 10, 16


@pytest.fixture
def pred():
    """Four frames of 40 x 64 pixels; peaks at x, y = (13.5, 9.5) and (49.5, 29.5) in the first two."""
    center = torch.full((4, 1, ROWS, COLUMNS), -9.0)
    for row, column in ((2, 3), (7, 12)):
        center[:2, 0, row, column] = 4.0
    return {
        "center": center,
        "size": torch.ones(4, 2, ROWS, COLUMNS),
        "segmentation": torch.zeros(4, 1, ROWS * STRIDE, COLUMNS * STRIDE),
    }


@pytest.fixture
def label():
    """Two electrodes 3 and 4 px from their peaks; none; one that is not found; none."""
    electrodes = torch.zeros(4, 5, 4)
    electrodes[0, 0] = torch.tensor([49.5, 33.5, 8, 8])
    electrodes[0, 3] = torch.tensor([10.5, 9.5, 8, 8])
    electrodes[2, 1] = torch.tensor([10.5, 9.5, 8, 8])
    valid = torch.zeros(4, 5, dtype=torch.bool)
    valid[0, [0, 3]] = True
    valid[2, 1] = True
    return {"electrodes": electrodes, "electrode_valid": valid}


def test_frames_full_of_electrodes_are_counted_to_the_last():
    rows, columns = 12, 24  # every second cell of every second row, so that all are peaks
    center = torch.full((1, 1, 2 * rows, 2 * columns), -9.0)
    center[..., ::2, ::2] = 4.0
    pred = {"center": center, "size": torch.ones(1, 2, 24, 48), "segmentation": torch.zeros(1, 1, 24, 48)}
    y, x = (2 * place.flatten() for place in torch.meshgrid(torch.arange(6), torch.arange(20), indexing="ij"))
    electrodes = torch.stack([x, y, torch.ones(120), torch.ones(120)], dim=-1)[None].float()
    label = {"electrodes": electrodes, "electrode_valid": torch.ones(1, 120, dtype=torch.bool)}
    center[..., 12:, :] = center[..., 40:] = -9.0
    assert MeanAbsoluteErrorKpi()(pred, label).item() == 1


def test_mean_absolute_error(pred, label):
    torch.testing.assert_close(MeanAbsoluteErrorKpi()(pred, label), torch.tensor([1 / 4.5, 0, 1 / 17, 1]))


def test_root_mean_square_error(pred, label):
    expected = torch.tensor([1 / (1 + 12.5**0.5), 0, 1 / 11, 1])
    torch.testing.assert_close(RootMeanSquareErrorKpi(max_distance=10)(pred, label), expected)


def test_the_papers_literal_form(pred, label):
    expected = torch.tensor([1 / 3.5, 0, 1 / 16, 1])
    torch.testing.assert_close(MeanAbsoluteErrorKpi(literal=True)(pred, label), expected)
    label["electrodes"][0, 0, :2] = torch.tensor([49.5, 29.5])
    label["electrodes"][0, 3, :2] = torch.tensor([13.5, 9.0])
    assert MeanAbsoluteErrorKpi(literal=True)(pred, label)[0].item() == pytest.approx(4)


def test_one_peak_serves_one_electrode(pred, label):
    label["electrodes"][0, 0] = label["electrodes"][0, 3]
    assert MeanAbsoluteErrorKpi()(pred, label)[0].item() == pytest.approx(1 / (1 + (3 + 16) / 2))


def test_peaks_below_the_score_do_not_count(pred, label):
    pred["center"] = pred["center"].clamp(max=-1.0)
    kpis = MeanAbsoluteErrorKpi(minimum_score=0.5)(pred, label)
    torch.testing.assert_close(kpis, torch.tensor([1 / 17, 1, 1 / 17, 1]))


def test_half_precision_logits_are_fine(pred, label):
    half = {name: value.bfloat16() for name, value in pred.items()}
    kpis = MeanAbsoluteErrorKpi()(half, label)
    assert kpis.dtype == torch.float32
    torch.testing.assert_close(kpis, MeanAbsoluteErrorKpi()(pred, label))


@pytest.mark.parametrize("distance", [0, -1.0, float("nan")])
def test_no_distance_is_refused(distance):
    with pytest.raises(InputError, match="max_distance: no distance; found"):
        MeanAbsoluteErrorKpi(distance)
