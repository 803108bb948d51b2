"""`make demo`: simulate, train, evaluate and look, in a few minutes on a CPU."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from custom.workflow import bundle_root

CONFIGS = Path(bundle_root()) / "configs"
FOLDER = Path("demo")


def _run(title: str, command: list[str]) -> None:
    console = Console()
    console.rule(title)
    console.print(f"$ {shlex.join(command)}", markup=False, highlight=False, soft_wrap=True)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], check=True)
    console.print(f"{title}: {time.perf_counter() - started:.0f} s")


def demo() -> None:
    """Run the whole chain on simulated frames, as a user would type it."""
    data, run, results = FOLDER / "data", FOLDER / "run", FOLDER / "results"
    train_files = [str(CONFIGS / "train.yaml"), str(CONFIGS / "overrides" / "demo.yaml")]
    common = ["--datalist", str(data / "datalist.json"), "--output_dir", str(run)]
    simulate = ["--sequences", "40", "--frames", "8", "--size", "256", "--seed", "0", "--overwrite"]
    _run("Simulate", ["scripts.main", "simulate", str(data), *simulate])
    _run("Validate", ["scripts.main", "validate", str(data / "datalist.json")])
    tracking = ["--tracking", str(CONFIGS / "tracking.yaml")]
    _run("Train", ["monai.bundle", "run", "training", "--config_file", str(train_files), *common, *tracking])
    evaluate_files = [train_files[0], str(CONFIGS / "evaluate.yaml"), train_files[1]]
    _run("Evaluate", ["monai.bundle", "run", "evaluating", "--config_file", str(evaluate_files), *common])
    _run(
        "Infer",
        [
            "scripts.main",
            "infer",
            str(data / "images"),
            str(results),
            "--overrides",
            "demo",
            "--weights",
            str(run / "model.pt"),
        ],
    )
    Console().print(
        f"Look at {run}/evaluation/frames.png and {results}; compare with MLflow: mlflow ui --backend-store-uri sqlite:///{run}/mlruns.db"
    )


if __name__ == "__main__":
    demo()
