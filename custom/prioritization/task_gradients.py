"""How strongly the loss of each task pulls at the layers that the tasks share."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn.functional import cosine_similarity

from custom.tasks import TASKS
from custom.tensors import Tensors


def compare_gradients(
    network: nn.Module, losses: Mapping[str, nn.Module], image: torch.Tensor, label: Tensors
) -> tuple[float, float]:
    """Compare the gradients of the two tasks' unweighted losses at the parameters that both reach.

    The loss of a task is the mean over the samples that are annotated for it.

    Args:
        network: gives the logits; its own gradients stay as they are.
        losses: of the tasks, each (pred, label) -> (B,).
        image: (B, 1, H, W).
        label: of the batch; each task has to be `available` somewhere in it.

    Returns:
        The norm of the first task's gradient over that of the second, and the cosine between the two.
    """
    pred = network(image)
    parameters = list(network.parameters())
    gradients = [
        torch.autograd.grad(
            losses[task](pred, label)[annotated].mean(), parameters, retain_graph=True, allow_unused=True
        )
        for task, annotated in zip(TASKS, label["available"].T, strict=True)
    ]
    shared = [pair for pair in zip(*gradients, strict=True) if None not in pair]
    first, second = (torch.cat([part.flatten() for part in task]) for task in zip(*shared, strict=True))
    return float(first.norm() / second.norm()), float(cosine_similarity(first, second, dim=0))
