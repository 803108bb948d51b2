"""How good a split's predictions are: average precision, region similarity, localisation."""

from custom.metrics.catheter_metrics import KEY_METRIC, METRIC_PREFIX, CatheterMetrics
from custom.metrics.catheter_truth import annotated_sequences, unlabelled_frames
from custom.metrics.frame_record import FramePicture, FrameRecord
from custom.metrics.group_report import group_rows, write_groups
from custom.metrics.report import write_frame_table, write_summary
from custom.metrics.summary import summarize

__all__ = [
    "KEY_METRIC",
    "METRIC_PREFIX",
    "CatheterMetrics",
    "FramePicture",
    "FrameRecord",
    "annotated_sequences",
    "group_rows",
    "summarize",
    "unlabelled_frames",
    "write_frame_table",
    "write_groups",
    "write_summary",
]
