"""How likely a catheter that was found is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit

# Logistic regression on what the released network finds on simulated sequences: docs/catheters.md.
_INTERCEPT, _PER_LOGIT, _PER_LOG_LENGTH, _PER_LOG_SCORES = -1.59, 0.69, 1.26, 1.37
_MOST_CERTAIN, _SHORTEST = 0.999, 0.001  # a mask that was drawn by hand has no logit, a single point no length


def catheter_confidence(probabilities: np.ndarray, length: float, scores: Sequence[float]) -> float:
    """Return the share of catheters like this one that are there, rather than look-alikes or pieces of others.

    Args:
        probabilities: (N,) of the mask in the pixels of its centreline.
        length: of the centreline, as a share of the frame's longer side.
        scores: of its electrodes.

    Returns:
        In [0, 1].
    """
    certainty = logit(np.clip(probabilities.mean(), 1 - _MOST_CERTAIN, _MOST_CERTAIN)) if len(probabilities) else 0.0
    along_line = _PER_LOGIT * certainty + _PER_LOG_LENGTH * np.log(max(length, _SHORTEST))
    return float(expit(_INTERCEPT + along_line + _PER_LOG_SCORES * np.log1p(sum(scores))))
