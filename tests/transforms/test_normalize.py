import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from custom.errors import InputError
from custom.transforms import NormalizeFramed


def normalize(pixels):
    return NormalizeFramed()({"image": pixels})["image"]


def test_linear_between_percentiles():
    image = torch.arange(1001.0).reshape(1, 7, 143)
    result = normalize(image).flatten()
    # The 0.1 and 99.9 percentiles of 0 ... 1000 are 1 and 999.
    assert result[[0, 1, 500, 999, 1000]].tolist() == pytest.approx([0, 0, 0.5, 1, 1])


def test_gain_and_offset_do_not_matter():
    image = torch.rand(1, 40, 60)
    assert torch.allclose(normalize(image), normalize(image * 4000 - 1000), atol=1e-5)


def test_outliers_do_not_move_the_scale():
    image = torch.rand(1, 100, 100)
    spoiled = image.clone()
    spoiled[0, 50, 50] = 1e6
    assert (normalize(image) - normalize(spoiled)).abs().flatten().kthvalue(9999).values < 0.02


def test_constant_frame_becomes_zeros():
    assert not normalize(torch.full((1, 8, 9), 7.0)).any()


def test_a_few_pixels_on_a_constant_frame_stay():
    image = torch.full((1, 100, 100), 200.0)
    image[0, 4, 5] = 20
    result = normalize(image)
    assert result[0, 4, 5] == 0
    assert result.sum() == 9999


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_a_number_is_refused_with_the_name(value):
    image = torch.rand(1, 8, 9)
    image[0, 2, 3] = value
    with pytest.raises(InputError, match=r"a\.png.*NaN.*1 pixels"):
        NormalizeFramed()({"image": image, "name": "a.png"})


def test_metadata_stays():
    image = MetaTensor(torch.rand(1, 8, 9), meta={"filename_or_obj": "a.png"})
    assert normalize(image).meta["filename_or_obj"] == "a.png"
