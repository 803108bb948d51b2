"""Catheters in annotated sequences: found by the bundle's engine, or from the true masks and electrodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ignite.engine import Engine, Events
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from custom.data.datalist import Entry
from custom.errors import InputError
from custom.metrics.catheter_evaluation import CatheterEvaluation
from custom.metrics.catheter_report import FRAMES_FILE, JSON_FILE, MARKDOWN_FILE, write_catheter_report
from custom.metrics.catheter_truth import true_frames
from custom.postprocessing.catheter_types.table import load_catheter_types
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.tracker import CatheterTracker
from custom.tables import number_cell
from custom.terminal import print_line
from custom.workflow.frame_result import frame_result


class CatheterSequenceReport:
    """Compares what the network and the geometry after it find with the truth, and writes the report.

    Args:
        sequences: as `annotated_sequences` gives them; the engine runs over `unlabelled_frames` of them, in order.
        folder: where the report goes.
        tracker: gives what is found its identity in time.
        types: a table of catheter types in place of the project's own.

    Raises:
        InputError: there is no tracker, or the table is not as it should be.
    """

    def __init__(
        self,
        sequences: Sequence[Sequence[Entry]],
        folder: str | Path,
        *,
        tracker: CatheterTracker | None,
        types: str | Path | None = None,
    ) -> None:
        if tracker is None:
            problem = "identity from frame to frame cannot be evaluated without it"
            raise InputError(problem, field="tracker", found="null", remedy="Leave `tracker: null` out")
        self.folder = Path(folder)
        self.evaluation = CatheterEvaluation(tracker, load_catheter_types(types))
        self.truth = (frame for sequence in sequences for frame in true_frames(sequence))

    def attach(self, engine: Engine) -> None:
        """Attach to an evaluator whose postprocessing is that of inference.yaml."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.add_batch)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def add_batch(self, engine: Engine) -> None:
        """Record the frames of a batch."""
        for item, output in zip(engine.state.batch, engine.state.output, strict=True):
            self.evaluation.add(next(self.truth), frame_result(item, output))

    def write(self, engine: Engine) -> None:
        """Write the report, and print it."""
        _report(self.evaluation, self.folder, found_from="the network's masks and electrodes")


def evaluate_geometry(
    sequences: Sequence[Sequence[Entry]], folder: str | Path, *, types: str | Path | None = None
) -> None:
    """Find catheters from the true masks and electrodes, and report them: tests what comes after the network alone.

    Args:
        sequences: as `annotated_sequences` gives them.
        folder: where the report goes.
        types: a table of catheter types in place of the project's own.
    """
    evaluation = CatheterEvaluation(CatheterTracker(), load_catheter_types(types))
    with tqdm(total=sum(map(len, sequences)), unit="frame", disable=None) as progress:
        for sequence in sequences:
            for true in true_frames(sequence):
                evaluation.add(true, _found_from_truth(true, types))
                progress.update()
    _report(evaluation, Path(folder), found_from="the true masks and electrodes")


def _found_from_truth(true: FrameResult, types: str | Path | None) -> FrameResult:
    boxes = [(e.x, e.y, e.width, e.height, e.score) for e in true.electrodes]
    electrodes, catheters = find_catheters(
        true.mask, np.array(boxes).reshape(-1, 5), pixel_spacing_mm=true.pixel_spacing_mm, types=types
    )
    return replace(true, electrodes=electrodes, catheters=catheters)


def _report(evaluation: CatheterEvaluation, folder: Path, *, found_from: str) -> None:
    document = write_catheter_report(evaluation.records, folder, found_from=found_from)
    Console(highlight=False, emoji=False).print(_table(document))
    print_line(f"Written: {JSON_FILE}, {MARKDOWN_FILE}, {FRAMES_FILE} in {folder}")


def _table(document: dict[str, Any]) -> Table:
    title = f"{document['frames']} frames of {document['sequences']} sequences, from {document['found_from']}"
    table = Table("number", "value", title=title)
    for name, value in document["metrics"].items():
        table.add_row(name, number_cell(value, ".4g"))
    return table
