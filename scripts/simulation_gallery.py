"""Frames of the simulator for the documentation: `python -m scripts.simulation_gallery docs/gallery`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from custom.data.datalist import BOX_KEYS
from custom.files import write_image
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.visualization import draw_overlay
from scripts.command_line import start_alone

PICTURES = (
    ("electrophysiology", 2),
    ("electrophysiology_many", 4),
    ("pacing", 1),
    ("abdominal", 1),
    ("cerebral", 1),
    ("phantom", 1),
)
MOST_SEQUENCES = 500


def simulation_gallery(output: str, seed: int = 11, size: int = 320) -> None:
    """Write six frames, each without and with its labels, and one sheet of all: the first of each with enough devices.

    Args:
        output: folder of the PNG files.
        seed: of the simulated sequences.
        size: side of the frames in pixels.
    """
    sequences = SimulatedSequences(load_config(), seed=seed, size=size, sequences=MOST_SEQUENCES, frames=1)
    used: set[int] = set()
    columns = []
    for name, devices in PICTURES:
        number = _first(sequences, name.split("_")[0], devices, used)
        used.add(number)
        batch = sequences.render([number])
        image, mask = batch.images[0, 0].numpy(), batch.masks[0, 0].numpy()
        boxes = [[item[key] for key in BOX_KEYS] for item in batch.labels[0].electrodes]
        write_image(Path(output) / f"{name}.png", image.astype(np.uint8), optimize=True)
        overlay = draw_overlay(image, mask, np.array(boxes).reshape(-1, 4))
        write_image(Path(output) / f"{name}_labels.png", overlay, optimize=True)
        columns.append(np.concatenate([np.repeat(image.astype(np.uint8)[..., None], 3, axis=-1), overlay]))
    write_image(Path(output) / "gallery.png", np.concatenate(columns, axis=1)[::2, ::2], optimize=True)
    print(f"Written: {2 * len(PICTURES) + 1} pictures in {output}")


def _first(sequences: SimulatedSequences, procedure: str, devices: int, used: set[int]) -> int:
    for number in range(MOST_SEQUENCES):
        if number in used or sequences.plan(number).procedure != procedure:
            continue
        if len(sequences.render([number]).labels[0].catheters) >= devices:
            return number
    raise LookupError(f"no {procedure} with {devices} devices in {MOST_SEQUENCES} sequences")


if __name__ == "__main__":
    start_alone(simulation_gallery)
