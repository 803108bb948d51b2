"""Engines that run a network faster than PyTorch, with the same results."""

import custom.engines.no_telemetry  # noqa: F401 - before the libraries that look at it
from custom.engines.agreement import LOGIT_TOLERANCE, agrees, largest_difference
from custom.engines.outputs import Logits, Runner
from custom.engines.registry import ENGINES, Engine, available_engines
from custom.engines.selection import AUTO, TORCH, EngineSelection

__all__ = [
    "AUTO",
    "ENGINES",
    "LOGIT_TOLERANCE",
    "TORCH",
    "Engine",
    "EngineSelection",
    "Logits",
    "Runner",
    "agrees",
    "available_engines",
    "largest_difference",
]
