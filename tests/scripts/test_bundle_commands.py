"""Train, evaluate and infer as users type them, with good and with bad input."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from custom.data.dicom_writer import write_xa_cine
from scripts.main import main
from tests.conftest import REPOSITORY
from tests.tiny_data import COLUMNS, ROWS, write_tiny_data

SMALL = ("--overrides", "lite", "--image_size", f"[{ROWS},{COLUMNS}]", "--scale_to_size", "True", "--device", "cpu")
CONFIGS = REPOSITORY / "catheter_bundle" / "configs"


def run_module(module, *arguments):
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300)


def catheter(*arguments):
    return run_module("scripts.main", *arguments)


def assert_refused(done, *messages):
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for message in messages:
        assert str(message) in done.stderr


def only_run(output):
    """Return the MLflow client of an output folder, and its only run."""
    client = MlflowClient(f"sqlite:///{output / 'mlruns.db'}")
    experiment = client.get_experiment_by_name("catheter")
    (run,) = client.search_runs([experiment.experiment_id])
    return client, run


def fetch_when_up(url, seconds=90):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def read_mask(path):
    return np.asarray(Image.open(path))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tiny_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def only_test(data):
    """A datalist with a test split alone."""
    path = data.parent / "only_test.json"
    path.write_text(json.dumps({"test": json.loads(data.read_text())["test"]}))
    return path


@pytest.fixture(scope="module")
def output(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "output"
    # Long and fast enough that the masks and electrodes compared below are not empty.
    recipe = ("--epochs", 20, "--val_interval", 10, "--batch_size", 2, "--learning_rate", 0.003)
    done = catheter("train", data, "--output", folder, *recipe, *SMALL)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def frames(data, tmp_path_factory):
    """A folder with two images, a file that is none, and a cine of three frames."""
    folder = tmp_path_factory.mktemp("frames")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    for name in ("00_00.png", "03_01.png"):
        (folder / name).write_bytes((data.parent / "images" / name).read_bytes())
    image = np.asarray(Image.open(folder / "00_00.png"))
    write_xa_cine(
        folder / "cine.dcm",
        np.stack([image, image[::-1], image[:, ::-1]]),
        frame_time_ms=66.7,
        imager_pixel_spacing_mm=(0.3, 0.3),
        sid_mm=1000.0,
        sod_mm=750.0,
        primary_angle_deg=0.0,
        secondary_angle_deg=0.0,
    )
    return folder


@pytest.mark.slow
def test_training_leaves_weights_a_checkpoint_and_a_report(output):
    for name in ("model.pt", "checkpoints/last.pt", "validation/metrics.json"):
        assert (output / name).stat().st_size > 0, name


@pytest.mark.slow
def test_training_goes_on_with_one_word(data, output, tmp_path):
    shutil.copytree(output, tmp_path / "output")
    recipe = ("--epochs", 21, "--val_interval", 10, "--batch_size", 2, "--learning_rate", 0.003)
    done = catheter("train", data, "--output", tmp_path / "output", "--resume", *recipe, *SMALL)
    assert done.returncode == 0, done.stderr
    assert "resumed from" in done.stdout
    assert "epoch 21/21" in done.stdout
    assert "epoch 20/21" not in done.stdout


@pytest.mark.slow
def test_training_is_recorded_in_mlflow(output):
    client, run = only_run(output)
    assert run.info.status == "FINISHED"
    recorded = {"loss_detection", "kpi_segmentation", "weight_detection", "kept_share", "images_per_second"}
    assert recorded | {"learning_rate", "val_J", "val_mean_kpi"} <= run.data.metrics.keys()
    assert run.data.metrics["kept_share"] == 1
    settings = {"seed": "0", "learning_rate": "0.003", "selection": "TopKHard", "weighting.scales": "[0.05, 1.0]"}
    assert settings.items() <= run.data.params.items()
    assert run.data.metrics["learning_rate"] == pytest.approx(0.003)
    assert len(client.get_metric_history(run.info.run_id, "loss_detection")) == 20
    artifacts = {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    assert artifacts >= {"frames.png"}
    (config,) = (name for name in artifacts if name.startswith("config_"))
    saved = json.loads((output / config).read_text())
    assert saved["max_epochs"] == 20
    assert saved["image_size"] == [ROWS, COLUMNS]


@pytest.mark.slow
def test_the_readme_s_mlflow_page_shows_the_run(output):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = f"sqlite:///{output / 'mlruns.db'}"
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "ui",
        "--backend-store-uri",
        store,
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        page = fetch_when_up(f"http://127.0.0.1:{port}/")
        client = MlflowClient(f"http://127.0.0.1:{port}")
        experiment = client.get_experiment_by_name("catheter")
        (run,) = client.search_runs([experiment.experiment_id])
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
    assert "<title>MLflow</title>" in page
    assert run.info.status == "FINISHED"
    assert run.info.run_name.startswith("train-")


@pytest.mark.slow
def test_evaluation_writes_numbers_a_row_for_each_frame_and_a_picture(data, only_test, output):
    done = catheter("evaluate", only_test, "--output", output, *SMALL)
    assert done.returncode == 0, done.stderr
    json.loads((output / "evaluation" / "metrics.json").read_text())
    rows = list(csv.DictReader((output / "evaluation" / "frames.csv").open()))
    assert len(rows) == len(json.loads(data.read_text())["test"]) == 2
    assert Image.open(output / "evaluation" / "frames.png").size > (1, 1)


@pytest.mark.slow
def test_inference_marks_what_it_can_read_and_the_bundle_s_own_command_does_the_same(output, frames, tmp_path):
    weights = output / "model.pt"
    low = ("--minimum_score", 0.05)
    done = catheter("infer", frames, "--output", tmp_path / "ours", "--weights", weights, *low, *SMALL)
    assert_refused(done, "1 of 4 files could not be used; the others are done", frames / "broken.png")
    for name in ("00_00.png", "03_01.png"):
        document = json.loads((tmp_path / "ours" / f"{name}.json").read_text())
        assert (document["rows"], document["columns"]) == (ROWS, COLUMNS)
        (frame,) = document["frames"]
        assert frame["electrodes"]
        mask = read_mask(tmp_path / "ours" / f"{name}_mask.png")
        assert mask.shape == (ROWS, COLUMNS)
        assert set(np.unique(mask)) == {0, 255}
        assert read_mask(tmp_path / "ours" / f"{name}_overlay.png").shape[-1] == 3
    (cine,) = (tmp_path / "ours").glob("dicom_*.json")
    assert [frame["frame"] for frame in json.loads(cine.read_text())["frames"]] == [0, 1, 2]
    assert not (tmp_path / "ours" / "broken.png.json").exists()

    files = f"['{CONFIGS / 'inference.yaml'}','{CONFIGS / 'overrides' / 'lite.yaml'}']"
    theirs = tmp_path / "theirs"
    options = ("--dataset_dir", frames, "--output_dir", theirs, "--weights", weights, *low, *SMALL[2:])
    assert_refused(run_module("monai.bundle", "run", "--config_file", files, *options), frames / "broken.png")
    masks = sorted(path.name for path in (tmp_path / "ours").glob("*_mask.png"))
    assert len(masks) == 5
    for name in masks:
        np.testing.assert_array_equal(read_mask(tmp_path / "ours" / name), read_mask(theirs / name))


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (["--max_epoch", "3"], ["--max_epoch: the config has no such key", "--max_epochs"]),
        (["--epochs", "3", "--max_epochs", "4"], ["max_epochs: given twice; found 4; expected 3, too"]),
        (["--output", "out", "--output_dir", "other"], ["output_dir: given twice"]),
        (["--overrides", "lit"], ["unknown override", "'lit'", "lite", "head_stride_2"]),
    ],
)
def test_a_misspelt_option_is_answered_with_the_known_ones(options, messages, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["catheter", "train", "datalist.json", *options])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    for message in messages:
        assert message in printed


@pytest.mark.slow
def test_training_that_cannot_start_says_why(data, only_test, tmp_path):
    missing = tmp_path / "missing.json"
    assert_refused(catheter("train", missing, "--output", tmp_path / "a", *SMALL), missing)
    done = catheter("train", only_test, "--output", tmp_path / "a", *SMALL)
    assert_refused(done, only_test, "training: the split has no entries")
    done = catheter("train", data, "--output", tmp_path / "b", *SMALL[:-1], "cuda:7")
    assert_refused(done, "there is no such CUDA device here", "cuda:7")
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert_refused(catheter("train", data, "--output", occupied, *SMALL), occupied, "output folder cannot be written")
    assert occupied.read_text() == "not a folder"


@pytest.mark.slow
def test_weights_that_do_not_fit_are_named(data, output, tmp_path):
    done = catheter("evaluate", data, "--output", tmp_path, *SMALL)
    assert_refused(done, tmp_path / "model.pt", "there is no such file of weights")
    other = ("--overrides", "paper", *SMALL[2:])
    done = catheter("infer", data.parent / "images", "--output", tmp_path, "--weights", output / "model.pt", *other)
    assert_refused(done, output / "model.pt", "the weights belong to another network")


@pytest.mark.slow
def test_inference_on_what_holds_no_frames_says_why(output, tmp_path):
    options = ("--output", tmp_path / "results", "--weights", output / "model.pt", *SMALL)
    assert_refused(catheter("infer", tmp_path / "missing", *options), tmp_path / "missing", "no such file or folder")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_refused(catheter("infer", empty, *options), empty, "the folder holds no images")
    arrays = tmp_path / "arrays"
    arrays.mkdir()
    np.save(arrays / "a_nan.npy", np.full((ROWS, COLUMNS), np.nan, np.float32))
    np.save(arrays / "b_channels.npy", np.zeros((ROWS, COLUMNS, 4), np.uint8))
    np.save(arrays / "c_good.npy", np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS))
    done = catheter("infer", arrays, *options)
    assert_refused(done, "2 of 3 files", arrays / "a_nan.npy", "not finite", arrays / "b_channels.npy", (64, 96, 4))
    assert (tmp_path / "results" / "c_good.npy.json").is_file()


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_training_and_its_mlflow_run(data, tmp_path):
    done = catheter("train", data, "--output", tmp_path, "--epochs", 3, "--learning_rate", "1e30", *SMALL)
    assert_refused(done, "the loss became", "on the frames", "00_00.png")
    client, run = only_run(tmp_path)
    assert run.info.status == "FAILED"
    assert any(artifact.path.startswith("config_") for artifact in client.list_artifacts(run.info.run_id))
    assert run.data.params["learning_rate"] == "1e+30"
    assert "the loss became" in run.data.tags["error"]


@pytest.mark.slow
def test_weights_that_are_no_numbers_replace_no_checkpoint(data, tmp_path):
    """A step without a finite end, after the last loss of an epoch."""
    recipe = ("--epochs", 1, "--batch_size", 64, *SMALL)
    assert catheter("train", data, "--output", tmp_path, *recipe).returncode == 0
    files = [tmp_path / "model.pt", tmp_path / "checkpoints" / "last.pt"]
    before = [file.read_bytes() for file in files]
    overflow = ("--learning_rate", "1e35", "--weight_decay", 2000)
    done = catheter("train", data, "--output", tmp_path, "--overwrite", *overflow, *recipe)
    assert_refused(done, "is not finite after epoch 1", "00_00.png", "lower learning_rate")
    assert [file.read_bytes() for file in files] == before
