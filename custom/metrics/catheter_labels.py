"""Electrodes on the right catheter, in the right order, and catheters of the right type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from custom.metrics.catheter_record import CatheterRecord
from custom.metrics.statistics import mean, ratio

Records = Sequence[CatheterRecord]
# Electrodes of a star lie on its arms: along the shaft they have no order.
UNORDERED_TYPES = ("star mapping",)
LEAST_ELECTRODES_OF_TYPE = 2
CONFIDENCES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
NOT_FOUND, NOTHING_THERE = "not found", "nothing there"


def electrode_numbers(records: Records) -> dict[str, float]:
    """Electrodes within 3 pixels, and the share of them that was found on the right catheter."""
    matched = sum(len(record.electrodes) for record in records)
    return {
        "electrode_recall": ratio(matched, sum(len(record.true.electrodes) for record in records)),
        "electrode_precision": ratio(matched, sum(len(record.found.electrodes) for record in records)),
        "assignment_accuracy": mean(right for record in records for right in _on_right_catheter(record)),
    }


def order_numbers(records: Records) -> dict[str, float]:
    """Share of matched catheters whose electrodes were found in order."""
    orders = [order for record in records for order in _poles_in_found_order(record)]
    from_tip = [order == sorted(order) for order in orders]
    from_end = [order == sorted(order, reverse=True) for order in orders]
    return {
        "order_accuracy": mean(from_tip),
        "order_accuracy_either_way": mean(np.logical_or(from_tip, from_end)),
    }


def type_numbers(records: Records) -> dict[str, float]:
    """Share of catheters that were found, and of those the share with the right type."""
    pairs = [(pair, record.true.catheters[pair.true]) for record in records for pair in record.catheters]
    return {
        "catheter_recall": ratio(len(pairs), sum(len(record.true.catheters) for record in records)),
        "catheter_precision": ratio(len(pairs), sum(len(record.found.catheters) for record in records)),
        "type_accuracy": mean(pair.right_type for pair, _ in pairs),
        "type_accuracy_with_electrodes": mean(
            pair.right_type for pair, true in pairs if len(true.electrodes) >= LEAST_ELECTRODES_OF_TYPE
        ),
    }


def confusion(records: Records) -> dict[str, dict[str, int]]:
    """How often each true type was found as each type.

    `not found` and `nothing there` stand for the missing ones; in brackets where a type has that name.
    """
    not_found = _unlike({catheter.type for record in records for catheter in record.found.catheters}, NOT_FOUND)
    nothing_there = _unlike({catheter.type for record in records for catheter in record.true.catheters}, NOTHING_THERE)
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        found = {pair.true: pair.found for pair in record.catheters}
        for catheter in record.true.catheters:
            name = record.found.catheters[found[catheter.id]].type if catheter.id in found else not_found
            counts[catheter.type, name] += 1
        surplus = (catheter for catheter in record.found.catheters if catheter.id not in found.values())
        counts.update((nothing_there, catheter.type) for catheter in surplus)
    table: dict[str, dict[str, int]] = {}
    for (true, name), number in sorted(counts.items()):
        table.setdefault(true, {})[name] = number
    return table


def confidence_numbers(records: Records) -> list[dict[str, float]]:
    """How many catheters were found with a confidence `from` this up `to` that, and the share of them that is there."""
    confidence, there = [], []
    for record in records:
        matched = {pair.found for pair in record.catheters}
        confidence += [catheter.confidence for catheter in record.found.catheters]
        there += [catheter.id in matched for catheter in record.found.catheters]
    steps = np.digitize(confidence, CONFIDENCES[1:-1])
    return [
        {"from": low, "to": high, "found": int((steps == step).sum()), "there": mean(np.array(there)[steps == step])}
        for step, (low, high) in enumerate(pairwise(CONFIDENCES))
    ]


def _unlike(types: set[str], name: str) -> str:
    return _unlike(types, f"({name})") if name in types else name


def _on_right_catheter(record: CatheterRecord) -> list[bool]:
    """For each matched electrode that truly lies on a catheter, whether it was found on that catheter."""
    found_of = {pair.true: pair.found for pair in record.catheters}
    on_catheter = [
        (record.true.electrodes[true].catheter, record.found.electrodes[found].catheter)
        for true, found in record.electrodes.items()
    ]
    return [found is not None and found_of.get(true) == found for true, found in on_catheter if true is not None]


def _poles_in_found_order(record: CatheterRecord) -> list[list[int]]:
    """For each matched catheter, the true poles of its own electrodes in the order in which they were found."""
    true_of = {found: true for true, found in record.electrodes.items()}
    orders = []
    for pair in record.catheters:
        true, found = record.true.catheters[pair.true], record.found.catheters[pair.found]
        own = [record.true.electrodes[true_of[index]] for index in found.electrodes if index in true_of]
        if true.type not in UNORDERED_TYPES:
            orders.append([e.pole for e in own if e.catheter == pair.true and e.pole is not None])
    return [order for order in orders if len(order) > 1]
