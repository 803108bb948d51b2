"""How long it takes from the network's output to tracked catheters: `python -m scripts.benchmark_postprocessing`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from tqdm import tqdm

from custom.data.datalist import BOX_KEYS
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.electrodes import decode_electrodes
from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.tracker import CatheterTracker
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from scripts.command_line import start_alone

_SCORE = 1.0


def benchmark_postprocessing(
    frames: int = 200, size: int = 256, seed: int = 0, repeats: int = 3, head_stride: int = 2
) -> None:
    """Print milliseconds a frame of each step, on true masks and electrodes of simulated sequences.

    Args:
        frames: how many, each of another sequence.
        size: side of a frame.
        seed: of the sequences.
        repeats: how often each frame is processed; the least processor time counts, which others disturb least.
        head_stride: pixels a cell of the heatmap that peaks are looked for in.
    """
    torch.set_num_threads(1)
    simulated = SimulatedSequences(load_config(), seed=seed, size=size, sequences=frames, frames=1, plans_kept=1)
    samples = [_sample(simulated, index) for index in tqdm(range(frames), unit="frame", desc="simulate", disable=None)]
    results = [_found(sample, index) for index, sample in enumerate(samples)]  # patterns are worked out once
    print(f"{frames} frames of {size} x {size}, ms a frame: median, 95th percentile, most")
    pred = _logits(size, head_stride)
    _print("find_catheters", [_least(repeats, partial(_found, sample, 0)) for sample in samples])
    _print("tracking", [min(_tracking_seconds(result) for _ in range(repeats)) for result in results])
    _print("peaks", [_least(repeats, partial(decode_electrodes, pred)) for _ in range(frames)])


def _print(name: str, seconds: list[float]) -> None:
    median, high, most = 1e3 * np.percentile(seconds, [50, 95, 100])
    print(f"{name:15} {median:6.1f} {high:6.1f} {most:6.1f}")


def _sample(simulated: SimulatedSequences, index: int) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    batch = simulated.render([index])
    entry = batch.labels[0].entry()
    electrodes = [[*(electrode[key] for key in BOX_KEYS), _SCORE] for electrode in entry["electrodes"]]
    row_spacing, column_spacing = entry["pixel_spacing_mm"]
    return batch.masks[0, 0].numpy(), np.array(electrodes).reshape(-1, 5), (row_spacing, column_spacing)


def _found(sample: tuple[np.ndarray, np.ndarray, tuple[float, float]], index: int) -> FrameResult:
    mask, boxes, spacing = sample
    electrodes, catheters = find_catheters(mask, boxes, pixel_spacing_mm=spacing)
    return FrameResult(str(index), "", 0, 2, np.empty((0, 0)), mask, electrodes, catheters, spacing)


def _logits(size: int, head_stride: int) -> dict[str, torch.Tensor]:
    cells = size // head_stride
    generator = torch.Generator().manual_seed(0)
    shapes = {"segmentation": (1, size), "center": (1, cells), "size": (2, cells)}
    return {key: torch.randn(1, n, side, side, generator=generator) for key, (n, side) in shapes.items()}


def _tracking_seconds(result: FrameResult) -> float:
    tracker = CatheterTracker()
    tracker.update(result)
    return _seconds(lambda: tracker.update(replace(result, frame_index=1)))


def _least(repeats: int, call: Callable[[], object]) -> float:
    return min(_seconds(call) for _ in range(repeats))


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


if __name__ == "__main__":
    start_alone(benchmark_postprocessing)
