"""`catheter`: the command line of the bundle."""

from __future__ import annotations

import sys

from scripts.benchmark import benchmark
from scripts.command_line import Command, start
from scripts.compare import compare
from scripts.convert import convert, to_coco
from scripts.evaluate import evaluate
from scripts.evaluate_catheters import evaluate_catheters
from scripts.evaluate_robustness import evaluate_robustness
from scripts.export import export
from scripts.fit_feature_distance import fit_feature_distance
from scripts.infer import infer
from scripts.measure_task_gradients import measure_task_gradients
from scripts.package import package
from scripts.simulate import simulate
from scripts.train import train
from scripts.validate import validate

COMMANDS: dict[str, Command] = {
    "benchmark": benchmark,
    "compare": compare,
    "convert": convert,
    "evaluate": evaluate,
    "evaluate_catheters": evaluate_catheters,
    "evaluate_robustness": evaluate_robustness,
    "export": export,
    "fit_feature_distance": fit_feature_distance,
    "infer": infer,
    "measure_task_gradients": measure_task_gradients,
    "package": package,
    "simulate": simulate,
    "to_coco": to_coco,
    "train": train,
    "validate": validate,
}


def main() -> None:
    """Run a subcommand."""
    start(COMMANDS, sys.argv[1:], name="catheter")


if __name__ == "__main__":
    main()
