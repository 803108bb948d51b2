"""The samples of an epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator

import ignite.distributed as idist
import numpy as np
from torch.utils.data import Sampler

from custom.prioritization.state import PriorityState


class PrioritySampler(Sampler[int]):
    """Yields the samples that a `PriorityState` selected for its epoch, shuffled.

    The order depends on seed, epoch and selection alone. Of `world_size` processes, each takes every `world_size`-th
    sample of one common order, whose last sample is repeated so that all have equally many: together their batches are
    those of one process.

    Args:
        priority: whose selection is followed; an epoch is as long as it is.
        seed: of the shuffling.
        rank: of this process; by default that of the running process group.
        world_size: number of processes, likewise.
    """

    def __init__(
        self, priority: PriorityState, *, seed: int = 0, rank: int | None = None, world_size: int | None = None
    ) -> None:
        self.priority = priority
        self.seed = seed
        self.rank = idist.get_rank() if rank is None else rank
        self.world_size = idist.get_world_size() if world_size is None else world_size

    def __len__(self) -> int:
        """Samples of this rank in the epoch."""
        return math.ceil(len(self.priority.selected_indices()) / self.world_size)

    def __iter__(self) -> Iterator[int]:
        """Yield positions in the training list."""
        generator = np.random.default_rng([self.seed, int(self.priority.ranked_epoch)])
        order = generator.permutation(self.priority.selected_indices().numpy())
        padded = np.pad(order, (0, len(self) * self.world_size - len(order)), mode="edge") if len(order) else order
        return iter(padded[self.rank :: self.world_size].tolist())
