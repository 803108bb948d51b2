"""Statistics that are NaN where there is nothing to count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

ERROR_STATISTICS: dict[str, Callable[[np.ndarray], float]] = {
    "median": lambda errors: float(np.median(errors)),
    "p95": lambda errors: float(np.percentile(errors, 95)),
    "max": lambda errors: float(errors.max()),
}


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


def without_nan(numbers: Mapping[str, float]) -> dict[str, float | None]:
    """Numbers by name with `None` in place of NaN, which JSON does not have."""
    return {name: None if np.isnan(value) else value for name, value in numbers.items()}


def error_statistics(
    name: str,
    in_px: Sequence[np.ndarray],
    in_mm: Sequence[np.ndarray],
    *,
    statistics: Sequence[str] = ("median", "p95"),
) -> dict[str, float]:
    """Statistics of the lengths of error vectors, NaN where there is none.

    Args:
        name: of the error.
        in_px: blocks (N, 2) in pixels; NaN rows count nowhere.
        in_mm: the same in millimetres.
        statistics: names in `ERROR_STATISTICS`.
    """
    summary = {}
    for unit, vectors in (("px", in_px), ("mm", in_mm)):
        errors = np.linalg.norm(np.concatenate([np.empty((0, 2)), *vectors]), axis=1)
        errors = errors[~np.isnan(errors)]
        for statistic in statistics:
            value = ERROR_STATISTICS[statistic](errors) if len(errors) else np.nan
            summary[f"{name}_{statistic}_{unit}"] = value
    return summary
