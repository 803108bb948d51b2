"""Inference gives the same whatever runs the network."""

import pytest
import torch

from custom.engines import largest_difference
from custom.errors import InputError
from custom.networks import lite_catheter_net
from custom.workflow import AugmentedInferer


@pytest.mark.parametrize("enabled", [False, True])
@torch.inference_mode()
def test_views_of_several_frames_are_averaged_as_in_pytorch(enabled):
    torch.manual_seed(0)
    network = lite_catheter_net(projection_channels=16, decoder_channels=(16, 16, 8), head_channels=8).eval()
    frames = torch.rand(2, 1, 48, 80)
    expected = AugmentedInferer(enabled=enabled)(frames, network)
    inferer = AugmentedInferer(enabled=enabled, engine="onnxruntime")
    found = inferer(frames, network)
    assert inferer.engine.used == "onnxruntime"
    assert ("electrode_views" in found) is enabled
    assert largest_difference({**found, **_views(found)}, {**expected, **_views(expected)}) <= 1e-3


def _views(logits):
    # Noise has many peaks of nearly equal height, whose order may change.
    views = logits.get("electrode_views", torch.zeros(1, 1, 1, 3))
    return {"electrode_views": views[..., 2]}


def test_lower_precisions_run_in_pytorch():
    assert AugmentedInferer("bfloat16", engine="auto").engine.name == "torch"
    with pytest.raises(InputError, match=r"ncnn runs in float32 only; found 'bfloat16'.*catheter export"):
        AugmentedInferer("bfloat16", engine="ncnn")
