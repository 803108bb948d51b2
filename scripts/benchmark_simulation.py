"""How fast frames are simulated: `python -m scripts.benchmark_simulation --device cpu`."""

from __future__ import annotations

import time

import torch

from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from scripts.command_line import start_alone


def benchmark_simulation(
    device: str = "cpu", sequences: int = 20, frames: int = 8, size: int = 256, batch_size: int = 8
) -> None:
    """Print frames/s with the scenes' planning in it, and of rendering alone.

    Args:
        device: cpu or cuda.
        sequences: how many are rendered.
        frames: frames of each.
        size: side of a frame.
        batch_size: frames that are rendered together.
    """
    simulated = SimulatedSequences(
        load_config(), size=size, sequences=sequences, frames=frames, device=device, plans_kept=sequences
    )
    warm_up = SimulatedSequences(load_config(), size=size, frames=batch_size, device=device)
    warm_up.render(range(batch_size))
    for what in ("planned and rendered", "rendered, plans kept"):
        started = time.perf_counter()
        for start in range(0, len(simulated), batch_size):
            simulated.render(range(start, min(start + batch_size, len(simulated))))
        if device == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - started
        print(f"{what}: {len(simulated) / seconds:.1f} frames/s ({size} x {size}, {device}, batches of {batch_size})")


if __name__ == "__main__":
    start_alone(benchmark_simulation)
