import json
import tomllib
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement

from custom.networks import lite_catheter_net
from custom.packaging.metadata import describe_network
from custom.transforms import NormalizeFramed
from custom.workflow import bundle_root
from tests.conftest import REPOSITORY

METADATA = json.loads((Path(bundle_root()) / "configs" / "metadata.json").read_text())


@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("offset", [False, True])
def test_heads_are_described_as_the_network_has_them(stride, offset):
    network = lite_catheter_net(head_stride=stride, offset=offset)
    outputs = describe_network(METADATA, network)["network_data_format"]["outputs"]
    logits = network.eval()(torch.zeros(1, 1, 64, 96))
    described = {head for head in logits if head != "feature_distance"}  # a number, no map
    assert set(outputs) == {"pred" if head == "segmentation" else head for head in described}
    assert next(iter(outputs)) == "pred"
    for head in ("center", "size"):
        assert outputs[head]["spatial_shape"] == [f"16*n/{stride}"] * 2
        assert outputs[head]["num_channels"] == logits[head].shape[1]
        assert logits[head].shape[-2:] == (64 // stride, 96 // stride)
    assert outputs["pred"] == METADATA["network_data_format"]["outputs"]["pred"]


def test_the_input_is_described_as_frames_are_normalised():
    frame = torch.linspace(-300, 4000, 64 * 96).view(1, 64, 96)
    image = NormalizeFramed()({"image": frame})["image"]
    assert METADATA["network_data_format"]["inputs"]["image"]["value_range"] == [image.min(), image.max()]


def test_what_was_given_stays():
    before = json.dumps(METADATA)
    describe_network(METADATA, lite_catheter_net(head_stride=1, offset=True))
    assert json.dumps(METADATA) == before


def test_everything_that_the_code_needs_is_required():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    needed = {Requirement(line).name.lower() for line in project["dependencies"]}
    named = {name.lower() for name in METADATA["required_packages_version"]}
    assert named | {"monai", "torch", "numpy"} == needed
