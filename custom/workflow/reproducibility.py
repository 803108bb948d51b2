"""One seed, and every epoch the same whatever came before it."""

from __future__ import annotations

import ignite.distributed as idist
import numpy as np
from ignite.engine import Engine, Events
from monai.utils import set_determinism


class EpochSeed:
    """Seeds all random generators at the start of every epoch with `seed`, the epoch and the rank.

    A resumed run then draws what the straight run drew: bit for bit on a CPU.

    Args:
        seed: the run's seed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)

    def start(self, engine: Engine) -> None:
        """Seed for the epoch that starts."""
        mixed = np.random.SeedSequence([self.seed, idist.get_rank(), engine.state.epoch])  # sums would repeat others
        set_determinism(int(mixed.generate_state(1)[0]))
