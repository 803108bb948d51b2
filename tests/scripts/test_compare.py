"""`catheter compare` as users type it."""

import csv
import json
import shutil
import subprocess
import sys
import time

import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from tests.conftest import REPOSITORY
from tests.tiny_data import COLUMNS, ROWS, write_tiny_data

SMALL = ("--epochs", "2", "--size", f"{ROWS},{COLUMNS}", "--overrides", "lite", "--batch_size", "3", "--device", "cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tiny_data(tmp_path_factory.mktemp("data"), cases=5)


def command(data, output, *arguments):
    options = ["--datalist", data, "--output", output, *SMALL]
    return [sys.executable, "-m", "scripts.main", "compare", *map(str, [*arguments, *options])]


def run(data, output, *arguments):
    line = command(data, output, *arguments)
    return subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=500)


def assert_refused(done, *messages):
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for message in messages:
        assert message in done.stderr


def stop_in_the_first_run(data, output, *arguments):
    """Start, and end it as a scheduler does once the first epoch is done."""
    process = subprocess.Popen(command(data, output, *arguments), cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(output.glob("runs/*/*/checkpoints/last.pt")):
        time.sleep(0.05)
    process.terminate()
    return process.wait(timeout=60)


@pytest.fixture(scope="module")
def rows(pytestconfig):
    return ["soft", "ours"] if pytestconfig.getoption("--whole") else ["soft"]


@pytest.fixture(scope="module")
def compared(data, rows, tmp_path_factory):
    """Rows with two seeds, stopped on the way and started again."""
    output = tmp_path_factory.mktemp("compared") / "out"
    arguments = ("table7", "--rows", ",".join(rows), "--seeds", 2)
    assert stop_in_the_first_run(data, output, *arguments) == 130
    assert not (output / "table7").exists()
    done = run(data, output, *arguments)
    assert done.returncode == 0, done.stderr
    return output, done.stdout


@pytest.mark.slow
def test_an_interrupted_comparison_goes_on(compared, rows):
    _, said = compared
    assert "soft/seed_0: goes on after epoch" in said
    for name in ("soft/seed_1", *(f"{row}/seed_{seed}" for row in rows[1:] for seed in (0, 1))):
        assert f"{name}: starts" in said


@pytest.mark.slow
def test_the_report_has_every_row_and_what_training_went_through(compared, rows):
    output, said = compared
    reported = {row["row"]: row for row in csv.DictReader((output / "table7" / "rows.csv").open())}
    assert {name: row["seeds"] for name, row in reported.items()} == dict.fromkeys(rows, "2")
    assert float(reported["soft"]["seconds_per_frame"]) > 0
    for run_row in csv.DictReader((output / "table7" / "runs.csv").open()):
        folder = output / "runs" / run_row["row"] / f"seed_{run_row['seed']}"
        metrics = json.loads((folder / "evaluation" / "metrics.json").read_text())
        assert float(run_row["J_percent"]) == pytest.approx(100 * metrics["metrics"]["J"])
        history = list(csv.DictReader((folder / "history.csv").open()))
        assert [line["epoch"] for line in history] == ["1", "2"]
        assert float(run_row["training_seconds"]) == pytest.approx(float(history[1]["seconds"]))
    assert "- epochs: 2\n" in (output / "table7" / "report.md").read_text()
    for name in ("report.md", "accuracy.png", "convergence.png", "training.png"):
        assert f"Written: {output / 'table7' / name}" in said
    assert Image.open(output / "table7" / "training.png").width > 500


@pytest.mark.slow
def test_every_run_is_in_one_mlflow_store(compared, rows):
    output, _ = compared
    client = MlflowClient(f"sqlite:///{output / 'mlruns.db'}")
    runs = client.search_runs([client.get_experiment_by_name("comparison").experiment_id])
    assert {run.info.run_name for run in runs} == {f"{row}/seed_{seed}" for row in rows for seed in (0, 1)}
    assert all(run.info.status == "FINISHED" and "test_J" in run.data.metrics for run in runs)


@pytest.mark.slow
def test_finished_runs_are_kept_and_other_settings_are_not_mixed_in(compared, data):
    output, _ = compared
    weights = output / "runs" / "soft" / "seed_0" / "model.pt"
    before = weights.stat().st_mtime_ns
    done = run(data, output, "table7", "--rows", "soft", "--seeds", 2)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("finished before") == 2
    assert weights.stat().st_mtime_ns == before
    assert_refused(
        run(data, output, "table7", "--rows", "soft", "--seeds", 2, "--learning_rate", 0.1),
        "learning_rate: the folder holds a run with other settings",
        "found 0.0001; expected 0.1",
    )


@pytest.mark.slow
def test_the_figure_and_the_single_tasks(data, tmp_path):
    output = tmp_path / "out"
    done = run(data, output, "figure3", "--seeds", 1)
    assert done.returncode == 0, done.stderr
    assert Image.open(output / "figure3" / "difficulty.png").width > 500
    done = run(data, output, "table3", "--rows", "detection_only,segmentation_only", "--seeds", 1)
    assert done.returncode == 0, done.stderr
    rows = {row["row"]: row for row in csv.DictReader((output / "table3" / "rows.csv").open())}
    assert rows["detection_only"]["J_percent"] == rows["segmentation_only"]["AP_percent"] == ""
    assert rows["detection_only"]["mean_kpi_percent"] == rows["segmentation_only"]["mean_kpi_percent"] == ""


@pytest.mark.slow
def test_a_row_that_fails_is_reported_and_the_others_are_done(data, tmp_path):
    shutil.copytree(data.parent, tmp_path / "data")
    datalist, output = tmp_path / "data" / data.name, tmp_path / "out"
    first = output / "runs" / "soft" / "seed_0" / "checkpoints"
    first.mkdir(parents=True)
    (first / "last.pt").write_bytes(b"not a checkpoint")
    done = run(datalist, output, "table7", "--rows", "soft,hard", "--seeds", 1)
    assert_refused(done, "1 of 2 runs failed; the others are done", "soft/seed_0", "last.pt")
    assert (output / "runs" / "hard" / "seed_0" / "evaluation" / "metrics.json").is_file()
    assert "Not finished, and not in the tables: soft/seed_0" in (output / "table7" / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (("table2",), ("unknown experiment; found 'table2'", "figure3, peers, table3, table4")),
        (("table7", "--rows", "soft,sooft"), ("no such row; found 'sooft'", "hardest_30")),
        (("table7", "--seeds", "0"), ("seeds: nothing would be trained; found 0",)),
        (("table7", "--epochs", "0"), ("epochs: nothing would be trained; found 0",)),
        (("table7", "--max_epoch", "3"), ("--max_epoch: the config has no such key", "--max_epochs")),
        (("table7", "--max_epochs", "3"), ("max_epochs: the comparison sets it for each run. Use --epochs",)),
        (("table7", "--size", "64", "--image_size", "[96,96]"), ("image_size: --size sets it, too; found [96, 96]",)),
        (("table7", "--overrides", "lit"), ("unknown override; found 'lit'",)),
        (("table7", "--datalist", "missing.json"), ("missing.json", "cannot be read")),
    ],
)
def test_bad_input_is_answered_before_anything_is_trained(arguments, messages, catheter, data, tmp_path, capsys):
    given = ["compare", *arguments, "--output", tmp_path / "out"]
    with pytest.raises(SystemExit) as exit_:
        catheter(*given, *(() if "--datalist" in arguments else ("--datalist", data)))
    assert exit_.value.code == 2
    printed = capsys.readouterr().err
    for message in messages:
        assert message in printed
    assert not (tmp_path / "out").exists()


def test_a_datalist_without_masks_says_which_rows_can_run(catheter, data, tmp_path, capsys):
    document = json.loads(data.read_text())
    for entry in document["test"]:
        entry["mask"] = None
    datalist = data.with_name("no_masks.json")
    datalist.write_text(json.dumps(document))
    with pytest.raises(SystemExit):
        catheter("compare", "table3", "--datalist", datalist, "--output", tmp_path / "out")
    printed = capsys.readouterr().err
    assert "test: no frame of this split has a label for segmentation" in printed
    assert "Rows that can run: detection_only." in printed


def test_an_output_that_cannot_be_written_is_refused(catheter, data, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SystemExit) as exit_:
        catheter("compare", "table7", "--datalist", data, "--output", tmp_path / "file")
    assert exit_.value.code == 2
    assert "output folder cannot be written" in capsys.readouterr().err
