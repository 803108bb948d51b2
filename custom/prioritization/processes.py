"""One view for all processes that train together."""

from __future__ import annotations

import ignite.distributed as idist
import torch


def mean_over_processes(values: torch.Tensor) -> torch.Tensor:
    """Mean of a tensor over the processes of the run."""
    # Ignite reduces in place, and a detached loss shares its memory with the one in the graph.
    return idist.all_reduce(values.clone()) / idist.get_world_size()
