"""Limits of the numbers that a config sets by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from custom.errors import InputError


@dataclass(frozen=True)
class Limit:
    """From where to where a number may lie.

    Args:
        least: the smallest number.
        most: the largest number.
        whole: fractions are refused.
    """

    least: float = 0
    most: float = math.inf
    whole: bool = False

    def holds(self, value: Any) -> bool:
        """Whether `value` is such a number."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return math.isfinite(value) and self.least <= value <= self.most

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if math.isfinite(self.most):
            return f"{kind} from {self.least} to {self.most}"
        return f"{kind}, {self.least} or more"


COUNT = Limit(least=1, whole=True)
COUNT_FROM_ZERO = Limit(whole=True)
SHARE = Limit(most=1)
LIMITS = {
    "seed": COUNT_FROM_ZERO,
    "max_epochs": COUNT,
    "val_interval": COUNT,
    "batch_size": COUNT,
    "num_workers": COUNT_FROM_ZERO,
    "cache_rate": SHARE,
    "learning_rate": Limit(),
    "weight_decay": Limit(),
    "keep_checkpoints": COUNT,
    "early_stopping_patience": COUNT_FROM_ZERO,
    "feature_distance_frames": COUNT_FROM_ZERO,
    "minimum_score": SHARE,
    "lowest_score": SHARE,
    "mask_threshold": SHARE,
    "piece_threshold": SHARE,
}


def check_limits(name: str, value: Any, shown: str) -> None:
    """Check a value of a config.

    Args:
        name: its id.
        value: what is to be set.
        shown: where it was given, for the message.

    Raises:
        InputError: where the id has limits, and the value does not keep to them.
    """
    limit = LIMITS.get(name)
    if limit is not None and not limit.holds(value):
        raise InputError("the value cannot be used", field=shown, found=str(value), expected=str(limit))
