import numpy as np
import pytest
import torch
from monai.data import MetaTensor, set_track_meta
from PIL import Image

from custom.errors import InputError
from custom.transforms import LoadFramed


@pytest.fixture
def entry(tmp_path):
    pixels = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    Image.fromarray(pixels).save(tmp_path / "frame.png")
    Image.fromarray((pixels > 20).astype(np.uint8) * 255).save(tmp_path / "mask.png")
    return {"image": str(tmp_path / "frame.png"), "mask": str(tmp_path / "mask.png"), "electrodes": [], "case": "c"}


def test_image_mask_and_what_was_there(entry):
    result = LoadFramed()({**entry, "sample_index": 3, "pixel_spacing_mm": [0.3, 0.2], "spacing_plane": "isocentre"})
    assert torch.equal(result["image"].as_tensor(), torch.arange(35.0).reshape(1, 5, 7))
    assert result["mask"].dtype == torch.uint8
    assert torch.equal(result["mask"], (torch.arange(35) > 20).reshape(1, 5, 7).to(torch.uint8))
    assert result["pixel_spacing_mm"].tolist() == pytest.approx([0.3, 0.2])
    assert (result["case"], result["name"], result["sample_index"]) == ("c", "frame.png", 3)
    assert result["spacing_plane"] == "isocentre"


def test_an_image_alone_is_enough(entry):
    result = LoadFramed()({"image": entry["image"]})
    assert result["pixel_spacing_mm"].isnan().all()
    assert result["spacing_plane"] == ""
    assert "mask" not in result


def test_a_mask_that_is_not_annotated_stays_none(entry):
    assert LoadFramed()({**entry, "mask": None})["mask"] is None


def test_metadata_follows_monais_switch(entry):
    image = LoadFramed()(entry)["image"]
    assert isinstance(image, MetaTensor)
    assert image.meta["filename_or_obj"] == entry["image"]
    set_track_meta(False)
    try:
        assert type(LoadFramed()(entry)["image"]) is torch.Tensor
    finally:
        set_track_meta(True)


def test_one_frame_of_a_cine_with_its_spacing(shared_data):
    path = next(path for path in sorted((shared_data / "dicom").rglob("*")) if path.suffix == ".dcm")
    result = LoadFramed()({"image": path, "frame": 0})
    assert result["image"].ndim == 3
    assert result["name"] == f"{path.name}#0"


def test_a_missing_file_is_a_users_error(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.png"):
        LoadFramed()({"image": tmp_path / "nowhere.png"})
