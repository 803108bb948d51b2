"""Comparing strategies: the rows of the paper's tables, run under the same budget and reported side by side."""

from custom.experiments.history import TrainingHistory, read_history
from custom.experiments.inference_time import InferenceTime

__all__ = ["InferenceTime", "TrainingHistory", "read_history"]
