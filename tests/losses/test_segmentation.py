from __future__ import annotations

import math

import pytest
import torch

from custom.losses import SegmentationLoss


def test_by_hand():
    logits = torch.zeros(2, 1, 2, 3)
    mask = torch.zeros(2, 1, 2, 3)
    mask[0, 0, 1, 2] = 1
    # All probabilities one half: intersection 0.5 and 0, union 0.5 * 6 + 0.5 and 3.
    iou = torch.tensor([2 / 8, 1 / 7])
    expected = math.log(2) + 1 - iou
    torch.testing.assert_close(SegmentationLoss()({"segmentation": logits}, {"mask": mask}), expected)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_perfect_prediction_costs_nothing_empty_or_not(value):
    mask = torch.zeros(1, 1, 4, 6)
    mask[..., 1:3, 2] = value
    loss = SegmentationLoss()({"segmentation": mask * 200 - 100}, {"mask": mask})
    torch.testing.assert_close(loss, torch.zeros(1))


def test_samples_do_not_mix():
    logits, mask = torch.randn(3, 1, 4, 6), (torch.rand(3, 1, 4, 6) > 0.5).float()
    together = SegmentationLoss()({"segmentation": logits}, {"mask": mask})
    alone = [SegmentationLoss()({"segmentation": logits[i : i + 1]}, {"mask": mask[i : i + 1]}) for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_extreme_half_precision_logits_stay_finite(dtype):
    logits = torch.tensor([-60000.0, 60000.0], dtype=dtype).reshape(2, 1, 1, 1).expand(2, 1, 4, 4).clone()
    logits.requires_grad_()
    loss = SegmentationLoss()({"segmentation": logits}, {"mask": torch.ones(2, 1, 4, 4)})
    loss.sum().backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite().all()
    assert logits.grad.isfinite().all()
