"""What MONAI Label's replies are held against: the command line, with the same files and weights."""

from __future__ import annotations

import io
import json
import math
import tempfile
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.infer import infer
from scripts.package import package

MODEL = "catheter_bundle"
OVERRIDES = "lite"


def unpack_bundle(weights: Path, folder: Path) -> Path:
    """Package weights of the lite network and unpack the archive in `folder`; return the bundle."""
    archive = folder / "bundle.zip"
    with redirect_stdout(io.StringIO()):
        package(weights=str(weights), output=str(archive), overrides=OVERRIDES)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
    return folder / MODEL


def infer_on_command_line(
    image: Path, weights: Path, *, frame: int = 0, **settings: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the mask (rows, columns) bool of a frame, and what `NAME.json` says about it."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        alone, results = Path(folder) / "alone.yaml", Path(folder) / "results"
        alone.write_text("tracker: null\n")  # the server sees a frame, and follows nothing over frames
        options = {
            "weights": str(weights),
            "overrides": (OVERRIDES, str(alone)),
            "formats": "mask,json",
            "device": "cpu",
        }
        infer(str(image), output=str(results), **options, **settings)
        (document,) = (json.loads(path.read_text()) for path in results.glob("*.json"))
        masks = sorted(results.glob("*_mask.png"))
        return np.asarray(Image.open(masks[frame])) > 0, document["frames"][frame]


def assert_found_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """What a reply says about a frame is what the command line's JSON says."""
    for kind in ("electrodes", "catheters", "pixel_spacing_mm", "spacing_plane", "flags"):
        assert _agree(found[kind], expected[kind]), f"{found[kind]} instead of {expected[kind]}"


def _agree(found: Any, expected: Any) -> bool:
    """Whether two JSON values are the same, numbers up to the rounding of the network's memory layout."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_agree(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_agree, found, expected))
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-4, abs_tol=1e-3)
    return bool(found == expected)


def enlarged(image: Path, folder: Path) -> Path:
    """Enlarge a frame to the network's grid: untrained, it finds electrodes in the border of those that do not fit."""
    path = folder / image.name
    Image.open(image).resize((464, 320)).save(path)
    return path
