"""Whole commands on two processes, against the same on one."""

import json
import subprocess
import sys

import pytest
import torch
from mlflow import MlflowClient

from custom.workflow import bundle_root
from tests.tiny_data import write_tiny_data
from tests.workflow.test_resume import assert_same

pytestmark = pytest.mark.slow
CONFIGS = f"{bundle_root()}/configs"
TRAIN = ["train.yaml", "overrides/lite.yaml"]
SIZE = {"image_size": "[64,96]", "scale_to_size": True}  # processes cut out random parts of their own
PLAIN = """
network_def:
  _target_: tests.workflow.plain_network.PlainNetwork
  head_stride: 2
  fail_on_rank: null
train#augmentation:
  _target_: custom.transforms.BatchAugmentation
  horizontal_flip: 0.0
  vertical_flip: 0.0
  affine: 0.0
"""


@pytest.fixture(scope="module")
def datalist(tmp_path_factory):
    # 5 x 3 training frames: the last batch of an epoch is not full, nor divisible by two.
    return write_tiny_data(tmp_path_factory.mktemp("data"), cases=7, frames=3)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "plain.yaml"
    path.write_text(PLAIN)
    return str(path)


def run(processes, run_id, files, **values):
    """Run the bundle on one process, or on two under torchrun; return what came of it."""
    torchrun = ["torch.distributed.run", "--standalone", f"--nproc_per_node={processes}", "-m"]
    command = [sys.executable, "-m", *(torchrun if processes > 1 else []), "monai.bundle", "run", run_id]
    if processes > 1:
        files = [*files, "multi_gpu_inference.yaml" if run_id == "run" else "multi_gpu_train.yaml"]
    paths = [file if file.startswith("/") else f"{CONFIGS}/{file}" for file in files]
    settings = [str(part) for name, value in values.items() for part in (f"--{name}", value)]
    return subprocess.run(
        [*command, "--config_file", str(paths), *settings], capture_output=True, text=True, check=False, timeout=300
    )


def train(processes, files, datalist, output, **values):
    defaults = {**SIZE, "batch_size": 4 // processes, "learning_rate": 0.003, "device": "cpu"}
    common = {"datalist": datalist, "output_dir": output, "max_epochs": 3, "share_epochs": "[0,2]"}
    return run(processes, "training", files, **(defaults | common | values))


def tracked(output):
    """The MLflow run in `output`: its status, and the epochs' values of a metric."""
    client = MlflowClient(f"sqlite:///{output}/mlruns.db")
    (experiment,) = [found for found in client.search_experiments() if found.name == "catheter"]
    (only,) = client.search_runs([experiment.experiment_id])
    return only.info.status, lambda name: [item.value for item in client.get_metric_history(only.info.run_id, name)]


def read_last(output):
    return torch.load(output / "checkpoints" / "last.pt", weights_only=True)


def test_two_processes_have_the_losses_kpis_and_weights_of_one(datalist, plain, tmp_path):
    states, losses = [], []
    for processes in (1, 2):
        output = tmp_path / str(processes)
        done = train(processes, ["train.yaml", plain], datalist, output, tracking=f"{CONFIGS}/tracking.yaml")
        assert done.returncode == 0, done.stderr
        states.append(read_last(output))
        losses.append({name: tracked(output)[1](name) for name in ("loss", "loss_detection", "loss_segmentation")})
    one, two = states
    for name, values in losses[0].items():
        assert len(values) == 3
        assert losses[1][name] == pytest.approx(values, rel=1e-5), name
    for part in ("network", "priority"):
        for name, value in one[part].items():
            torch.testing.assert_close(two[part][name], value, rtol=1e-4, atol=1e-5, msg=name)
    assert two["best"]["metric"] == pytest.approx(one["best"]["metric"], rel=1e-4)


@pytest.fixture(scope="module")
def two_processes(datalist, tmp_path_factory):
    output = tmp_path_factory.mktemp("two")
    done = train(2, TRAIN, datalist, output, max_epochs=2)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epoch 2/2") == 1, "only the first process logs"
    return output


def test_a_seed_gives_the_same_twice_on_two_processes(datalist, two_processes, tmp_path):
    assert train(2, TRAIN, datalist, tmp_path, max_epochs=2).returncode == 0
    assert_same(read_last(tmp_path), read_last(two_processes))


def test_one_process_goes_on_where_two_stopped_and_says_what_that_means(datalist, two_processes):
    done = train(1, TRAIN, datalist, two_processes, max_epochs=3, batch_size=2, resume=True)
    assert done.returncode == 0, done.stderr
    assert "was written by 2 processes and 1 go on" in done.stdout + done.stderr
    assert read_last(two_processes)["trainer"]["epoch"] == 3


def test_evaluation_on_two_processes_gives_the_numbers_of_one(datalist, two_processes, tmp_path):
    reports = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        settings = {"datalist": datalist, "output_dir": two_processes, "report_dir": folder, **SIZE}
        done = run(processes, "evaluating", [*TRAIN, "evaluate.yaml"], lowest_score=0.01, **settings)
        assert done.returncode == 0, done.stderr
        reports.append(json.loads((folder / "metrics.json").read_text()))
    assert reports[0]["frames"] == 3
    assert reports[0] == reports[1]


def test_inference_on_two_processes_writes_the_files_of_one(datalist, two_processes, tmp_path):
    source = datalist.parent / "images"
    settings = {"dataset_dir": source, "weights": two_processes / "model.pt", **SIZE}
    files = ["inference.yaml", "overrides/lite.yaml"]
    for processes in (1, 2):
        done = run(processes, "run", files, output_dir=tmp_path / str(processes), minimum_score=0.05, **settings)
        assert done.returncode == 0, done.stderr
    first, second = ({path.relative_to(tmp_path / name): path for path in files_of(tmp_path / name)} for name in "12")
    assert first.keys() == second.keys()
    assert len(first) >= 21
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name


def files_of(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_broken_file_of_one_process_is_listed_when_all_are_done(datalist, two_processes, tmp_path):
    source = tmp_path / "images"
    source.mkdir()
    for path in sorted((datalist.parent / "images").iterdir())[:4]:
        (source / path.name).write_bytes(path.read_bytes())
    (source / "00_00.png").write_bytes(b"no image")
    settings = {"dataset_dir": source, "weights": two_processes / "model.pt", **SIZE}
    output = tmp_path / "output"
    done = run(2, "run", ["inference.yaml", "overrides/lite.yaml"], output_dir=output, **settings)
    assert done.returncode != 0
    assert "1 of 4 files could not be used" in done.stderr
    assert len(list(output.glob("*mask.png"))) == 3


def test_early_stopping_ends_all_processes(datalist, plain, tmp_path):
    done = train(
        2, ["train.yaml", plain], datalist, tmp_path, learning_rate=0.0, max_epochs=9, early_stopping_patience=2
    )
    assert done.returncode == 0, done.stderr
    assert read_last(tmp_path)["trainer"]["epoch"] == 3


def test_an_error_on_one_process_ends_all_and_fails_the_tracked_run(datalist, plain, tmp_path):
    settings = {"tracking": f"{CONFIGS}/tracking.yaml", "network_def#fail_on_rank": 1}
    done = train(2, ["train.yaml", plain], datalist, tmp_path, **settings)
    assert done.returncode != 0
    assert "made to fail" in done.stderr
    assert tracked(tmp_path)[0] in ("FAILED", "KILLED")


def test_a_loss_that_is_no_number_ends_all_processes_with_its_frames(datalist, plain, tmp_path):
    done = train(2, ["train.yaml", plain], datalist, tmp_path, learning_rate=1e30)
    assert done.returncode != 0
    assert "the loss became nan" in done.stderr or "the loss became inf" in done.stderr
    assert ".png" in done.stderr
