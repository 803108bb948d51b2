"""How long it takes from mask and electrodes to catheters: `python -m scripts.benchmark_postprocessing`."""

from __future__ import annotations

import time

import fire
import numpy as np
from tqdm import tqdm

from custom.postprocessing.catheters import find_catheters
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences

_SCORE = 1.0


def benchmark_postprocessing(frames: int = 200, size: int = 256, seed: int = 0, repeats: int = 3) -> None:
    """Print milliseconds a frame of `find_catheters` on true masks and electrodes of simulated sequences.

    Args:
        frames: how many, each of another sequence.
        size: side of a frame.
        seed: of the sequences.
        repeats: how often each frame is processed; the least processor time counts, which others disturb least.
    """
    simulated = SimulatedSequences(load_config(), seed=seed, size=size, sequences=frames, frames=1, plans_kept=1)
    samples = [_sample(simulated, index) for index in tqdm(range(frames), unit="frame", desc="simulate", disable=None)]
    for sample in samples:  # patterns of electrodes are worked out once
        find_catheters(*sample[:2], pixel_spacing_mm=sample[2])
    times = [min(_seconds(*sample) for _ in range(repeats)) for sample in tqdm(samples, unit="frame", disable=None)]
    median, high, most = 1e3 * np.percentile(times, [50, 95, 100])
    print(
        f"{median:.1f} ms a frame (median), {high:.1f} ms (95th percentile), {most:.1f} ms (most):"
        f" {frames} frames of {size} x {size}"
    )


def _sample(simulated: SimulatedSequences, index: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
    batch = simulated.render([index])
    entry = batch.labels[0].entry()
    fields = ("x", "y", "width", "height")
    electrodes = [[*(electrode[field] for field in fields), _SCORE] for electrode in entry["electrodes"]]
    return batch.masks[0, 0].numpy(), np.array(electrodes).reshape(-1, 5), entry["pixel_spacing_mm"]


def _seconds(mask: np.ndarray, electrodes: np.ndarray, spacing: list[float]) -> float:
    started = time.process_time()
    find_catheters(mask, electrodes, pixel_spacing_mm=spacing)
    return time.process_time() - started


if __name__ == "__main__":
    fire.Fire(benchmark_postprocessing)
