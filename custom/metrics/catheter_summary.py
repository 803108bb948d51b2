"""The numbers of all sequences: catheters, centrelines, identity, motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from custom.metrics.catheter_labels import electrode_numbers, order_numbers, type_numbers
from custom.metrics.catheter_record import CatheterRecord
from custom.metrics.catheter_sequences import by_sequence, catheter_switches, electrode_switches, reference_errors
from custom.metrics.statistics import error_statistics, mean, median, ratio

Records = Sequence[CatheterRecord]


def summarize_catheters(records: Records) -> dict[str, float]:
    """Sum up what was found; docs/metrics.md says what each number means, and which catheter is which.

    Args:
        records: of whole sequences, frames in order.

    Returns:
        The numbers by name; NaN where undefined.
    """
    return _frames(records) | _identity(records) | _reference(records)


def summarize_frame(record: CatheterRecord) -> dict[str, float]:
    """The numbers of one frame: those of `summarize_catheters` that need no sequence."""
    return _frames([record])


def _frames(records: Records) -> dict[str, float]:
    return (
        electrode_numbers(records)
        | order_numbers(records)
        | type_numbers(records)
        | _centerlines(records)
        | _tips(records)
        | _components(records)
    )


def _centerlines(records: Records) -> dict[str, float]:
    pairs = [pair for record in records for pair in record.catheters]
    return {
        "cl_dice": mean(record.cl_dice for record in records),
        "centerline_mean_px": mean(record.distance_px.mean for record in records),
        "centerline_p95_px": mean(record.distance_px.p95 for record in records),
        "centerline_mean_mm": mean(record.distance_mm.mean for record in records),
        "centerline_p95_mm": mean(record.distance_mm.p95 for record in records),
        "catheter_centerline_median_px": median(pair.distance_px.mean for pair in pairs),
        "catheter_centerline_median_mm": median(pair.distance_mm.mean for pair in pairs),
        "catheter_centerline_mean_px": mean(pair.distance_px.mean for pair in pairs),
        "catheter_centerline_p95_px": mean(pair.distance_px.p95 for pair in pairs),
        "catheter_centerline_mean_mm": mean(pair.distance_mm.mean for pair in pairs),
        "catheter_centerline_p95_mm": mean(pair.distance_mm.p95 for pair in pairs),
    }


def tip_errors(record: CatheterRecord) -> np.ndarray:
    """Vectors (T, 2) in pixels from true tips in view to found ones, of matched catheters; NaN where none was found."""
    errors = []
    for pair in record.catheters:
        true, found = record.true.catheters[pair.true], record.found.catheters[pair.found]
        if true.tip_known:
            errors.append(found.centerline[0] - true.centerline[0] if found.tip_known else np.full(2, np.nan))
    return np.array(errors).reshape(-1, 2)


def _tips(records: Records) -> dict[str, float]:
    errors = [tip_errors(record) for record in records]
    in_mm = [vectors * record.true.mm_per_pixel for vectors, record in zip(errors, records, strict=True)]
    return {
        "tips_found": mean(not np.isnan(x) for vectors in errors for x, _ in vectors),
        **error_statistics("tip_error", errors, in_mm),
    }


def _components(records: Records) -> dict[str, float]:
    return {
        "mask_components_true": mean(record.true_components for record in records),
        "mask_components_found": mean(record.found_components for record in records),
    }


def _identity(records: Records) -> dict[str, float]:
    def per_hundred(count: Callable[[Records], int]) -> float:
        return 100 * ratio(sum(count(sequence) for sequence in by_sequence(records)), len(records))

    return {
        "catheter_switches_per_100_frames": per_hundred(catheter_switches),
        "electrode_switches_per_100_frames": per_hundred(electrode_switches),
    }


def _reference(records: Records) -> dict[str, float]:
    errors = [reference_errors(sequence) for sequence in by_sequence(records)]
    in_px, in_mm = [px for px, _ in errors], [mm for _, mm in errors]
    return {
        "reference_found": mean(not np.isnan(x) for vectors in in_px for x, _ in vectors),
        **error_statistics("reference_error", in_px, in_mm),
    }
