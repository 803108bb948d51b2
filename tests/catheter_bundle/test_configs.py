import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.workflow import bundle_root, check_overrides
from tests.conftest import REPOSITORY
from tests.tiny_data import write_tiny_data

ROOT = Path(bundle_root())
CONFIGS = ROOT / "configs"
TRAIN, INFERENCE = CONFIGS / "train.yaml", CONFIGS / "inference.yaml"
INFERENCE_ONLY = ("CopyItemsd", "custom.transforms.CheckFramed")
OVERRIDES = sorted((CONFIGS / "overrides").glob("*.yaml"))
ALL_FILES = [file for folder in (ROOT, REPOSITORY / "bundles") for file in folder.rglob("*.yaml")]


def read(path):
    return yaml.safe_load(path.read_text())


def workflow(files, kind, tmp_path, **overrides):
    return ConfigWorkflow(
        config_file=[str(file) for file in files],
        workflow_type=kind,
        logging_file=False,
        output_dir=str(tmp_path / "output"),
        device="cpu",
        **overrides,
    )


def test_no_component_has_the_name_of_a_module():
    """From Python 3.13 on, MONAI would find the module in its place."""
    text = "".join(file.read_text() for file in ALL_FILES)
    components = set(re.findall(r"_target_: (custom[.\w]+)", text))
    assert len(components) > 50
    modules = {
        ".".join(file.relative_to(REPOSITORY).with_suffix("").parts) for file in REPOSITORY.glob("custom/**/*.py")
    }
    assert components & modules == set()


def test_every_property_of_training_is_there_from_any_folder(tmp_path, monkeypatch):
    datalist = write_tiny_data(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    training = workflow([TRAIN, CONFIGS / "overrides" / "lite.yaml"], "train", tmp_path, datalist=str(datalist))
    training.initialize()
    assert training.check_properties() == []


def test_every_property_of_inference_is_there_from_any_folder(tmp_path, monkeypatch):
    write_tiny_data(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    lite = CONFIGS / "overrides" / "lite.yaml"
    inference = workflow([INFERENCE, lite], "infer", tmp_path, dataset_dir=str(tmp_path / "data" / "images"))
    inference.initialize()
    assert inference.check_properties() == []


def test_both_run_ids_train():
    config = read(TRAIN)
    assert config["training"] == "%run"


def test_training_and_inference_prepare_frames_alike():
    train, inference = read(TRAIN), read(INFERENCE)
    sampling = ("image_size", "scale_to_size", "spacing_range_mm", "longer_side_range")
    decoding = ("minimum_score", "mask_threshold", "piece_threshold", "smallest_piece_mm2")
    shared = ("network_def", "network", *sampling, *decoding)
    for key in shared:
        assert train[key] == inference[key], key
    training_only = {"custom.transforms.PrepareLabelsd", "custom.transforms.RandomCropd"}
    trained = [step for step in train["train"]["preprocessing"]["transforms"] if step["_target_"] not in training_only]
    inferred = [step for step in inference["preprocessing"]["transforms"] if step["_target_"] not in INFERENCE_ONLY]
    assert inferred[0].pop("pixel_spacing_mm") == "@pixel_spacing_mm"
    assert inferred[0].pop("spacing_plane") == "@spacing_plane"
    assert trained == inferred


def test_validation_prepares_frames_as_training_does_and_keeps_the_mask():
    config = read(TRAIN)
    validated = config["validate"]["preprocessing"]["transforms"]
    assert validated[-1].pop("keep_original_mask") is True
    *trained, crop = config["train"]["preprocessing"]["transforms"]
    assert crop["_target_"] == "custom.transforms.RandomCropd"
    assert validated == trained


def test_the_page_on_training_counts_to_the_normalisation():
    page = (ROOT.parent / "docs" / "training.md").read_text()
    replacement = r"^((?:train#|validate#)?preprocessing#transforms#\d+): {_target_: my.module.Normalise"
    places = re.findall(replacement, page, re.MULTILINE)
    assert len(places) == 3
    for place in places:
        parser = ConfigParser(read(INFERENCE if place.startswith("preprocessing") else TRAIN))
        assert parser[place]["_target_"] == "custom.transforms.NormalizeFramed", place


@pytest.mark.parametrize("path", OVERRIDES, ids=lambda path: path.stem)
def test_an_override_changes_only_what_exists_and_can_be_built(path):
    check_overrides([str(TRAIN)], read(path))
    parser = ConfigParser()
    parser.read_config([str(TRAIN), str(path)])
    for key in ("network_def", "selection", "weighting", "kpis"):
        parser.get_parsed_content(key)


def test_metadata_passes_monai_s_own_check_offline():
    command = [sys.executable, "-m", "monai.bundle", "verify_metadata"]
    files = ["--meta_file", str(CONFIGS / "metadata.json"), "--filepath", str(ROOT / "docs" / "metadata.schema.json")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "metadata is verified with no error" in done.stdout + done.stderr


def test_metadata_names_the_versions_that_are_tested():
    metadata = json.loads((CONFIGS / "metadata.json").read_text())
    pinned = dict(
        line.split("==") for line in (ROOT.parent / "constraints.txt").read_text().splitlines() if "==" in line
    )
    named = {
        "monai": metadata["monai_version"],
        "torch": metadata["pytorch_version"],
        "numpy": metadata["numpy_version"],
    }
    for package, version in (named | metadata["required_packages_version"]).items():
        assert pinned[package] == version, package


def test_the_first_output_is_the_mask():
    outputs = json.loads((CONFIGS / "metadata.json").read_text())["network_data_format"]["outputs"]
    assert next(iter(outputs)) == "pred"
