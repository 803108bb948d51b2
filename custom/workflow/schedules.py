"""Learning-rate schedules."""

from __future__ import annotations

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


class CosineDecay(LambdaLR):
    """The learning rate falls to zero along a cosine.

    PyTorch's own takes its length from the checkpoint, and a run that was resumed for more epochs would climb again.

    Args:
        optimizer: whose rate it sets.
        epochs: after which the rate is zero; a resumed run takes the one that it is given.
    """

    def __init__(self, optimizer: Optimizer, epochs: int) -> None:
        super().__init__(optimizer, lambda epoch: (1 + math.cos(math.pi * min(epoch / epochs, 1.0))) / 2)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the epoch, and set the rate that this schedule has there."""
        super().load_state_dict(state_dict)
        self._last_lr = [
            base * shape(self.last_epoch) for base, shape in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]
        for group, rate in zip(self.optimizer.param_groups, self._last_lr, strict=True):
            group["lr"] = rate
