"""Electrodes that are none: without one that the network is unsure of, a row may be a catheter of a known type."""

from __future__ import annotations

import math
from operator import itemgetter

import numpy as np

from custom.postprocessing.catheter_types.table import UNKNOWN
from custom.postprocessing.catheters.rows import FitRow, FittedRow

# Log odds that a found electrode is one, by its score: of 3,151 on 400 simulated frames, 52 % were real between 0.3 and
# 0.4, and 66, 86, 95, 99.3 and 99.8 % in the steps that follow.
_ODDS_A_SCORE, _ODDS_AT_ZERO = 13.0, -4.8
# From this score on an electrode stays, whatever it lies on: there are catheters that the table does not hold.
_SURE = 0.7
_LEAST_GAIN = 1.0
_LEAST_ELECTRODES = 2  # left of a row


def without_false(row: FittedRow, scores: np.ndarray, fitted: FitRow) -> FittedRow:
    """Leave out electrodes, one after the other, where that explains the rest better than their scores allow.

    Args:
        row: a line with electrodes.
        scores: (K,) of all electrodes, in [0, 1].
        fitted: gives a row, from its tip, its type.
    """
    if len(row.electrodes) <= _LEAST_ELECTRODES:
        return row
    before = row.cost()
    losses = {electrode: _loss(float(scores[electrode])) for electrode in row.electrodes if scores[electrode] < _SURE}
    trials = [(fitted(row.without({one})), loss) for one, loss in losses.items() if loss < before]
    known = [(trial.cost() + loss, trial) for trial, loss in trials if trial.fit.name != UNKNOWN]
    cost, best = min(known, key=itemgetter(0), default=(math.inf, row))
    return without_false(best, scores, fitted) if cost < before else row


def _loss(score: float) -> float:
    """What it costs to take an electrode for none."""
    return max(0.0, _ODDS_A_SCORE * score + _ODDS_AT_ZERO) + _LEAST_GAIN
