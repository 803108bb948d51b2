"""How difficult each sample was throughout training (paper, Figure 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
import torch
from ignite.engine import Engine, Events

from custom.files import replacing
from custom.prioritization.selection import top_share
from custom.prioritization.state import PriorityState


class KpiRecorder:
    """Writes the difficulty of every sample, and the threshold of TopK, epoch by epoch.

    The file holds `iteration` (E,), the iterations done when an epoch ended; `difficulty` (E, S, T) at that moment,
    infinite where a sample was not seen yet; and `threshold` (E, T), the difficulty of the easiest sample that the
    epoch's share kept. A resumed run goes on in the file.

    Args:
        priority: the state to watch.
        path: an `.npz` file.
    """

    def __init__(self, priority: PriorityState, path: str | Path) -> None:
        self.priority = priority
        self.path = Path(path)

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer, after its `KpiHandler`."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.EPOCH_STARTED, self.note_threshold)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.record)

    def start(self, engine: Engine) -> None:
        """Take up the epochs that a resumed run has behind it."""
        self.records: dict[str, list[np.ndarray]] = {"iteration": [], "difficulty": [], "threshold": []}
        if engine.state.epoch > 0 and self.path.is_file():
            with np.load(self.path) as earlier:
                self.records = {name: list(earlier[name][: engine.state.epoch]) for name in self.records}

    def note_threshold(self, engine: Engine) -> None:
        """Look at the ranking that the epoch starts with."""
        difficulty, available = self.priority.difficulty().cpu(), self.priority.available.cpu()
        kept = top_share(difficulty, available, self.priority.share(engine.state.epoch))
        self.threshold = difficulty.where(kept, torch.inf).amin(0).numpy()

    def record(self, engine: Engine) -> None:
        """Write the file anew, with the epoch that ended."""
        self.records["iteration"].append(np.array(engine.state.iteration))
        self.records["difficulty"].append(self.priority.difficulty().cpu().numpy())
        self.records["threshold"].append(self.threshold)
        if idist.get_rank() == 0:
            arrays: dict[str, Any] = {name: np.stack(values) for name, values in self.records.items()}
            with replacing(self.path) as temporary:
                np.savez_compressed(temporary, **arrays)
