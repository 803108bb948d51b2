"""What a config gets wrong, found when its parts are made."""

import pytest
from monai.bundle import ConfigParser, create_workflow, workflows

from custom.errors import InputError
from scripts import bundle
from scripts.bundle import bundle_component, inference_config, inference_files, run_bundle, training_config

ALL_OVERRIDES = sorted(path.stem for path in bundle.OVERRIDES.glob("*.yaml"))


@pytest.mark.parametrize(
    ("component", "values", "message"),
    [
        (
            "network_def",
            {"network_def#_target_": "custom.networks.Lite"},
            "_target_: no such class.*networks.Lite.*in PYTHONPATH",
        ),
        ("lr_scheduler", {"lr_scheduler#factor": "@train#learning_rat"}, "refers to what is not.*@train#learning_rat"),
        ("priority", {"priority#size": "$1 / 0"}, "an expression of the config fails: division by zero"),
    ],
)
def test_what_a_config_gets_wrong_is_the_user_s_error(component, values, message):
    config = training_config("lite", device="cpu", **values)
    with pytest.raises(InputError, match=message):
        bundle_component(config, component)


def test_overrides_that_do_not_fit_each_other_are_refused():
    config = training_config("peer_basic_unet,weighting_gradnorm", device="cpu")
    with pytest.raises(InputError, match=r"no attribute 'decoder'; found .*@network_def\.decoder.*do not fit"):
        bundle_component(config, "weighting")


def test_a_fault_in_code_that_an_expression_calls_is_no_user_s():
    config = training_config(**{"priority#size": "$data.evenly_spread(3, 2)"})
    with pytest.raises(RuntimeError, match="Failed to evaluate"):
        bundle_component(config, "priority")


def test_a_run_that_refers_to_what_is_not_there_is_refused(monkeypatch):
    def run(**_):
        raise KeyError("query key: batch_siz")

    monkeypatch.setattr(bundle, "run", run)
    with pytest.raises(InputError, match="refers to what is not there; found 'batch_siz'"):
        run_bundle("training", bundle.config_files("train.yaml"), settings={"max_epochs": "%batch_siz"})


@pytest.mark.parametrize("override", ALL_OVERRIDES)
def test_inference_takes_every_override_of_training(override):
    config = inference_config(override)
    assert config["weights"] == "$@bundle_root + '/models/model.pt'"
    assert config["network_def#_target_"].startswith("custom.networks.")


def test_overrides_that_concern_training_alone_are_left_out_of_inference():
    files = inference_files("evaluate_catheters.yaml", overrides="paper,kpi_dice,record_run,weighting_dtp")
    names = [file.rpartition("/")[2] for file in files]
    assert names == ["inference.yaml", "evaluate_catheters.yaml", "paper.yaml"]


def test_overrides_of_training_and_inference_in_one_file_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "run", lambda **options: None)
    mixed = tmp_path / "mine.yaml"
    mixed.write_text("minimum_score: 0.5\nmax_epochs: 3\noptimizer#weight_decay: 0.1\n")
    files = inference_files(overrides=str(mixed))
    run_bundle("run", files, dataset_dir="frames")
    parser = ConfigParser()
    parser.read_config(files)
    assert parser["minimum_score"] == 0.5
    plain = ConfigParser()
    plain.read_config(inference_files())
    assert {key: parser[key] for key in plain.get()} == {**plain.get(), "minimum_score": 0.5}


@pytest.mark.parametrize("read", [inference_config, lambda overrides: inference_files(overrides=overrides)])
def test_overrides_that_neither_workflow_knows_are_refused_at_inference(read, tmp_path):
    (tmp_path / "mine.yaml").write_text("network_deff: 3")
    with pytest.raises(InputError, match=r"mine.yaml: network_deff: the config has no such key.*--network_def"):
        read(f"lite,{tmp_path / 'mine.yaml'}")


@pytest.mark.parametrize("read", [inference_config, lambda overrides: inference_files(overrides=overrides)])
def test_frames_prepared_otherwise_in_validation_than_in_inference_are_refused(read, tmp_path):
    transform = "{_target_: custom.transforms.NormalizeFramed, lower: 5.0}"
    own, inference = tmp_path / "own.yaml", tmp_path / "own_inference.yaml"
    own.write_text(f"validate#preprocessing#transforms#2: {transform}\n+train#preprocessing#transforms: []\n")
    with pytest.raises(InputError, match=r"own\.yaml: validate#preprocessing#transforms#2: .* keys of preprocessing,"):
        read(str(own))
    inference.write_text(f"preprocessing#transforms#4: {transform}\n")
    read(f"{own},{inference}")
    own.write_text(f"+train#preprocessing#transforms:\n- {transform}\n")  # an augmentation of training alone
    read(str(own))


def test_texts_of_the_user_reach_the_config_as_they_are(monkeypatch, tmp_path):
    started = {}
    monkeypatch.setattr(bundle, "run", lambda **options: started.update(options))
    settings = {"report_dir": "set #3", "weights": "$@output_dir + '/model.pt'"}
    folder = str(tmp_path / "$a#b")
    run_bundle("training", bundle.config_files("train.yaml"), settings=settings, output_dir=folder, datalist="2024")
    parser = training_config(**{name: started[name] for name in ("output_dir", "datalist", *settings)})
    assert parser.get_parsed_content("output_dir") == folder
    assert parser.get_parsed_content("datalist") == "2024"
    assert parser.get_parsed_content("report_dir") == "set #3"
    assert parser.get_parsed_content("weights") == f"{folder}/model.pt"


def test_texts_that_look_like_numbers_stay_texts(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    started = {}
    monkeypatch.setattr(bundle, "run", lambda **options: started.update(options))
    tracking = str(bundle.CONFIGS / "tracking.yaml")
    settings = {"experiment_name": "007", "report_dir": "1e3"}
    run_bundle("training", bundle.config_files("train.yaml"), tracking=tracking, settings=settings)
    parser = training_config(**{name: started[name] for name in settings})
    assert [parser.get_parsed_content(name) for name in settings] == ["007", "1e3"]


@pytest.mark.parametrize("command", ["train", "evaluate", "evaluate_robustness", "evaluate_catheters"])
def test_the_config_s_name_of_the_output_is_taken_like_any_key(catheter, monkeypatch, command, tmp_path):
    """`Did you mean --output_dir` is what a misspelt --output is answered with."""
    started = {}
    monkeypatch.setattr(bundle, "run", lambda **options: started.update(options))
    catheter(command, "datalist.json", "--output_dir", tmp_path)
    assert started["output_dir"] == str(tmp_path)
    started.clear()
    monkeypatch.chdir(tmp_path)
    catheter(command, "datalist.json")
    assert "output_dir" not in started  # the config's own


def test_the_config_s_own_output_folder_is_checked_before_tracking_writes_there(
    catheter, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output").touch()
    with pytest.raises(SystemExit, match="2"):
        catheter("train", "datalist.json")
    assert "output: output_dir: the output folder cannot be written" in capsys.readouterr().err


def test_none_takes_a_value_away():
    taken = {}

    def read(config_file, **options):
        workflow = create_workflow(config_file=config_file, **{**options, "init_id": "none", "run_id": "none"})
        taken.update({name: workflow.parser.get_parsed_content(name) for name in ("spacing_range_mm", "image_size")})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "run", read)
        run_bundle("run", inference_files(), settings={"spacing_range_mm": None})
    assert taken == {"spacing_range_mm": None, "image_size": [256, 256]}


def test_a_file_of_overrides_is_no_reason_to_warn(monkeypatch):
    """MONAI warns of every config file in another folder than the first one's, and the overrides are in one."""
    warned = []
    monkeypatch.setattr(workflows.logger, "_log", lambda level, message, *_, **__: warned.append(message))
    monkeypatch.setattr(
        bundle, "run", lambda config_file, **_: create_workflow(config_file=config_file, init_id="none", run_id="none")
    )
    run_bundle("run", inference_files(overrides="lite"))
    assert not warned


def test_weights_in_a_folder_with_a_separator_are_found():
    assert inference_config(weights="a#b/model.pt").get_parsed_content("weights") == "a#b/model.pt"
