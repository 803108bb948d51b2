import math
from dataclasses import replace

import numpy as np
import torch

from custom.postprocessing.result import Electrode
from custom.transforms import FrameGeometry
from custom.workflow.frame_result import frame_result
from tests.results.frames import make_frame

ITEM = {
    "source": "sub/a.dcm",
    "path": "data/sub/a.dcm",
    "frame_index": 2,
    "frames": 5,
    "frame_pixels": torch.arange(6.0).reshape(1, 2, 3),
    "pixel_spacing_mm": torch.tensor([0.5, 0.25]),
    "spacing_plane": "detector",
    "geometry": FrameGeometry.at_scale(2, 3, 0.5)[0].to_tensor(),
}
OUTPUT = {
    "pred": torch.tensor([[[0, 1, 0], [0, 0, 1]]], dtype=torch.uint8),
    "pred_electrodes": torch.tensor([[1.5, 0.5, 4, 6, 0.75]]),
}


def test_what_the_engine_knows():
    frame = make_frame()
    found = {
        "electrodes_found": frame.electrodes,
        "catheters_found": frame.catheters,
        "feature_distance": torch.tensor(2.5),
    }
    result = frame_result(ITEM | {"flags": ["tiny"]}, OUTPUT | found)
    assert (result.source, result.path, result.name) == ("sub/a.dcm", "data/sub/a.dcm", "sub/a.dcm#2")
    np.testing.assert_array_equal(result.pixels, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(result.mask, [[0, 1, 0], [0, 0, 1]])
    assert (result.electrodes, result.catheters) == (frame.electrodes, frame.catheters)
    assert (result.pixel_spacing_mm, result.spacing_plane) == ((0.5, 0.25), "detector")
    assert (result.flags, result.feature_distance) == (("tiny",), 2.5)
    assert result.network_scale == 0.5


def test_a_spacing_has_the_digits_that_were_given():
    result = frame_result(ITEM | {"pixel_spacing_mm": torch.tensor([0.3, 0.1953125])}, OUTPUT)
    assert result.pixel_spacing_mm == (0.3, 0.1953125)


def test_without_further_steps_electrodes_lie_on_no_catheter():
    result = frame_result(ITEM, OUTPUT)
    assert result.electrodes == (Electrode(1.5, 0.5, 4, 6, 0.75),)
    assert (result.catheters, result.flags, result.feature_distance) == ((), (), None)


def test_what_is_not_known_is_none():
    unknown = {"pixel_spacing_mm": torch.full((2,), math.nan), "spacing_plane": ""}
    result = frame_result(ITEM | unknown, OUTPUT | {"feature_distance": torch.tensor(math.nan)})
    assert result.pixel_spacing_mm is result.spacing_plane is result.feature_distance is None


def test_spread_of_test_time_augmentation_goes_to_its_electrode():
    rows = torch.tensor([[1.5, 0.5, 4, 6, 0.75], [2.5, 1.5, 4, 6, 0.5]])
    spread = {"electrode_spread": torch.tensor([0.25, math.nan])}
    result = frame_result(ITEM, OUTPUT | {"pred_electrodes": rows} | spread)
    assert [electrode.spread_px for electrode in result.electrodes] == [0.25, None]
    found = {"electrodes_found": tuple(replace(one, track=7) for one in result.electrodes)}
    result = frame_result(ITEM, OUTPUT | {"pred_electrodes": rows} | spread | found)
    assert [(electrode.track, electrode.spread_px) for electrode in result.electrodes] == [(7, 0.25), (7, None)]


def test_results_on_an_accelerator_are_brought_back(monkeypatch):
    # No CUDA here: a tensor that NumPy cannot read, as those of CUDA, but that has a copy on the CPU.
    class OnDevice(torch.Tensor):
        def __array__(self, *args, **kwargs):
            raise TypeError("can't convert a device type tensor to numpy")

        def cpu(self):
            return self.as_subclass(torch.Tensor)

    there = {name: value.as_subclass(OnDevice) for name, value in OUTPUT.items()}
    spread = torch.tensor([0.5]).as_subclass(OnDevice)
    result = frame_result(ITEM, there | {"electrode_spread": spread})
    np.testing.assert_array_equal(result.mask, [[0, 1, 0], [0, 0, 1]])
    assert result.electrodes == (Electrode(1.5, 0.5, 4, 6, 0.75, spread_px=0.5),)
