import json

import numpy as np
import torch
from monai.data import MetaTensor

from custom.postprocessing.result import Catheter, Electrode
from custom.transforms import MonaiLabelReplyd

MASK = torch.tensor([[[0, 1, 0], [1, 0, 0]]], dtype=torch.uint8)
ELECTRODE = Electrode(1.5, 0.0, 1.0, 1.0, 0.9, catheter=0, pole=0)
CATHETER = Catheter(0, "unknown", 0.5, np.array([[1.504, 0.0], [0.0, 1.0]]), True, (0,), 1.8, None, 0.9)
FOUND = {"electrodes_found": (ELECTRODE,), "catheters_found": (CATHETER,)}
KNOWN = {"pixel_spacing_mm": torch.tensor([0.5, 0.25]), "spacing_plane": "isocentre"}
UNKNOWN = {"pixel_spacing_mm": torch.tensor([torch.nan, torch.nan]), "spacing_plane": ""}


def test_nothing_changes_outside_monai_label():
    data = {"pred": MASK, **FOUND, **KNOWN}
    result = MonaiLabelReplyd()(data)
    assert result == data
    assert result["pred"] is MASK


def test_monai_label_gets_columns_first_and_no_channel():
    mask = MonaiLabelReplyd()({"pred": MetaTensor(MASK), "image_path": "a.png", **FOUND, **KNOWN})["pred"]
    assert isinstance(mask, np.ndarray)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, [[0, 1], [1, 0], [0, 0]])


def test_the_reply_says_where_millimetres_hold_and_what_to_be_wary_of():
    data = {"pred": MASK, "image_path": "a.png", "flags": ["tiny"], **FOUND, **KNOWN}
    result = json.loads(json.dumps(MonaiLabelReplyd()(data)["result"]))
    assert (result["pixel_spacing_mm"], result["spacing_plane"]) == ([0.5, 0.25], "isocentre")
    assert result["flags"] == ["tiny"]


def test_the_reply_has_electrodes_and_catheters_as_plain_values():
    reply = MonaiLabelReplyd()({"pred": MASK, "image_path": "a.png", **FOUND, **KNOWN})
    result = json.loads(json.dumps(reply["result"]))
    (electrode,), (catheter,) = result["electrodes"], result["catheters"]
    assert (electrode["x"], electrode["pole"]) == (1.5, 0)
    assert (catheter["type"], catheter["electrodes"], catheter["length_mm"]) == ("unknown", [0], None)
    assert catheter["centerline"] == [[1.5, 0.0], [0.0, 1.0]]


def test_the_reply_says_that_the_spacing_is_unknown():
    result = MonaiLabelReplyd()({"pred": MASK, "image_path": "a.png", **FOUND, **UNKNOWN})["result"]
    assert (result["pixel_spacing_mm"], result["spacing_plane"], result["flags"]) == (None, None, [])


def test_the_reply_has_the_digits_of_the_spacing_that_were_given():
    given = {"pixel_spacing_mm": torch.tensor([0.3, 0.1953125]), "spacing_plane": "detector"}
    result = MonaiLabelReplyd()({"pred": MASK, "image_path": "a.png", **FOUND, **given})["result"]
    assert result["pixel_spacing_mm"] == [0.3, 0.1953125]
