"""The archive that users pass on: what is in it, and that it runs without the repository."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from custom.networks import CatheterNet
from custom.postprocessing.catheter_types.table import DEFAULT_TABLE, load_catheter_types
from scripts.bundle import bundle_component, inference_config
from tests.conftest import REPOSITORY
from tests.tiny_data import write_tiny_data
from tests.tiny_weights import write_tiny_weights

FOLDER = "catheter_bundle"
REQUIRED = {
    "LICENSE",
    "configs/inference.yaml",
    "configs/logging.conf",
    "configs/metadata.json",
    "configs/train.yaml",
    "custom/__init__.py",
    "custom/simulation/materials.yaml",
    "docs/README.md",
    "docs/data_license.txt",
    "models/model.pt",
    "models/model.sha256",
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "trained.pt")


@pytest.fixture(scope="module")
def unpacked(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    done = alone(REPOSITORY, "scripts.main", *arguments(weights, folder / "bundle.zip"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        archive.extractall(folder)
    return folder / FOLDER


def arguments(weights, output):
    return ["package", "--weights", str(weights), "--overrides", "lite", "--output", str(output)]


def alone(folder, module, *arguments):
    """Run a module in `folder` with installed packages, of which the editable install is none without `site` (-S)."""
    command = [sys.executable, "-S", "-m", module, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    options = {"cwd": folder, "env": environment, "timeout": 300}
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def refused(capsys, catheter, *arguments):
    with pytest.raises(SystemExit) as exit_:
        catheter(*arguments)
    assert exit_.value.code == 2
    return capsys.readouterr().err


def test_the_archive_has_one_folder_with_everything_and_nothing_else(weights, tmp_path, catheter):
    catheter(*arguments(weights, tmp_path / "bundle.zip"))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        names = {name.removeprefix(f"{FOLDER}/") for name in archive.namelist()}
        assert all(name.startswith(f"{FOLDER}/") for name in archive.namelist())
        assert archive.read(f"{FOLDER}/models/model.pt") == weights.read_bytes()
        assert b"Apache License" in archive.read(f"{FOLDER}/LICENSE")
    assert names >= REQUIRED
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests", "scripts"))]
    assert {name.partition("/")[0] for name in names} == {"LICENSE", "configs", "custom", "docs", "models"}


def test_the_same_weights_give_the_same_archive(weights, tmp_path, catheter):
    for name in ("one.zip", "two.zip"):
        catheter(*arguments(weights, tmp_path / name))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_weights_that_are_missing_are_named(tmp_path, catheter, capsys):
    printed = refused(capsys, catheter, *arguments(tmp_path / "none.pt", tmp_path / "bundle.zip"))
    assert f"{tmp_path / 'none.pt'}: there is no such file of weights" in printed
    assert list(tmp_path.iterdir()) == []


def test_weights_of_another_network_are_refused(tmp_path, catheter, capsys):
    torch.save(CatheterNet(encoder="resnet18", neck_blocks=0).state_dict(), tmp_path / "other.pt")
    printed = refused(capsys, catheter, *arguments(tmp_path / "other.pt", tmp_path / "bundle.zip"))
    assert "the weights belong to another network" in printed
    assert not (tmp_path / "bundle.zip").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("network_deff: 3", "mine.yaml: network_deff: the config has no such key"),
        ("network_def#head_stride: 3", "head_stride: not a stride of the heads"),
    ],
)
def test_overrides_that_are_wrong_are_refused(weights, tmp_path, catheter, capsys, text, problem):
    (tmp_path / "mine.yaml").write_text(text)
    options = ["package", "--weights", weights, "--overrides", f"lite,{tmp_path / 'mine.yaml'}"]
    assert problem in refused(capsys, catheter, *options, "--output", tmp_path / "bundle.zip")


def test_an_output_that_is_no_archive_is_refused(weights, tmp_path, catheter, capsys):
    assert "expected a name ending in .zip" in refused(capsys, catheter, *arguments(weights, tmp_path / "bundle.tar"))


def test_an_archive_that_cannot_be_written_is_named(weights, tmp_path, catheter, capsys):
    (tmp_path / "file").write_text("")
    printed = refused(capsys, catheter, *arguments(weights, tmp_path / "file" / "bundle.zip"))
    assert "bundle.zip: the archive cannot be written" in printed


def with_types(weights, folder, table):
    (folder / "laboratory.yaml").write_text(f"catheter_types: {table}\n")
    overrides = f"lite,{folder / 'laboratory.yaml'}"
    return ["package", "--weights", weights, "--overrides", overrides, "--output", folder / "bundle.zip"]


def test_a_table_of_types_of_ones_own_goes_with_the_archive(weights, tmp_path, catheter):
    table = tmp_path / "own.yaml"
    table.write_text(DEFAULT_TABLE.read_text().replace("lead:", "our lead:"))
    catheter(*with_types(weights, tmp_path, table))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    parser = ConfigParser()
    parser.read_config(tmp_path / FOLDER / "configs" / "inference.yaml")
    parser["bundle_root"] = str(tmp_path / FOLDER)
    packaged = parser.get_parsed_content("catheter_types")
    assert packaged == str(tmp_path / FOLDER / "configs" / "catheter_types.yaml")
    assert "our lead" in load_catheter_types(packaged).by_name


def test_a_faulty_table_of_types_is_not_packaged(weights, tmp_path, catheter, capsys):
    table = tmp_path / "own.yaml"
    table.write_text("lead: {}\n")
    assert "own.yaml: lead: missing keys" in refused(capsys, catheter, *with_types(weights, tmp_path, table))
    assert not (tmp_path / "bundle.zip").exists()


@pytest.mark.slow
def test_the_unpacked_bundle_imports_its_own_code(unpacked):
    (unpacked / "where.py").write_text("import custom\nprint(custom.__file__)\n")
    done = alone(unpacked, "where")
    assert done.stdout.strip() == str(unpacked / "custom" / "__init__.py"), done.stderr


@pytest.mark.slow
def test_the_unpacked_bundle_infers_as_the_command_line_does(unpacked, weights, tmp_path, catheter):
    frames = write_tiny_data(tmp_path / "data").parent / "images"
    both = ["--device", "cpu", "--smallest_piece_mm2", "0"]  # weights that were never trained are sure of nothing
    catheter("infer", frames, "--output", tmp_path / "ours", "--weights", weights, "--overrides", "lite", *both)
    options = ["--dataset_dir", frames, "--output_dir", tmp_path / "theirs", *both]
    done = alone(unpacked, "monai.bundle", "run", "--config_file", "configs/inference.yaml", *options)
    assert done.returncode == 0, done.stderr
    masks = sorted((tmp_path / "ours").glob("*_mask.png"))
    assert len(masks) == 8
    for mask in masks:
        pixels = np.asarray(Image.open(mask))
        np.testing.assert_array_equal(pixels, np.asarray(Image.open(tmp_path / "theirs" / mask.name)))
    assert 0 < sum(np.asarray(Image.open(mask)).mean() for mask in masks) < 255 * len(masks)


@pytest.mark.slow
def test_the_unpacked_bundle_passes_monai_s_check(unpacked):
    files = ["--meta_file", "configs/metadata.json", "--filepath", "docs/metadata.schema.json"]
    done = alone(unpacked, "monai.bundle", "verify_metadata", *files)
    assert done.returncode == 0, done.stderr
    assert "metadata is verified with no error" in done.stdout + done.stderr


@pytest.mark.slow
def test_the_unpacked_bundle_trains_in_place_and_forgets_the_hash(unpacked, tmp_path):
    datalist = write_tiny_data(tmp_path / "data")
    command = ["run", "training", "--config_file", "configs/train.yaml", "--max_epochs", 1, "--image_size", "[64,96]"]
    missing = alone(unpacked, "monai.bundle", *command)
    assert missing.returncode == 2
    assert "datalist: no data set was given. Name its datalist with --datalist." in missing.stderr
    before = (unpacked / "models" / "model.pt").read_bytes()
    done = alone(unpacked, "monai.bundle", *command, "--datalist", datalist, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert (unpacked / "models" / "model.pt").read_bytes() != before
    assert not (unpacked / "models" / "model.sha256").exists()


@pytest.mark.slow
def test_weights_that_were_changed_are_refused(weights, tmp_path, catheter):
    catheter(*arguments(weights, tmp_path / "bundle.zip"))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    bundle = tmp_path / FOLDER
    with (bundle / "models" / "model.pt").open("ab") as file:
        file.write(b"\0")
    frames = write_tiny_data(tmp_path / "data").parent / "images"
    options = ["--dataset_dir", frames, "--output_dir", tmp_path / "results"]
    done = alone(bundle, "monai.bundle", "run", "--config_file", "configs/inference.yaml", *options)
    assert done.returncode == 2
    assert "SHA-256 differs" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_packaged_configs_are_those_of_the_network(weights, tmp_path, catheter):
    catheter(*arguments(weights, tmp_path / "bundle.zip"))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        configs = [archive.read(f"{FOLDER}/configs/{name}.yaml").decode() for name in ("inference", "train")]
        metadata = json.loads(archive.read(f"{FOLDER}/configs/metadata.json"))
    for text in configs:
        assert "_target_: custom.networks.lite_catheter_net" in text
        assert "head_stride: 2  # 4 as in the paper" in text
    assert metadata["network_data_format"]["outputs"]["center"]["spatial_shape"] == ["16*n/2", "16*n/2"]


def test_a_peer_s_packaged_configs_make_its_network_with_the_keys_of_a_laboratory(tmp_path, catheter):
    weights, own = tmp_path / "peer.pt", tmp_path / "own.yaml"
    network = bundle_component(inference_config("peer_basic_unet"), "network_def")
    torch.save(network.state_dict(), weights)
    own.write_text("our_score: 0.2\nminimum_score: '@our_score'\n")
    options = ("--weights", weights, "--overrides", f"peer_basic_unet,kpi_dice,{own}")
    catheter("package", *options, "--output", tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    for name in ("inference.yaml", "train.yaml"):
        config = ConfigParser()
        config.read_config(tmp_path / FOLDER / "configs" / name)
        assert config.get_parsed_content("network_def").state_dict().keys() == network.state_dict().keys()
        assert config.get_parsed_content("minimum_score") == 0.2
        assert ("kpis" in config) is (name == "train.yaml")


def test_a_module_of_ones_own_that_stays_behind_is_named(weights, tmp_path, catheter, capsys):
    own = tmp_path / "own.yaml"
    own.write_text("kpis#segmentation: {_target_: own_part.Kpi}\n")
    catheter("package", "--weights", weights, "--overrides", f"lite,{own}", "--output", tmp_path / "bundle.zip")
    assert "note: the module own_part, which its configs name, is not in it: put it into" in capsys.readouterr().out
