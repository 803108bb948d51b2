"""How simulated patients are divided among training, validation and test."""

from __future__ import annotations

import numpy as np

from custom.data.datalist import SPLITS
from custom.simulation.ranges import Shares


def divide_cases(cases: int, shares: Shares, *, seed: int) -> dict[str, set[int]]:
    """Give each split its cases, numbers from 0, at random but by the shares as nearly as whole cases can.

    Where there are three cases or more, no split with a share is empty.
    """
    order = np.random.default_rng([seed, 3]).permutation(cases)
    groups = np.split(order, _boundaries(cases, shares))
    return {name: set(group.tolist()) for name, group in zip(SPLITS, groups, strict=True)}


def _boundaries(cases: int, shares: Shares) -> tuple[int, int]:
    """Where validation and test begin among the cases."""
    total = shares.training + shares.validation + shares.test
    wanted = (shares.validation, shares.test)
    counts = [round(cases * share / total) for share in wanted]
    if cases >= 3:
        counts = [max(1, count) if share else 0 for count, share in zip(counts, wanted, strict=True)]
    least = 1 if shares.training and cases >= 3 else 0
    while sum(counts) > cases - least:
        counts[counts.index(max(counts))] -= 1
    if not shares.training:
        counts[wanted.index(max(wanted))] += cases - sum(counts)
    training = cases - sum(counts)
    return training, training + counts[0]
