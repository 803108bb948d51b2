"""The metrics in an Ignite engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine
from ignite.metrics import Metric

from custom.metrics.frame_record import FrameRecord, record_frame
from custom.metrics.summary import summarize

METRIC_PREFIX = "val_"  # of the names of all numbers
KEY_METRIC = f"{METRIC_PREFIX}mean_kpi"  # the name that it is attached with in the bundle's configs
Samples = Sequence[Mapping[str, Any]]


class CatheterMetrics(Metric):
    """Average precision, region similarity and localisation of a MONAI `SupervisedEvaluator`'s run.

    The evaluator's postprocessing ends with `DecodePredictiond`; labels come from `engine.state.batch`, predictions
    from `engine.state.output`. After a run `engine.state.metrics` holds every number of `summarize`, with
    `METRIC_PREFIX`, and the mean KPI under the name that the metric is attached with; `engine.state.metric_details`
    holds the frames' records under that name. Under several processes all frames count on every rank, each frame once.

    Args:
        minimum_score: from which a found box counts as an electrode; for average precision boxes of lower scores count
            too, as far as `DecodePredictiond` lets them through.
        keep_pictures: keep what contact sheets need, about 0.1 MB a frame.
    """

    def __init__(self, *, minimum_score: float = 0.3, keep_pictures: bool = False) -> None:
        self.minimum_score = minimum_score
        self.keep_pictures = keep_pictures
        self.records: list[FrameRecord] = []
        super().__init__()

    def reset(self) -> None:
        """Forget all frames."""
        self.records = []

    def iteration_completed(self, engine: Engine) -> None:
        """Take the frames of an iteration from the engine."""
        self.update((engine.state.batch, engine.state.output))

    def update(self, output: tuple[Samples, Samples]) -> None:
        """Record labels and predictions of decollated samples."""
        for label, prediction in zip(*output, strict=True):
            record = record_frame(label, prediction, minimum_score=self.minimum_score, keep_picture=self.keep_pictures)
            self.records.append(record)

    def compute(self) -> dict[str, float]:
        """Gather the records of all processes and sum them up."""
        gathered = [record for records in idist.all_gather(self.records) for record in records]
        # Distributed samplers repeat frames to give every process as many.
        unique = {record.sample_index: record for record in gathered}
        self.records = [unique[index] for index in sorted(unique)]
        return summarize(self.records)

    def completed(self, engine: Engine, name: str) -> None:
        """Write numbers and records to the engine's state."""
        summary = self.compute()
        engine.state.metrics.update({f"{METRIC_PREFIX}{key}": value for key, value in summary.items()})
        engine.state.metrics[name] = summary["mean_kpi"]
        engine.state.metric_details[name] = self.records
