"""What an evaluation came to, on disk: numbers, a table of frames, and a picture."""

from __future__ import annotations

import logging
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.metrics import KEY_METRIC, METRIC_PREFIX, write_frame_table, write_summary
from custom.visualization import contact_sheet

METRICS_FILE, FRAMES_FILE, PICTURE_FILE = "metrics.json", "frames.csv", "frames.png"


class EvaluationReport:
    """Writes numbers, a table and a picture of the frames whenever an evaluation is the best so far.

    In training, the folder so describes the weights in `model.pt`; a single evaluation is always its best.

    Args:
        folder: where the files go.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def attach(self, engine: Engine) -> None:
        """Attach to an evaluator."""
        engine.add_event_handler(Events.COMPLETED, self.write)

    def write(self, engine: Engine) -> None:
        """Write the report of the run that just ended."""
        if idist.get_rank() != 0 or engine.state.best_metric_epoch != engine.state.epoch:
            return
        records = engine.state.metric_details[KEY_METRIC]
        numbers = engine.state.metrics.items()
        summary = {name.removeprefix(METRIC_PREFIX): value for name, value in numbers if name.startswith(METRIC_PREFIX)}
        write_summary(summary, records, self.folder / METRICS_FILE)
        write_frame_table(records, self.folder / FRAMES_FILE)
        contact_sheet(records, self.folder / PICTURE_FILE)
        logging.getLogger("catheter.evaluate").info(
            f"wrote {METRICS_FILE}, {FRAMES_FILE}, {PICTURE_FILE} to {self.folder}"
        )
