import numpy as np
import torch
from monai.data import MetaTensor

from custom.transforms import MonaiLabelMaskd

MASK = torch.tensor([[[0, 1, 0], [1, 0, 0]]], dtype=torch.uint8)


def test_the_mask_is_left_alone_outside_monai_label():
    result = MonaiLabelMaskd()({"pred": MASK, "name": "a.png"})
    assert result["pred"] is MASK
    assert result["name"] == "a.png"


def test_monai_label_gets_columns_first_and_no_channel():
    result = MonaiLabelMaskd()({"pred": MetaTensor(MASK), "image_path": "a.png"})
    assert isinstance(result["pred"], np.ndarray)
    assert result["pred"].dtype == np.uint8
    np.testing.assert_array_equal(result["pred"], [[0, 1], [1, 0], [0, 0]])
