import json
import subprocess
import sys

import pytest
import torch

from custom.workflow import bundle_root
from tests.tiny_data import write_tiny_data

CONFIGS = f"{bundle_root()}/configs"
FILES = [f"{CONFIGS}/train.yaml", f"{CONFIGS}/overrides/lite.yaml", f"{CONFIGS}/multi_gpu_train.yaml"]


@pytest.mark.slow
def test_two_processes_train_with_the_readme_s_command(tmp_path):
    datalist = write_tiny_data(tmp_path / "data", cases=5, frames=3)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    settings = ["--datalist", str(datalist), "--output_dir", str(tmp_path / "output"), "--max_epochs", "2"]
    bundle = ["-m", "monai.bundle", "run", "training", "--config_file", str(FILES), "--image_size", "[64,96]"]
    done = subprocess.run([*command, *bundle, *settings], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epoch 2/2") == 1, "only the first process logs"
    state = torch.load(tmp_path / "output" / "checkpoints" / "last.pt", weights_only=True)
    assert state["priority"]["observed"].all(), "each process knows what the other has seen"
    report = json.loads((tmp_path / "output" / "validation" / "metrics.json").read_text())
    assert report["frames"] == 3, "each frame counts once"


def test_without_torchrun_it_says_how_to_start(tmp_path):
    datalist = write_tiny_data(tmp_path / "data")
    command = [sys.executable, "-m", "monai.bundle", "run", "training", "--config_file", str(FILES)]
    done = subprocess.run(
        [*command, "--datalist", str(datalist), "--output_dir", str(tmp_path / "output")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Start it with torchrun" in done.stderr
    assert "Traceback" not in done.stderr
