from __future__ import annotations

import json
from pathlib import Path

import pytest

from custom.data.datalist import read_datalist
from custom.errors import InputError
from custom.experiments.definitions import Row
from custom.experiments.planning import Budget, plan_runs
from custom.experiments.runs import CONFIGS
from tests.tiny_data import write_tiny_data

ROW = Row("constant", "Constant", values={"weighting#detection": 5.0})


def plan(tmp_path, *, row=ROW, configs=(), datalist=Path("d.json"), **given):
    settings = {"seeds": 2, "epochs": None, "settings": {}} | given
    budget = Budget(datalist, tmp_path / "out", **settings)
    return plan_runs(row, budget, [str(CONFIGS / name) for name in ("train.yaml", *configs)])


def test_seeds_count_from_zero_and_have_folders_of_their_own(tmp_path):
    runs = plan(tmp_path, seeds=3)
    assert [run.seed for run in runs] == [0, 1, 2]
    assert runs[2].folder == tmp_path / "out" / "runs" / "constant" / "seed_2"


@pytest.mark.parametrize(
    ("configs", "epochs", "expected"),
    [
        ((), None, {"max_epochs": 100}),
        ((), 30, {"max_epochs": 30, "share_epochs": [0, 15]}),
        (("overrides/demo.yaml",), 6, {"max_epochs": 6, "share_epochs": [0, 4]}),
    ],
)
def test_the_schedule_is_stretched_with_the_epochs(tmp_path, configs, epochs, expected):
    run, *_ = plan(tmp_path, row=Row("plain", "Plain"), configs=configs, epochs=epochs)
    assert run.values == expected


def test_settings_override_the_schedule_and_the_row_overrides_settings(tmp_path):
    settings = {"share_epochs": [1, 2], "weighting#detection": 1.0, "batch_size": 4}
    run, *_ = plan(tmp_path, epochs=10, settings=settings)
    assert run.values == {"max_epochs": 10, "share_epochs": [1, 2], "weighting#detection": 5.0, "batch_size": 4}


@pytest.mark.parametrize(
    ("name", "count"), [("seeds", 0), ("seeds", -1), ("epochs", 0), ("epochs", 1.5), ("seeds", "a")]
)
def test_nothing_to_train_is_refused(tmp_path, name, count):
    with pytest.raises(InputError, match=rf"{name}.*found.*expected 1 or more"):
        plan(tmp_path, **{name: count})


def test_the_commands_are_the_bundles_own(tmp_path):
    run, *_ = plan(tmp_path, epochs=3)
    training = run.training_command()
    assert training[1:5] == ["-m", "monai.bundle", "run", "training"]
    options = dict(zip(training[7::2], training[8::2], strict=True))
    assert options["--weighting#detection"] == "5.0"
    assert options["--share_epochs"] == "[0, 2]"
    assert options["--resume"] == "False"
    assert options["--run_name"] == "constant/seed_0"
    (run.folder / "checkpoints").mkdir(parents=True)
    (run.folder / "checkpoints" / "last.pt").touch()
    assert "True" in run.training_command()
    assert run.evaluating_command()[4] == "evaluating"
    assert run.evaluating_command()[6].endswith("evaluate.yaml']")


def test_a_folder_of_other_settings_is_refused(tmp_path):
    datalist = write_tiny_data(tmp_path / "data")
    run, *_ = plan(tmp_path, datalist=datalist, epochs=3)
    run.check_settings()
    run.write_settings()
    run.check_settings()
    for changed, message in [
        ({"epochs": 4}, "max_epochs.*found 3; expected 4"),
        ({"epochs": 3, "settings": {"batch_size": 2}}, "batch_size.*found 8; expected 2"),
        ({"epochs": 3, "configs": ["overrides/selection_soft.yaml"]}, "selection.*TopKHard.*SoftAssignment"),
        ({"epochs": 3, "configs": ["overrides/augmentation.yaml"]}, "train#augmentation.*found.*expected.*gamma"),
        ({"epochs": 3, "row": Row("constant", "Constant")}, "weighting#detection.*found 5.0; expected nothing"),
    ]:
        other, *_ = plan(tmp_path, datalist=datalist, **changed)
        with pytest.raises(InputError, match=rf"seed_0: {message}.*--output"):
            other.check_settings()
    datalist.write_text(datalist.read_text() + "\n")
    with pytest.raises(InputError, match=r"datalist: .*other settings"):
        run.check_settings()


def test_a_folder_of_runs_on_masks_that_were_edited_since_is_refused(tmp_path):
    datalist = write_tiny_data(tmp_path / "data")
    run, *_ = plan(tmp_path, datalist=datalist)
    run.write_settings()
    mask = Path(read_datalist(datalist).test[-1]["mask"])
    content = mask.read_bytes()
    mask.write_bytes(content[::-1])
    with pytest.raises(InputError, match=r"seed_0: images and masks: .*other settings"):
        run.check_settings()
    mask.write_bytes(content)
    run.check_settings()
    mask.unlink()
    with pytest.raises(InputError, match=rf"{mask.name}: cannot be read"):
        run.check_settings()


@pytest.mark.parametrize("name", ["weights", "pretrained_weights"])
def test_a_folder_of_runs_from_other_weights_is_refused(tmp_path, name):
    start = tmp_path / "start.pt"
    with pytest.raises(InputError, match=rf"start.pt: {name}: there is no such file of weights"):
        plan(tmp_path, settings={name: str(start)})
    start.write_bytes(b"one")
    run, *_ = plan(tmp_path, datalist=write_tiny_data(tmp_path / "data"), settings={name: str(start)})
    run.write_settings()
    run.check_settings()
    start.write_bytes(b"other")
    with pytest.raises(InputError, match=rf"seed_0: {name}: .*other settings"):
        run.check_settings()


def test_a_run_that_noted_fewer_settings_is_refused(tmp_path):
    run, *_ = plan(tmp_path, datalist=write_tiny_data(tmp_path / "data"), epochs=3)
    run.write_settings()
    path = run.folder / "settings.json"
    path.write_text(
        json.dumps({name: value for name, value in json.loads(path.read_text()).items() if "#" not in name})
    )
    with pytest.raises(InputError, match=r"seed_0: train#preprocessing: .*did not note this setting.*--output"):
        run.check_settings()


def test_weights_to_start_from_are_not_what_is_evaluated(tmp_path):
    start = tmp_path / "start.pt"
    start.touch()
    run, *_ = plan(tmp_path, settings={"weights": str(start)})
    training, evaluating = run.training_command(), run.evaluating_command()
    assert training[training.index("--weights") + 1] == str(start)
    assert evaluating[evaluating.index("--weights") + 1] == str(run.folder / "model.pt")


@pytest.mark.parametrize("name", ["seed", "output_dir", "report_dir", "max_epochs", "resume", "overwrite"])
def test_what_the_comparison_sets_itself_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: the comparison sets it"):
        plan(tmp_path, settings={name: 1})
