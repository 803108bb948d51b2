"""`make demo`: simulate, train, evaluate and look, in a few minutes on a CPU."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from custom.data.datalist import DATALIST_FILE
from scripts.bundle import CONFIGS, config_files
from scripts.command_line import start_alone

FOLDER = Path("demo")


def _run(title: str, command: list[str]) -> None:
    console = Console()
    console.rule(title)
    console.print(f"$ python -m {shlex.join(command)}", markup=False, highlight=False, soft_wrap=True)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-m", *command], check=True)
    console.print(f"{title}: {time.perf_counter() - started:.0f} s")


def demo(epochs: int = 12, sequences: int = 40) -> None:
    """Run the whole chain on simulated frames, as a user would type it.

    Args:
        epochs: how long to train.
        sequences: simulated sequences of 8 frames.
    """
    data, run, results = FOLDER / "data", FOLDER / "run", FOLDER / "results"
    datalist = str(data / DATALIST_FILE)
    train = config_files("train.yaml", overrides=("lite", "demo"))
    evaluate = [*train, str(CONFIGS / "evaluate.yaml")]
    common = ["--datalist", datalist, "--output_dir", str(run)]
    tracking = ["--tracking", str(CONFIGS / "tracking.yaml"), "--max_epochs", str(epochs)]
    simulation = ["--sequences", str(sequences), "--frames", "8", "--size", "256", "--seed", "0", "--overwrite"]
    unseen = ["--sequences", "12", "--frames", "1", "--size", "256", "--seed", "1", "--overwrite"]
    _run("Simulate", ["scripts.main", "simulate", str(data), *simulation])
    _run("Validate", ["scripts.main", "validate", datalist])
    training = ["--config_file", str(train), *common, *tracking, "--overwrite", "True"]
    _run("Train", ["monai.bundle", "run", "training", *training])
    _run("Evaluate", ["monai.bundle", "run", "evaluating", "--config_file", str(evaluate), *common])
    _run("Simulate frames of other patients", ["scripts.main", "simulate", str(FOLDER / "unseen"), *unseen])
    weights = ["--overrides", "lite", "--scale_to_size", "True", "--weights", str(run / "model.pt")]
    _run("Infer", ["scripts.main", "infer", str(FOLDER / "unseen" / "images"), "--output", str(results), *weights])
    console = Console(soft_wrap=True, highlight=False)
    console.rule("Look")
    console.print(f"{run / 'evaluation' / 'frames.png'}: best, median and worst frames of patients not trained on")
    console.print(f"{results}: overlays, masks and electrodes of unseen frames")
    console.print(f"mlflow ui --backend-store-uri sqlite:///{run / 'mlruns.db'}: the run")


if __name__ == "__main__":
    start_alone(demo)
