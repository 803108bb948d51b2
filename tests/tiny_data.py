"""A data set of a few small frames with a wire and dots on it, for tests that need files rather than realism."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.draw import disk, line

ROWS, COLUMNS = 64, 96


def write_tiny_data(folder: Path, *, cases: int = 4, frames: int = 2, seed: int = 0) -> Path:
    """Write frames, masks and a datalist (the last two cases validate and test); return the datalist's path."""
    generator = np.random.default_rng(seed)
    splits: dict[str, list] = {"training": [], "validation": [], "test": []}
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for case in range(cases):
        split = {cases - 2: "validation", cases - 1: "test"}.get(case, "training")
        for frame in range(frames):
            splits[split].append(_write_frame(folder, f"{case:02d}_{frame:02d}", case, generator))
    path = folder / "datalist.json"
    path.write_text(json.dumps(splits))
    return path


def _write_frame(folder: Path, name: str, case: int, generator: np.random.Generator) -> dict:
    pixels = 150 + generator.normal(0, 4, (ROWS, COLUMNS))
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    start, end = (int(generator.integers(8, ROWS - 8)) for _ in range(2))
    rows, columns = line(start, 6, end, COLUMNS - 7)
    for thickness in range(3):
        mask[rows + thickness - 1, columns] = 255
    pixels[mask > 0] -= 40
    electrodes = []
    for position in (0.25, 0.5, 0.75):
        index = int(position * len(rows))
        y, x = int(rows[index]), int(columns[index])
        pixels[disk((y, x), 3.5)] -= 50
        electrodes.append({"x": x, "y": y, "width": 7, "height": 7})
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "images" / f"{name}.png")
    Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    return {
        "image": f"images/{name}.png",
        "mask": f"masks/{name}.png",
        "electrodes": electrodes,
        "case": f"case{case:02d}",
        "pixel_spacing_mm": [0.3, 0.3],
        "spacing_plane": "isocentre",
    }
