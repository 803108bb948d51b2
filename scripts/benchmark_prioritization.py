"""What KPI bookkeeping costs: `python -m scripts.benchmark_prioritization --device cpu`."""

from __future__ import annotations

import torch

from custom.benchmark import time_interleaved
from custom.losses import PrioritizedLoss
from custom.networks import lite_catheter_net
from custom.prioritization import IouKpi, Kpi, MeanAbsoluteErrorKpi, PriorityState
from custom.tasks import TASKS
from custom.tensors import Tensors
from custom.transforms import HeadTargets
from scripts.command_line import start_alone

SLOTS = 128


def benchmark_prioritization(
    device: str = "cpu", batch_size: int = 8, size: int = 256, electrodes: int = 20, repetitions: int = 20
) -> None:
    """Print the time of a training step of the lite network, of its KPI bookkeeping, and their ratio.

    The two are timed in turn, from the same process, and their medians compared.

    Args:
        device: cpu or cuda.
        batch_size: frames a step.
        size: rows and columns of a frame.
        electrodes: in every frame.
        repetitions: timed steps, after two that are not timed.
    """
    torch.manual_seed(0)
    network = lite_catheter_net().to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    image, label = random_batch(batch_size, size, electrodes, network.head_stride, device)
    priority = PriorityState(size=1000)
    loss, optimizer = PrioritizedLoss(priority), torch.optim.AdamW(network.parameters())
    kpis = (MeanAbsoluteErrorKpi(), IouKpi())
    pred: dict[str, torch.Tensor] = {}
    calls = {
        "step": lambda: pred.update(train_step(network, image, label, loss, optimizer)),
        "bookkeeping": lambda: keep_kpis(priority, kpis, pred, label),
    }
    step, bookkeeping = (timing.median for timing in time_interleaved(calls, rounds=repetitions).values())
    print(f"training step, {batch_size} x {size} x {size} on {device}: {step:.1f} ms")
    print(f"KPI bookkeeping ({', '.join(TASKS)}): {bookkeeping:.2f} ms, {bookkeeping / step:.2%} of a step")


def random_batch(count: int, size: int, electrodes: int, head_stride: int, device: str) -> tuple[torch.Tensor, Tensors]:
    """Noise of `count` frames with a label that has everything that losses and KPIs read."""
    boxes = torch.rand(count, SLOTS, 4, device=device) * torch.tensor([size - 1.0, size - 1.0, 8, 8], device=device)
    label = {
        "mask": (torch.rand(count, 1, size, size, device=device) < 0.03).float(),
        "electrodes": boxes,
        "electrode_valid": (torch.arange(SLOTS, device=device) < electrodes).expand(count, SLOTS),
        "available": torch.ones(count, len(TASKS), dtype=torch.bool, device=device),
        "sample_index": torch.arange(count, device=device),
    }
    image = torch.randn(count, 1, size, size, device=device).contiguous(memory_format=torch.channels_last)
    return image, HeadTargets(head_stride)(label)


def train_step(
    network: torch.nn.Module,
    image: torch.Tensor,
    label: Tensors,
    loss: PrioritizedLoss,
    optimizer: torch.optim.Optimizer,
) -> Tensors:
    """Forward, loss, backward, optimizer; return the logits, detached."""
    optimizer.zero_grad()
    pred = network(image)
    loss(pred, label).backward()
    optimizer.step()
    return {name: logits.detach() for name, logits in pred.items()}


def keep_kpis(priority: PriorityState, kpis: tuple[Kpi, ...], pred: Tensors, label: Tensors) -> None:
    """Measure the KPIs of a batch and keep them."""
    observed = torch.stack([kpi(pred, label) for kpi in kpis], dim=1)
    priority.update(label["sample_index"], observed, label["available"])


if __name__ == "__main__":
    start_alone(benchmark_prioritization)
