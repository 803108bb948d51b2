"""What an evaluation came to, by group of frames."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.data.datalist import Entry
from custom.data.frame_facts import electrode_facts, frame_facts
from custom.given_names import given_names
from custom.metrics import KEY_METRIC, group_rows, write_groups


class GroupReport:
    """Writes `groups.csv` and `groups.md` after an evaluation.

    Args:
        folder: where the files go.
        keys: what frames are grouped by, each by itself, as one text with commas or several: any text or number of the
            datalist's entries or of the `simulation.json` beside it, `device`, `device_count`, `electrode_count` or
            `electrode_distance`.
        entries: that are evaluated.
        datalist: the file that they come from.
    """

    def __init__(
        self, folder: str | Path, *, keys: str | Sequence[str], entries: Sequence[Entry], datalist: str | Path
    ) -> None:
        self.folder = Path(folder)
        self.keys = given_names(keys)
        self.facts = frame_facts(entries, datalist)
        self.electrode_facts = [electrode_facts(entry) for entry in entries]

    def attach(self, engine: Engine) -> None:
        """Attach to an evaluator."""
        engine.add_event_handler(Events.COMPLETED, self.write)

    def write(self, engine: Engine) -> None:
        """Write the report of the run that just ended."""
        if idist.get_rank() != 0:
            return
        records = engine.state.metric_details[KEY_METRIC]
        rows = group_rows(
            records,
            [self.facts[record.sample_index] for record in records],
            [self.electrode_facts[record.sample_index] for record in records],
            keys=self.keys,
        )
        for path in write_groups(self.folder, rows, records, keys=self.keys):
            logging.getLogger("catheter.evaluate").info(f"wrote {path}")
