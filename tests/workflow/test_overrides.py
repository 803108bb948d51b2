import json
import shutil
from pathlib import Path

import pytest

import custom
from custom.errors import InputError
from custom.workflow import bundle_root
from custom.workflow.monai_command_line import check_command_line
from custom.workflow.overrides import check_overrides

TRAIN = f"{bundle_root()}/configs/train.yaml"
MONAI = "site-packages/monai/bundle/__main__.py"


def test_known_keys_pass():
    check_overrides([TRAIN], ["max_epochs", "network_def#offset", "train#trainer#max_epochs", "validate::split"])


def test_a_misspelt_key_is_answered_with_the_right_one():
    with pytest.raises(InputError, match=r"--max_epoch: the config has no such key.*--max_epochs"):
        check_overrides([TRAIN], ["max_epoch"])


def test_a_missing_section_is_named():
    with pytest.raises(InputError, match=r"--train#trainr#max_epochs: .*no such section"):
        check_overrides([TRAIN], ["train#trainr#max_epochs"])


def test_a_text_in_place_of_a_section_is_refused():
    whole = "--train#augmentation"
    good = ("$torch.nn.Identity()", "@validate#inferer", "%run", "{'_target_': 'torch.nn.Identity'}")
    for value in good:
        check_overrides([TRAIN], {"train#augmentation": value})
        check_command_line([MONAI, "run", "training", "--config_file", TRAIN, whole, value])
    check_overrides(
        [TRAIN], {"train#augmentation": {"_target_": "torch.nn.Identity"}, "seed": "1", "run_id": "training"}
    )
    for value in ("{_target_: torch.nn.Identity}", "strong", "3"):
        with pytest.raises(InputError, match=r"--train#augmentation: a single value in place of a section.*#KEY VALUE"):
            check_overrides([TRAIN], {"train#augmentation": value})
        with pytest.raises(InputError, match="a single value in place of a section"):
            check_command_line([MONAI, "run", "training", "--config_file", TRAIN, whole, value])


@pytest.mark.parametrize(
    ("override", "value", "expected"),
    [
        ("max_epochs", "many", "a number such as 100"),
        ("mask_threshold", True, "a number such as 0.4"),
        ("network_def#head_stride", [2], "a number such as 2"),
        ("resume", "maybe", "True or False"),
        ("resume", "false", "True or False"),
        ("spacing_range_mm", 0.3, "numbers such as 0.3,0.4"),
        ("image_size", "wide", "numbers such as 256,256"),
        ("image_size", ["wide", 256], "numbers such as 256,256"),
    ],
)
def test_a_value_of_another_kind_is_refused(override, value, expected):
    with pytest.raises(InputError, match=f"--{override}: wrong type; found .*; expected {expected}"):
        check_overrides([TRAIN], {override: value})


def test_values_of_their_kind_pass():
    good = {"max_epochs": "5", "mask_threshold": 1, "resume": False, "image_size": "(64,96)", "spacing_range_mm": None}
    check_overrides(
        [TRAIN], {**good, "learning_rate": "$1 / 3", "network_def#pretrained": "imagenet", "resume": "true"}
    )


@pytest.mark.parametrize("name", ["optimizer", "kpis", "loss", "train", "run"])
def test_sections_that_nothing_works_without_cannot_be_left_out(name, tmp_path):
    with pytest.raises(InputError, match=rf"--{name}: the section cannot be left out.*{name}#KEY VALUE"):
        check_overrides([TRAIN], {name: None})
    (tmp_path / "mine.yaml").write_text(f"{name}: null\n")
    with pytest.raises(InputError, match=rf"mine\.yaml: {name}: the section cannot be left out"):
        check_overrides([TRAIN, str(tmp_path / "mine.yaml")], [])
    check_overrides([TRAIN], {"feature_distance": None, "train#augmentation": None})


@pytest.mark.parametrize("value", ["20240101", "2024_01_15", "1e5"])
def test_texts_that_would_become_numbers_are_refused(value, tmp_path):
    message = r"--report_dir: wrong type; found .*; expected a text\. Quotes of its own"
    with pytest.raises(InputError, match=message):
        check_command_line([MONAI, "run", "training", "--config_file", TRAIN, "--report_dir", value])
    check_command_line([MONAI, "run", "training", "--config_file", TRAIN, "--report_dir", f"'{value}'"])
    (tmp_path / "mine.yaml").write_text("report_dir: 20240101\n")
    with pytest.raises(InputError, match=r"mine\.yaml: report_dir: wrong type; found 20240101; expected a text"):
        check_overrides([TRAIN, str(tmp_path / "mine.yaml")], [])


@pytest.mark.parametrize("value", ["run#1", "runs/set #3", "'run #3'"])
def test_texts_that_would_be_cut_or_changed_are_refused(value):
    """Python Fire takes what follows for a comment, MONAI writes `::`."""
    line = [MONAI, "run", "training", "--config_file", TRAIN, "--output_dir"]
    with pytest.raises(InputError, match=r"--output_dir: MONAI would change the text at its #.* it stays: \$'r"):
        check_command_line([*line, value])
    check_command_line([*line, "$'run\\x231'"])


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("seed: 1\nseed: 2\n")
    with pytest.raises(InputError, match=r"twice\.yaml: the config file cannot be read.*Duplicate key: `seed`"):
        check_overrides([str(path)], [])


def test_the_command_line_of_monai_is_read():
    good = [MONAI, "run", "training", "--config_file", f"['{TRAIN}']", "--max_epochs", "3", "--seed=1"]
    check_command_line(good)
    with pytest.raises(InputError, match="--batch_siz"):
        check_command_line([*good, "--batch_siz", "3"])


@pytest.mark.parametrize("files", [TRAIN, [TRAIN]])
def test_what_a_file_of_arguments_says_is_checked_as_well(tmp_path, files):
    arguments = tmp_path / "arguments.json"
    line = [MONAI, "run", "--args_file", str(arguments)]
    arguments.write_text(json.dumps({"run_id": "training", "config_file": files, "max_epochs": 3}))
    check_command_line(line)
    with pytest.raises(InputError, match="--batch_siz"):
        check_command_line([*line, "--batch_siz", "3"])
    arguments.write_text(json.dumps({"config_file": files, "max_epoch": 3}))
    with pytest.raises(InputError, match="--max_epoch: the config has no such key"):
        check_command_line(line)


def test_tracking_keys_may_be_overridden_with_tracking_only():
    tracking = f"{bundle_root()}/configs/tracking.yaml"
    arguments = [MONAI, "run", "training", "--config_file", TRAIN, "--run_name", "mine"]
    check_command_line([*arguments, "--tracking", tracking])
    with pytest.raises(InputError, match="--run_name"):
        check_command_line([*arguments, "--tracking", "mlflow.yaml"])


def test_other_programs_are_left_alone():
    check_command_line(["/usr/bin/pytest", "--max_epoch", "3"])


@pytest.mark.parametrize(
    ("override", "suggestion"),
    [
        ("validate#splitt", "validate#split"),
        ("lr_scheduler#factr", "lr_scheduler#factor"),
        ("train#handlers#40", "train#handlers#4"),
    ],
)
def test_a_misspelt_key_of_a_section_is_refused(override, suggestion):
    with pytest.raises(InputError, match=rf"--{override}: the section has no such key.*{suggestion}"):
        check_overrides([TRAIN], {override: 1})


def test_what_a_component_takes_may_be_set_though_the_config_does_not():
    check_overrides(
        [TRAIN], {"lr_scheduler#last_epoch": -1, "weighting#segmentation": 2, "optimizer#_disabled_": False}
    )
    check_overrides([TRAIN], {"kpis#mine": {"_target_": "custom.prioritization.IouKpi"}})


def test_a_file_of_overrides_may_not_misspell(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("max_epoch: 3\n")
    with pytest.raises(InputError, match=r"mine\.yaml: max_epoch: the config has no such key.*max_epochs"):
        check_overrides([TRAIN, str(mine)], {})
    mine.write_text("short: 3\nmax_epochs: '@short'\n+train#handlers: []\nvalidate#split: test\n")
    check_overrides([TRAIN, str(mine)], {"short": 4})


def test_a_key_of_the_other_workflow_is_said_to_be_one(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("preprocessing#transforms#3: {_target_: Identity}\n")
    with pytest.raises(
        InputError, match=r"transforms#3: the config has no such key\. It is a key of inference\.yaml, which"
    ):
        check_overrides([TRAIN, str(mine)], {})
    with pytest.raises(
        InputError, match=r"--learning_rate: the config has no such key\. It is a key of train\.yaml, which"
    ):
        check_overrides([str(Path(TRAIN).with_name("inference.yaml"))], ["learning_rate"])


def test_a_folder_called_configs_is_not_the_bundles(tmp_path):
    mine = tmp_path / "configs" / "mine.yaml"
    mine.parent.mkdir()
    mine.write_text("learning_rat: 0.01\n")
    with pytest.raises(InputError, match=r"mine\.yaml: learning_rat: the config has no such key.*learning_rate"):
        check_overrides([TRAIN, str(mine)], {})


def test_a_bundle_s_own_files_may_add_keys_in_a_packaged_one_too(tmp_path, monkeypatch):
    names = ("train.yaml", "evaluate.yaml", "multi_gpu_train.yaml")
    check_overrides([str(Path(TRAIN).with_name(name)) for name in names], {})
    shutil.copytree(Path(TRAIN).parent, tmp_path / "configs")
    monkeypatch.setattr(custom, "__file__", str(tmp_path / "custom" / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    check_overrides([f"configs/{name}" for name in names], {})


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "3: a\n"])
def test_a_file_that_does_not_set_values_by_name_is_refused(tmp_path, text):
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(InputError, match=r"mine\.yaml: the config file does not set values by name"):
        check_overrides([TRAIN, str(mine)], {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_epochs: ten", "max_epochs: wrong type; found 'ten'; expected a number such as 100"),
        ("max_epochs: 0", "max_epochs: the value cannot be used; found '0'; expected a whole number, 1 or more"),
        ("learning_rate: 1e-3", r"learning_rate: wrong type; found '1e-3'.*YAML wants a point: 1\.0e-3"),
        ("network_def: {head_stride: 2}", "network_def: the section does not say what it is.*expected _target_"),
        ("precision: float16", "precision: no precision to train in"),
    ],
)
def test_values_in_a_file_are_checked_as_those_of_the_command_line(tmp_path, text, message):
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(InputError, match=message):
        check_overrides([TRAIN, str(mine)], {})


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("batch_size", 0),
        ("batch_size", "2.5"),
        ("batch_size", None),
        ("optimizer#lr", -1),
        ("learning_rate", -1),
        ("weight_decay", -0.1),
        ("max_epochs", "0"),
        ("val_interval", 1.5),
        ("seed", -1),
        ("seed", 1.5),
        ("num_workers", -1),
        ("cache_rate", 2),
        ("minimum_score", 2),
        ("early_stopping_patience", -1),
        ("feature_distance_frames", -1),
    ],
)
def test_a_number_beyond_its_limits_is_refused(override, value):
    with pytest.raises(InputError, match=f"--{override}: the value cannot be used; found '{value}'; expected a"):
        check_overrides([TRAIN], {override: value})


def test_numbers_at_their_limits_pass():
    zero = dict.fromkeys(("seed", "num_workers", "cache_rate", "early_stopping_patience", "feature_distance_frames"), 0)
    check_overrides([TRAIN], {**zero, "batch_size": 1, "minimum_score": 1.0, "optimizer#lr": "1e-5"})


def test_a_value_in_place_of_a_reference_is_checked_as_what_it_refers_to():
    with pytest.raises(InputError, match="--optimizer#lr: wrong type; found 'abc'; expected a number"):
        check_overrides([TRAIN], {"optimizer#lr": "abc"})


def test_training_in_half_precision_is_refused_and_evaluation_is_not():
    with pytest.raises(InputError, match=r"precision: no precision to train in; found 'float16'.*bfloat16"):
        check_overrides([TRAIN], {"precision": "float16"})
    check_overrides([TRAIN, str(Path(TRAIN).with_name("evaluate.yaml"))], {"precision": "float16"})


def test_null_is_answered_with_how_to_give_none():
    for name in ("spacing_range_mm", "weights"):
        with pytest.raises(InputError, match=rf"--{name}: a text; found 'null'.*write '\$None'"):
            check_overrides([TRAIN], {name: "null"})


@pytest.mark.parametrize("name", ["smallest_piece_mm2", "alpha", "scale_to_size", "priority#refresh_interval"])
def test_numbers_and_flags_cannot_be_left_out(name):
    with pytest.raises(InputError, match=f"--{name}: the value cannot be left out; expected one such as"):
        check_overrides([TRAIN], {name: None})


@pytest.mark.parametrize("given", [["--spacing_range_mm", "None"], ["--spacing_range_mm=None"]])
def test_none_which_monai_would_leave_out_is_refused(given):
    command = [MONAI, "run", "training", "--config_file", TRAIN, "--meta_file", "None"]
    with pytest.raises(InputError, match=r"--spacing_range_mm: MONAI leaves out .* None\..* write '\$None'"):
        check_command_line([*command, *given])
    check_command_line([*command, "--spacing_range_mm", "$None"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("+train#handlers: {_target_: my.Handler}", r"\+train#handlers: a single value .* list; .*begin with '- '"),
        ("+imports: $import math", r"\+imports: a single value .* list; found '\$import math'"),
        ("+network_def: [1]", r"\+network_def: .* section; found \[1\]; expected keys"),
        ("+max_epochs: [3]", r"\+max_epochs: .* neither a list nor a section.*without \+"),
    ],
)
def test_what_is_added_is_of_the_kind_that_is_there(tmp_path, text, message):
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(InputError, match=rf"mine\.yaml: {message}"):
        check_overrides([TRAIN, str(mine)], {})
    mine.write_text("+train#handlers: [{_target_: my.Handler}]\n+network_def: {offset: false}\n+imports: []\n")
    check_overrides([TRAIN, str(mine)], {})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("$import no_such_module", r"cannot be imported \(import no_such_module .*PYTHONPATH"),
        ("$from math import pie", r"cannot be imported \(from math import pie"),
        ("$import own_registry", r"own_registry\.py: line 1: .*cannot be imported .*no licence"),
        ("import math", r"mine\.yaml: imports: not an import; found 'import math'; expected .*'\$import"),
        ("$import math as", r"mine\.yaml: imports: not an import; found '\$import math as'"),
        ("$print", r"mine\.yaml: imports: not an import; found '\$print'"),
    ],
)
def test_an_import_that_fails_is_refused_though_nothing_uses_its_name(tmp_path, monkeypatch, line, message):
    """A module may be imported for what it registers."""
    (tmp_path / "own_registry.py").write_text("raise ValueError('no licence')")
    monkeypatch.syspath_prepend(tmp_path)
    mine = tmp_path / "mine.yaml"
    mine.write_text(f"+imports: ['{line}']\n")
    with pytest.raises(InputError, match=message):
        check_overrides([TRAIN, str(mine)], {})
    mine.write_text("+imports: ['$import math', '$from math import pi']\n")
    check_overrides([TRAIN, str(mine)], {})
