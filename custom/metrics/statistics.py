"""Statistics that are NaN where there is nothing to count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def ratio(part: float, whole: float) -> float:
    """`part / whole`; NaN where there is no whole."""
    return part / whole if whole else np.nan


def mean(values: Iterable[float] | np.ndarray) -> float:
    """The mean of the values that are not NaN; NaN where there is none."""
    numbers = _defined(values)
    return float(numbers.mean()) if len(numbers) else np.nan


def median(values: Iterable[float] | np.ndarray) -> float:
    """The median of the values that are not NaN; NaN where there is none."""
    numbers = _defined(values)
    return float(np.median(numbers)) if len(numbers) else np.nan


def _defined(values: Iterable[float] | np.ndarray) -> np.ndarray:
    return np.array([value for value in values if not np.isnan(value)], dtype=float)


def error_statistics(name: str, in_px: Sequence[np.ndarray], in_mm: Sequence[np.ndarray]) -> dict[str, float]:
    """Median and 95th percentile of the lengths of error vectors.

    Args:
        name: of the error.
        in_px: blocks (N, 2) in pixels; NaN rows count nowhere.
        in_mm: the same in millimetres.
    """
    summary = {}
    for unit, vectors in (("px", in_px), ("mm", in_mm)):
        errors = np.linalg.norm(np.concatenate([np.empty((0, 2)), *vectors]), axis=1)
        errors = errors[~np.isnan(errors)]
        summary[f"{name}_median_{unit}"] = float(np.median(errors)) if len(errors) else np.nan
        summary[f"{name}_p95_{unit}"] = float(np.percentile(errors, 95)) if len(errors) else np.nan
    return summary
