"""How long the network takes in every engine, and the stages of a frame around it."""

from custom.benchmark.machine import describe_machine
from custom.benchmark.networks import benchmark_engines, time_networks
from custom.benchmark.report import write_report
from custom.benchmark.stages import StageTimer, time_stages
from custom.benchmark.timing import Timing, time_interleaved

__all__ = [
    "StageTimer",
    "Timing",
    "benchmark_engines",
    "describe_machine",
    "time_interleaved",
    "time_networks",
    "time_stages",
    "write_report",
]
