"""The paper's three stages as commands, two epochs each, on small files in the real layouts."""

import json
import re
import subprocess
import sys
from itertools import pairwise

import pytest
import torch

from tests.conftest import REPOSITORY
from tests.pretraining_data import write_duke_data, write_ucl_data
from tests.tiny_data import write_tiny_data

CONFIGS = REPOSITORY / "catheter_bundle" / "configs"
LITE = CONFIGS / "overrides" / "lite.yaml"
SMALL = ["--image_size", "[64,96]", "--batch_size", "2", "--learning_rate", "0.001", "--device", "cpu"]

pytestmark = pytest.mark.slow


def start(*arguments, folder, module="monai.bundle"):
    command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def pretrain(name, folder, *arguments, files=(), run_id="training"):
    configs = [str(REPOSITORY / "bundles" / f"{name}_pretraining" / "configs" / "train.yaml"), str(LITE)]
    configs += [str(file) for file in files]
    return start("run", run_id, "--config_file", configs, *arguments, *SMALL, folder=folder)


def losses(output):
    return [float(value) for value in re.findall(r"epoch \d+/\d+: .*loss_segmentation ([\d.e-]+)", output)]


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Run the stages; gives the folder and what each printed."""
    folder = tmp_path_factory.mktemp("stages")
    write_duke_data(folder / "DukeData")
    write_ucl_data(folder / "CatheterSegmentationData")
    datalist = write_tiny_data(folder / "data", cases=5, frames=2)
    epochs = ["--max_epochs", 2, "--output_dir"]
    runs = {
        "oct": pretrain("oct", folder, "--dataset_dir", "DukeData", *epochs, "oct"),
        "ucl": pretrain("ucl", folder, *epochs, "ucl", "--pretrained_weights", "oct/model.pt"),
    }
    last = ["--output", "output", "--overrides", "lite", "--epochs", 2, "--pretrained_weights", "ucl/model.pt"]
    runs["catheter"] = start("train", datalist, *last, *SMALL, folder=folder, module="scripts.main")
    for run in runs.values():
        assert run.returncode == 0, run.stderr
    return folder, {name: run.stdout for name, run in runs.items()}


def test_the_loss_falls_in_pre_training(stages):
    for name in ("oct", "ucl"):
        first, second = losses(stages[1][name])
        assert second < first, name


def test_each_stage_trains_on(stages):
    folder, _ = stages
    weights = [torch.load(folder / name / "model.pt", weights_only=True) for name in ("oct", "ucl", "output")]
    for before, after in pairwise(weights):
        assert before.keys() == after.keys()
        assert not torch.equal(before["encoder.conv1.weight"], after["encoder.conv1.weight"])


def test_the_masks_alone_are_trained_and_judged(stages):
    folder, printed = stages
    for name in ("oct", "ucl"):
        assert "loss_detection" not in printed[name]
        metrics = json.loads((folder / name / "validation" / "metrics.json").read_text())["metrics"]
        assert 0 <= metrics["J"] <= 1
        assert metrics["AP"] is None
        assert metrics["mean_kpi"] == metrics["J"]


def test_each_stage_starts_from_the_one_before(stages):
    _, printed = stages
    assert "took" not in printed["oct"]
    assert "starting from oct/model.pt" in printed["ucl"]
    assert "starting from ucl/model.pt" in printed["catheter"]
    for name in ("ucl", "catheter"):
        assert re.search(
            r"took (\d+) of \1 tensors: encoder .*decoder .*head segmentation .*head center", printed[name]
        )


def test_the_images_stay_where_they_are(stages):
    folder, _ = stages
    assert {path.name for path in (folder / "oct" / "data").iterdir()} == {"datalist.json", "masks"}
    entry = json.loads((folder / "oct" / "data" / "datalist.json").read_text())["training"][0]
    assert entry["image"] == "../../DukeData/train/images/Subject_00_00.npy"


def test_evaluation_goes_on_top(stages):
    folder, _ = stages
    settings = ["--dataset_dir", "DukeData", "--output_dir", "oct"]
    done = pretrain("oct", folder, *settings, files=[CONFIGS / "evaluate.yaml"], run_id="evaluating")
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "oct" / "evaluation" / "metrics.json").read_text())["frames"] == 6


def test_resume_wins_over_pretrained_weights_that_are_gone(stages, tmp_path):
    folder, _ = stages
    start_file = tmp_path / "start.pt"
    start_file.write_bytes((folder / "oct" / "model.pt").read_bytes())
    settings = ["--output_dir", tmp_path / "ucl", "--pretrained_weights", start_file]
    assert pretrain("ucl", folder, *settings, "--max_epochs", 1).returncode == 0
    start_file.unlink()
    done = pretrain("ucl", folder, *settings, "--max_epochs", 2, "--resume", "true")
    assert done.returncode == 0, done.stderr
    assert "epoch 2/2" in done.stdout
    assert "took" not in done.stdout
    straight, resumed = (
        torch.load(path / "ucl" / "checkpoints" / "last.pt", weights_only=True) for path in (folder, tmp_path)
    )
    for key, value in straight["network"].items():
        assert torch.equal(resumed["network"][key], value), key
    other = pretrain("ucl", folder, "--output_dir", tmp_path / "ucl", "--resume", "true")
    assert other.returncode == 2
    assert "pretrained_weights was" in other.stderr


def test_weights_of_another_encoder_are_refused(stages, tmp_path):
    folder, _ = stages
    settings = ["--pretrained_weights", "oct/model.pt", "--network_def#encoder", "resnet34"]
    done = pretrain("ucl", folder, "--output_dir", tmp_path / "out", *settings)
    assert done.returncode == 2
    assert "oct/model.pt: pretrained_weights: the encoder of these weights does not fit" in done.stderr
    assert "encoder.layer1.2.conv1.weight is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_another_layout_is_refused(stages, tmp_path):
    folder, _ = stages
    done = pretrain("oct", folder, "--dataset_dir", "CatheterSegmentationData", "--output_dir", tmp_path / "out")
    assert done.returncode == 2
    assert "CatheterSegmentationData/train: the layout has this folder, the source does not" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_processes_convert_once_and_train_as_one(stages, tmp_path):
    folder, _ = stages
    configs = [str(REPOSITORY / "bundles" / "oct_pretraining" / "configs" / "train.yaml")]
    configs += [str(LITE), str(CONFIGS / "multi_gpu_train.yaml")]
    launch = ["--standalone", "--nproc_per_node=2", "-m", "monai.bundle", "run", "training", "--config_file", configs]
    settings = ["--dataset_dir", "DukeData", "--output_dir", tmp_path / "out", "--max_epochs", 1]
    settings += ["--pretrained_weights", "oct/model.pt"]
    done = start(*launch, *settings, *SMALL, folder=folder, module="torch.distributed.run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("every frame is a case") == 1
    assert done.stdout.count("starting from oct/model.pt") == 1
    assert (tmp_path / "out" / "model.pt").is_file()
