import math

import numpy as np
import pytest
import torch
from monai.data import MetaTensor, set_track_meta
from PIL import Image

from custom.data.frame import Frame
from custom.errors import InputError
from custom.transforms import LoadFramed
from custom.transforms.load import without_metadata
from tests.data.dicom_files import write_dicom


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


def test_a_mask_of_another_size_is_refused(entry, tmp_path):
    Image.fromarray(np.zeros((7, 5), np.uint8)).save(tmp_path / "turned.png")
    problem = r"turned.png: the mask has another size; found \(7, 5\); expected the image's \(rows, columns\) \(5, 7\)"
    with pytest.raises(InputError, match=problem):
        LoadFramed()({**entry, "mask": str(tmp_path / "turned.png")})


def test_metadata_follows_monais_switch(entry):
    image = LoadFramed()(entry)["image"]
    assert isinstance(image, MetaTensor)
    assert image.meta["filename_or_obj"] == entry["image"]
    with without_metadata():
        assert type(LoadFramed()(entry)["image"]) is torch.Tensor
    assert isinstance(LoadFramed()(entry)["image"], MetaTensor)


def test_metadata_that_was_off_stays_off(entry):
    set_track_meta(False)
    try:
        with without_metadata():
            pass
        assert type(LoadFramed()(entry)["image"]) is torch.Tensor
    finally:
        set_track_meta(True)


def test_one_frame_of_a_cine_with_its_spacing(shared_data):
    path = next(path for path in sorted((shared_data / "dicom").rglob("*")) if path.suffix == ".dcm")
    result = LoadFramed()({"image": path, "frame": 0})
    assert result["image"].ndim == 3
    assert result["name"] == f"{path.name}#0"


def test_a_given_spacing_outranks_the_files_own(entry):
    own = {**entry, "pixel_spacing_mm": [0.3, 0.2], "spacing_plane": "isocentre"}
    result = LoadFramed(pixel_spacing_mm=[0.25, 0.5], spacing_plane="detector")(own)
    assert result["pixel_spacing_mm"].tolist() == [0.25, 0.5]
    assert result["spacing_plane"] == "detector"
    square = LoadFramed(pixel_spacing_mm=0.25, spacing_plane="isocentre")(entry)
    assert square["pixel_spacing_mm"].tolist() == [0.25, 0.25]


@pytest.mark.parametrize(
    "spacing",
    [0, -0.3, math.nan, math.inf, 1e-6, 300, [0.3, 0], [0.3], [0.3, 0.3, 0.3], [0.3, "wide"], "12", True],
)
def test_an_impossible_spacing_is_refused(spacing):
    with pytest.raises(InputError, match=r"pixel_spacing_mm: .*expected (positive|a number of) millimetres"):
        LoadFramed(pixel_spacing_mm=spacing, spacing_plane="detector")


def test_a_spacing_says_its_plane():
    with pytest.raises(InputError, match="spacing_plane: a spacing and its plane belong together"):
        LoadFramed(pixel_spacing_mm=0.3)
    with pytest.raises(InputError, match="pixel_spacing_mm: a spacing and its plane belong together"):
        LoadFramed(spacing_plane="detector")
    with pytest.raises(InputError, match="spacing_plane: no such plane; found 'patient'"):
        LoadFramed(pixel_spacing_mm=0.3, spacing_plane="patient")


@pytest.mark.parametrize("spacing", [[0, 0.3], [0.3, -0.3]])
def test_an_impossible_spacing_in_a_file_is_refused_unless_one_is_given(tmp_path, spacing):
    path = write_dicom(tmp_path / "frame.dcm", np.zeros((5, 7), np.uint8), ImagerPixelSpacing=spacing)
    with pytest.raises(InputError, match=r"frame\.dcm: impossible pixel spacing.*--pixel-spacing-mm"):
        LoadFramed()({"image": path})
    result = LoadFramed(pixel_spacing_mm=0.25, spacing_plane="isocentre")({"image": path})
    assert result["pixel_spacing_mm"].tolist() == [0.25, 0.25]


def test_a_frame_that_was_read_already_is_not_read_again(entry):
    decoded = Frame(np.full((5, 7), 3, np.float32), (0.5, 0.25), "detector")
    result = LoadFramed()({**entry, "decoded": decoded})
    assert result["image"].unique().tolist() == [3]
    assert result["pixel_spacing_mm"].tolist() == [0.5, 0.25]
    assert "decoded" not in result


def test_a_missing_file_is_a_users_error(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.png"):
        LoadFramed()({"image": tmp_path / "nowhere.png"})


@pytest.mark.parametrize("text", [b"0,3\\0,4", b"abc\\0.4"])
def test_a_spacing_that_is_no_number_is_named_and_another_one_helps(tmp_path, text):
    path = write_dicom(tmp_path / "frame.dcm", np.arange(20, dtype=np.uint8).reshape(4, 5))
    path.write_bytes(path.read_bytes().replace(b"0.3\\0.4", text))
    with pytest.raises(InputError) as caught:
        LoadFramed()({"image": path})
    shown = text.decode()
    assert str(caught.value).startswith(
        f"{path}: ImagerPixelSpacing: is no number; found {shown!r}. Give the right one"
    )
    assert "--pixel-spacing-mm" in str(caught.value)
    given = {"pixel_spacing_mm": [0.2, 0.3], "spacing_plane": "detector"}
    assert LoadFramed()({"image": path, **given})["spacing_plane"] == "detector"
    assert LoadFramed(0.25, "isocentre")({"image": path})["pixel_spacing_mm"].tolist() == [0.25, 0.25]


def test_a_value_that_the_spacing_does_not_follow_from_may_be_no_number(tmp_path):
    path = write_dicom(
        tmp_path / "frame.dcm",
        np.arange(20, dtype=np.uint8).reshape(4, 5),
        ObjectPixelSpacingInCenterOfBeam=[0.2, 0.3],
        DistanceSourceToPatient="760.5",
    )
    path.write_bytes(path.read_bytes().replace(b"760.5", b"760,5"))
    assert LoadFramed()({"image": path})["pixel_spacing_mm"].tolist() == pytest.approx([0.2, 0.3])


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"pixel_spacing_mm": [-1, 0.2], "spacing_plane": "detector"}, "pixel_spacing_mm: impossible pixel spacing"),
        ({"pixel_spacing_mm": "0.2", "spacing_plane": "detector"}, "no spacing; found '0.2'"),
        ({"pixel_spacing_mm": [0.2], "spacing_plane": "detector"}, "no spacing; found"),
        ({"pixel_spacing_mm": [0.2, 0.2], "spacing_plane": "mars"}, "spacing_plane: no such plane; found 'mars'"),
        ({"pixel_spacing_mm": [0.2, 0.2]}, "spacing_plane: a spacing and its plane belong together"),
        ({"spacing_plane": "detector"}, "pixel_spacing_mm: a spacing and its plane belong together"),
    ],
)
def test_a_spacing_that_a_request_of_monai_label_gives_is_checked(entry, request_, problem):
    with pytest.raises(InputError, match=problem):
        LoadFramed()({**entry, **request_})


def test_a_request_of_monai_label_may_give_one_number_as_spacing(entry):
    result = LoadFramed()({**entry, "pixel_spacing_mm": 0.25, "spacing_plane": "detector"})
    assert result["pixel_spacing_mm"].tolist() == [0.25, 0.25]


@pytest.mark.parametrize("frame", ["0", 0.0, False, [0]])
def test_a_frame_of_a_request_that_is_no_integer_is_refused(entry, frame):
    with pytest.raises(InputError, match=r"frame: no index of a frame; found .*; expected an integer, from 0"):
        LoadFramed()({**entry, "frame": frame})
