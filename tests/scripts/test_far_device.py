"""Commands on a device whose tensors do not mix with the CPU's: they give what the CPU gives."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights

LITE = ("--overrides", "lite")
SMALL = (*LITE, "--image_size", "[64,96]")


def catheter(*args, device):
    command = [sys.executable, "-m", "tests.far_device", *map(str, args), "--device", device]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, env=os.environ, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def datalist(tmp_path_factory):
    return write_tiny_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "model.pt")


@pytest.mark.slow
def test_inference_marks_the_same(tmp_path, datalist, weights):
    options = (*LITE, "--weights", weights, "--test_time_augmentation", True)
    frames = datalist.parent / "images"
    catheter("infer", frames, "--output", tmp_path / "cpu", *options, "--engine", "torch", device="cpu")
    catheter("infer", frames, "--output", tmp_path / "far", *options, device="far")
    assert files_of(tmp_path / "far") == files_of(tmp_path / "cpu")
    assert len(files_of(tmp_path / "far")) == 40


@pytest.mark.slow
def test_training_and_resuming_give_the_same_weights(tmp_path, datalist):
    for device in ("cpu", "far"):
        run = ("train", datalist, "--output", tmp_path / device, *SMALL)
        catheter(*run, "--epochs", 1, device=device)
        catheter(*run, "--epochs", 2, "--resume", True, device=device)
    for name in ("model.pt", "checkpoints/last.pt", "validation/metrics.json"):
        assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "cpu" / name).read_bytes(), name


@pytest.mark.slow
def test_evaluation_tells_the_same(tmp_path, datalist, weights):
    for device in ("cpu", "far"):
        catheter("evaluate", datalist, "--output", tmp_path / device, "--weights", weights, *SMALL, device=device)
    assert files_of(tmp_path / "far") == files_of(tmp_path / "cpu")
