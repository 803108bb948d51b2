"""How much a found mask and a true one have in common."""

from __future__ import annotations

import numpy as np


def region_similarity(true: np.ndarray, found: np.ndarray) -> float:
    """J, the intersection over union of two bool masks of one shape; 1 where both are empty."""
    union = np.count_nonzero(true | found)
    return np.count_nonzero(true & found) / union if union else 1.0
