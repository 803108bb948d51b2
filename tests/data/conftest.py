"""Small data sets with a non-square frame: 24 rows, 40 columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROWS, COLUMNS = 24, 40


@pytest.fixture
def ramp() -> np.ndarray:
    """(24, 40) uint8; every pixel tells its row and column."""
    return (np.arange(ROWS)[:, None] * 5 + np.arange(COLUMNS)[None, :]).astype(np.uint8)


@pytest.fixture
def document(tmp_path: Path, ramp: np.ndarray) -> dict[str, Any]:
    """A right datalist of three entries whose files exist; tests spoil it."""
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[10:12] = 255
    for name in ("a", "b", "c"):
        Image.fromarray(ramp).save(tmp_path / f"{name}.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    electrode = {"x": 3.5, "y": 20.25, "width": 4, "height": 3.5}
    return {
        "training": [
            {"image": "a.png", "mask": "mask.png", "electrodes": [electrode, dict(electrode, x=30)], "case": "p1"},
            {"image": "b.png", "mask": None, "electrodes": [], "case": "p1"},
        ],
        "validation": [{"image": "c.png", "mask": "mask.png", "electrodes": None, "case": "p2"}],
        "test": [],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    """Write a document as `datalist.json` beside its files."""

    def write_document(content: Any) -> Path:
        path = tmp_path / "datalist.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write_document
