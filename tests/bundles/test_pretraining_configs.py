import json
from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigWorkflow, verify_metadata

from custom.workflow import bundle_root, check_overrides
from tests.conftest import REPOSITORY
from tests.pretraining_data import write_duke_data, write_ucl_data

MAIN = REPOSITORY / "catheter_bundle"
BUNDLES = {name: REPOSITORY / "bundles" / name for name in ("oct_pretraining", "ucl_pretraining")}
WRITERS = {"oct_pretraining": write_duke_data, "ucl_pretraining": write_ucl_data}
OWN_KEYS = {"bundle_root", "dataset_dir", "datalist", "selection", "weighting"}
FITTING_OVERRIDES = ("cosine", "efficientnet_lite0", "head_stride_2", "lite", "offset", "resnet18", "resnet50")

every_bundle = pytest.mark.parametrize("name", BUNDLES)


def read(path):
    return yaml.safe_load(path.read_text())


def leaves(config, path=()):
    """Map every path in nested sections to its value; lists are values."""
    if not isinstance(config, dict):
        return {path: config}
    return {key: value for name, part in config.items() for key, value in leaves(part, (*path, name)).items()}


def without_electrodes(value):
    """Leave out of the main config what only matters to electrodes, which pre-training does not know."""
    if isinstance(value, list):
        return [without_electrodes(item) for item in value]
    if isinstance(value, dict):
        return {key: without_electrodes(item) for key, item in value.items() if key != "max_electrodes"}
    return value


@every_bundle
def test_what_a_bundle_shares_with_the_main_one_is_equal(name):
    main = leaves(read(MAIN / "configs" / "train.yaml"))
    bundle = leaves(read(BUNDLES[name] / "configs" / "train.yaml"))
    shared = {path: value for path, value in bundle.items() if path[0] not in OWN_KEYS}
    assert len(shared) > 100
    expected = {path: without_electrodes(main.get(path)) for path in shared}
    assert shared == expected, "change catheter_bundle's train.yaml and those in bundles/ alike"


def test_the_bundles_differ_in_their_data_alone():
    first, second = (leaves(read(folder / "configs" / "train.yaml")) for folder in BUNDLES.values())
    assert first.keys() == second.keys()
    different = {path[0] for path in first if first[path] != second[path]}
    assert different == {"bundle_root", "dataset_dir", "datalist"}


@every_bundle
@pytest.mark.parametrize("override", FITTING_OVERRIDES)
def test_the_network_s_alternatives_fit(name, override):
    check_overrides(
        [str(BUNDLES[name] / "configs" / "train.yaml")], read(MAIN / "configs" / "overrides" / f"{override}.yaml")
    )


@every_bundle
def test_every_property_of_training_is_there_from_any_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [BUNDLES[name] / "configs" / "train.yaml", MAIN / "configs" / "overrides" / "lite.yaml"]
    training = ConfigWorkflow(
        config_file=[str(file) for file in files],
        workflow_type="train",
        logging_file=False,
        dataset_dir=str(WRITERS[name](tmp_path / "data")),
        output_dir="output",
        device="cpu",
    )
    training.initialize()
    assert training.check_properties() == []


@every_bundle
def test_the_root_is_the_bundle_s(name):
    expression = read(BUNDLES[name] / "configs" / "train.yaml")["bundle_root"]
    assert expression == f"$workflow.bundle_root('bundles/{name}')"
    assert Path(bundle_root(f"bundles/{name}")) == BUNDLES[name]


@every_bundle
def test_metadata_passes_monai_s_own_check_offline(name):
    verify_metadata(
        meta_file=str(BUNDLES[name] / "configs" / "metadata.json"),
        filepath=str(MAIN / "docs" / "metadata.schema.json"),
    )


@every_bundle
def test_metadata_names_the_main_bundle_s_versions(name):
    own, main = (json.loads((folder / "configs" / "metadata.json").read_text()) for folder in (BUNDLES[name], MAIN))
    for key in ("monai_version", "pytorch_version", "numpy_version", "required_packages_version"):
        assert own[key] == main[key], key


@every_bundle
@pytest.mark.parametrize(
    ("copy", "original"), [("LICENSE", "LICENSE"), ("configs/logging.conf", "catheter_bundle/configs/logging.conf")]
)
def test_copies_are_copies(name, copy, original):
    assert (BUNDLES[name] / copy).read_bytes() == (REPOSITORY / original).read_bytes()
