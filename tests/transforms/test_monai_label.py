import json

import numpy as np
import torch
from monai.data import MetaTensor

from custom.transforms import MonaiLabelReplyd

MASK = torch.tensor([[[0, 1, 0], [1, 0, 0]]], dtype=torch.uint8)
KNOWN = {"pixel_spacing_mm": torch.tensor([0.5, 0.25]), "spacing_plane": "isocentre"}
UNKNOWN = {"pixel_spacing_mm": torch.tensor([torch.nan, torch.nan]), "spacing_plane": ""}


def test_nothing_changes_outside_monai_label():
    data = {"pred": MASK, "result": {"electrodes": []}, **KNOWN}
    result = MonaiLabelReplyd()(data)
    assert result == data
    assert result["pred"] is MASK


def test_monai_label_gets_columns_first_and_no_channel():
    mask = MonaiLabelReplyd()({"pred": MetaTensor(MASK), "image_path": "a.png", **KNOWN})["pred"]
    assert isinstance(mask, np.ndarray)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, [[0, 1], [1, 0], [0, 0]])


def test_the_reply_says_where_millimetres_hold_and_what_to_be_wary_of():
    data = {"pred": MASK, "image_path": "a.png", "result": {"electrodes": [1]}, "flags": ["tiny"], **KNOWN}
    result = json.loads(json.dumps(MonaiLabelReplyd()(data)["result"]))
    expected = {"electrodes": [1], "pixel_spacing_mm": [0.5, 0.25], "spacing_plane": "isocentre", "flags": ["tiny"]}
    assert result == expected


def test_the_reply_says_that_the_spacing_is_unknown():
    result = MonaiLabelReplyd()({"pred": MASK, "image_path": "a.png", **UNKNOWN})["result"]
    assert result == {"pixel_spacing_mm": None, "spacing_plane": None, "flags": []}
