import json
import subprocess
import sys

import pytest
import torch

from tests.tiny_data import write_tiny_data
from tests.workflow.test_resume import assert_same


@pytest.mark.slow
def test_a_run_killed_again_and_again_ends_bit_identical_to_one_that_was_not(tmp_path, whole):
    kills = 20 if whole else 6
    datalist = write_tiny_data(tmp_path / "data", cases=6, frames=2)
    command = [sys.executable, "-m", "tests.workflow.kill_training", str(datalist), str(tmp_path), str(kills), "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["in_write"] >= kills // 2
    assert report["leftovers"] == 0, "half-written files are swept up by the next run"
    killed, straight = (tmp_path / name / "checkpoints" / "last.pt" for name in ("killed", "straight"))
    assert_same(torch.load(killed, weights_only=True), torch.load(straight, weights_only=True))
    weights = [torch.load(tmp_path / name / "model.pt", weights_only=True) for name in ("killed", "straight")]
    assert_same(*weights)
