from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigParser

from custom.packaging import merge_overrides
from custom.workflow import bundle_root

CONFIGS = Path(bundle_root()) / "configs"
OVERRIDES = sorted((CONFIGS / "overrides").glob("*.yaml"))

CONFIG = """\
# What this is
rate: 0.1  # of learning
weights: null  # a file
network:
  _target_: Net
  width: 64  # channels
  blocks: [1, 2]
steps:
- name: load
  fast: true
- name: '@rate'
"""


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_without_overrides_the_text_stays(write):
    assert merge_overrides(write("a.yaml", CONFIG), []) == CONFIG


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("rate: 2", "rate: 0.1  #", "rate: 2    #"),
        ("network#width: 32", "width: 64", "width: 32"),
        ("network::width: null", "width: 64", "width: null"),
        ("steps#0#fast: false", "fast: true", "fast: false"),
        ("+network: {depth: 3}", "blocks: [1, 2]\n", "blocks: [1, 2]\n  depth: 3\n"),
        ("+network#blocks: [3]", "blocks: [1, 2]", "blocks: [1, 2, 3]"),
        ("+steps: [{name: last}]", "- name: '@rate'\n", "- name: '@rate'\n- {name: last}\n"),
        ("of_the_other_workflow#epochs: 3", "rate", "rate"),
        ("+of_the_other_workflow: {epochs: 3}", "rate", "rate"),
        ("# nothing", "rate", "rate"),
    ],
)
def test_an_override_changes_its_lines_alone(write, override, old, new):
    merged = merge_overrides(write("a.yaml", CONFIG), [write("b.yaml", override)])
    assert merged.split() == CONFIG.replace(old, new).split()
    assert merged.count("#") == CONFIG.count("#")


def test_later_overrides_and_values_win(write):
    files = [write("b.yaml", "rate: 2"), write("c.yaml", "rate: 3\nweights: c.pt")]
    merged = merge_overrides(write("a.yaml", CONFIG), files, {"weights": "d.pt"})
    assert yaml.safe_load(merged)["rate"] == 3
    assert yaml.safe_load(merged)["weights"] == "d.pt"


def test_keys_that_overrides_refer_to_come_along_and_those_of_other_workflows_do_not(write):
    override = write("b.yaml", "mine: 2\nrate: '@mine'\nepochs: 3\nweights: c.pt")
    training = write("train.yaml", "epochs: 1\nweights: null")
    merged = yaml.safe_load(merge_overrides(write("a.yaml", CONFIG), [override], other_workflows=[training]))
    assert {name: merged.get(name) for name in ("mine", "rate", "epochs", "weights")} == {
        "mine": 2,
        "rate": "@mine",
        "epochs": None,
        "weights": "c.pt",
    }


def test_values_that_have_nothing_to_replace_are_left_out(write):
    values = {"network#pretrained": None, "network#width": 32, "unknown": 1}
    merged = yaml.safe_load(merge_overrides(write("a.yaml", CONFIG), [], values))
    assert merged["network"] == {"_target_": "Net", "width": 32, "blocks": [1, 2]}
    assert "unknown" not in merged


@pytest.mark.parametrize("override", OVERRIDES, ids=lambda path: path.stem)
def test_monai_reads_what_it_reads_from_both_files(override):
    config = CONFIGS / "train.yaml"
    parser = ConfigParser()
    parser.read_config([str(config), str(override)])
    assert {"_meta_": {}} | yaml.safe_load(merge_overrides(config, [override])) == parser.get()
