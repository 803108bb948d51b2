"""Comparing strategies and networks: rows run under the same budget and reported side by side."""

from custom.experiments.history import TrainingHistory, read_history
from custom.experiments.inference_time import InferenceTime
from custom.experiments.network_size import NetworkSize

__all__ = ["InferenceTime", "NetworkSize", "TrainingHistory", "read_history"]
