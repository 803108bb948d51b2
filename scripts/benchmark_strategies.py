"""What a training step costs under each strategy: `python -m scripts.benchmark_strategies --device cpu`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from custom.benchmark import time_interleaved
from custom.losses import PrioritizedLoss
from custom.networks import CatheterNet, lite_catheter_net
from custom.prioritization import (
    ConstantWeights,
    DynamicTaskPrioritization,
    DynamicWeightAverage,
    Famo,
    GradNorm,
    InverseKpi,
    IouKpi,
    MeanAbsoluteErrorKpi,
    PCGrad,
    PriorityState,
    TaskWeighting,
    UncertaintyWeighting,
)
from custom.tensors import Tensors
from scripts.benchmark_prioritization import keep_kpis, random_batch, train_step
from scripts.command_line import start_alone

SAMPLES = 2450  # as many as the paper's clinical set has
BASELINE = "constant weights, no KPIs"


class Strategy:
    """A training step of a network: forward, loss, backward, optimizer, and KPIs where the strategy keeps them."""

    def __init__(self, network: CatheterNet, weighting: TaskWeighting, *, keeps_kpis: bool = True) -> None:
        self.network = network
        self.priority = PriorityState(SAMPLES, weighting=weighting)
        self.priority.start_epoch(1)
        self.loss = PrioritizedLoss(self.priority)
        self.optimizer = torch.optim.AdamW(network.parameters())
        self.kpis = (MeanAbsoluteErrorKpi(), IouKpi()) if keeps_kpis else ()

    def step(self, image: torch.Tensor, label: Tensors) -> None:
        """Train once."""
        pred = train_step(self.network, image, label, self.loss, self.optimizer)
        if self.kpis:
            keep_kpis(self.priority, self.kpis, pred, label)


def build_strategies(network: CatheterNet) -> dict[str, Strategy]:
    """Every task weighting, by name, on one network; which samples an epoch has does not change a step."""
    weightings: dict[str, Callable[[], TaskWeighting]] = {
        "ours": InverseKpi,
        "dynamic task prioritization": DynamicTaskPrioritization,
        "dynamic weight average": DynamicWeightAverage,
        "uncertainty weighting": UncertaintyWeighting,
        "FAMO": Famo,
        "GradNorm": lambda: GradNorm(network.decoder.steps[-1].parameters()),
        "PCGrad": lambda: PCGrad(network.parameters()),
    }
    strategies = {BASELINE: Strategy(network, ConstantWeights(), keeps_kpis=False)}
    return strategies | {name: Strategy(network, build()) for name, build in weightings.items()}


def benchmark_strategies(
    device: str = "cpu",
    batch_size: int = 8,
    size: int = 256,
    electrodes: int = 20,
    repetitions: int = 20,
    lite: bool = True,
) -> None:
    """Print the time of a training step under each strategy, over that under constant weights.

    The strategies take turns in one process, and their fastest steps are compared: whatever else runs on the machine
    only ever slows a step down.

    Args:
        device: cpu or cuda.
        batch_size: frames a step.
        size: rows and columns of a frame.
        electrodes: in every frame.
        repetitions: timed steps of each strategy, after two that are not timed.
        lite: the lite network instead of the paper's.
    """
    torch.manual_seed(0)
    network = (lite_catheter_net() if lite else CatheterNet()).to(device)
    image, label = random_batch(batch_size, size, electrodes, network.head_stride, device)
    steps = {name: partial(strategy.step, image, label) for name, strategy in build_strategies(network).items()}
    fastest = {name: timing.minimum for name, timing in time_interleaved(steps, rounds=repetitions).items()}
    print(f"training step, {batch_size} x {size} x {size} on {device}: {fastest[BASELINE]:.1f} ms")
    for name, milliseconds in fastest.items():
        print(f"{name:28s} {milliseconds / fastest[BASELINE]:.3f}")


if __name__ == "__main__":
    start_alone(benchmark_strategies)
