import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from scipy.ndimage import label
from torch.nn.functional import pad

from custom.errors import InputError
from custom.transforms import FitToNetworkd, FrameGeometry
from custom.transforms.fit import fit_mask

EIGHT_CONNECTED = np.ones((3, 3))


def frame(rows=200, columns=300):
    electrodes = torch.zeros(4, 4)
    electrodes[0] = torch.tensor([30.0, 60.0, 8.0, 6.0])
    return {
        "image": torch.rand(1, rows, columns),
        "mask": torch.zeros(1, rows, columns, dtype=torch.uint8),
        "electrodes": electrodes,
        "electrode_valid": torch.tensor([True, False, False, False]),
    }


def test_labels_follow_and_padding_rows_stay_zero():
    result = FitToNetworkd(size=(128, 96), scale_to_size=True, keep_original_mask=True)(frame())
    # 300 columns become 96: scale 0.32, 64 rows, centred in 128.
    assert result["geometry"].tolist() == pytest.approx([200, 300, 0.32, 32, 0])
    assert result["electrodes"][0].tolist() == pytest.approx([30.5 * 0.32 - 0.5, 60.5 * 0.32 - 0.5 + 32, 2.56, 1.92])
    assert not result["electrodes"][1:].any()
    assert result["image"].shape == result["mask"].shape == (1, 128, 96)
    assert result["mask_original"].shape == (1, 200, 300)
    assert not result["image"][:, :32].any()
    assert not result["image"][:, 96:].any()


def test_an_image_alone_is_enough():
    result = FitToNetworkd(size=(64, 64), scale_to_size=True)({"image": torch.rand(1, 50, 70)})
    assert set(result) == {"image", "geometry", "field_side"}


def test_metadata_stays():
    image = MetaTensor(torch.rand(1, 50, 70), meta={"filename_or_obj": "a.png"})
    fitted = FitToNetworkd(size=(64, 64), scale_to_size=True)({"image": image})["image"]
    assert fitted.meta["filename_or_obj"] == "a.png"
    plain = FitToNetworkd(size=(64, 64), scale_to_size=True)({"image": image.as_tensor()})["image"]
    assert type(plain) is torch.Tensor
    assert torch.equal(fitted.as_tensor(), plain)


def test_own_sampling_is_padded_to_multiples_of_sixteen():
    data = frame(50, 70)
    result = FitToNetworkd()(data)
    assert result["image"].shape == (1, 64, 80)
    assert torch.equal(result["image"][:, 7:57, 5:75], data["image"])
    assert result["electrodes"][0].tolist() == [35.0, 67.0, 8.0, 6.0]


def test_down_scaling_does_not_alias():
    columns = torch.arange(512) % 2
    image = columns.expand(1, 512, 512).float()
    fitted = FitToNetworkd(size=(192, 192), scale_to_size=True)({"image": image})["image"]
    assert (fitted[:, 4:-4, 4:-4] - 0.5).abs().max() < 0.1


@pytest.mark.parametrize("size", [(256, 256), (176, 176), (112, 128)])
def test_a_wire_one_pixel_thin_stays_one_piece(size):
    mask = np.zeros((512, 700), dtype=bool)
    x = np.arange(20, 680)
    y = np.round(250 + 150 * np.sin(x / 60)).astype(int)
    for column in range(len(x) - 1):
        low, high = sorted((y[column], y[column + 1]))
        mask[low : high + 1, x[column]] = True
    assert label(mask, EIGHT_CONNECTED)[1] == 1
    geometry = FrameGeometry.fit(512, 700, size)
    fitted = fit_mask(torch.from_numpy(mask)[None], geometry, size)[0].numpy()
    assert label(fitted, EIGHT_CONNECTED)[1] == 1
    assert fitted.any(0).sum() == pytest.approx(660 * geometry.scale, abs=2)


def test_a_thin_wire_lies_where_it_was():
    mask = torch.zeros(1, 200, 300, dtype=torch.bool)
    mask[:, 101, 40:200] = True
    fitted = fit_mask(mask, FrameGeometry.fit(200, 300, (96, 96)), (96, 96))
    # Scale 0.32, 16 rows above: 101.5 * 0.32 - 0.5 + 16 = 47.98, and columns from 12.46 to 63.34.
    assert fitted[0].any(1).nonzero()[:, 0].tolist() == [48]
    assert fitted[0].any(0).nonzero()[[0, -1], 0].tolist() == [12, 63]


def test_a_pixel_that_is_covered_by_less_than_half_is_left_out():
    mask = torch.zeros(1, 5, 10, dtype=torch.bool)
    mask[:, 1:, 4:] = True
    geometry, size = FrameGeometry.at_scale(5, 10, 1.6)
    # Row 1 is row 0.4375 of the mask, row 2 is 1.0625; column 5 is column 2.9375 of it, column 6 is 3.5625.
    assert fit_mask(mask, geometry, size)[0].nonzero().min(0).values.tolist() == [2, 6]


def test_the_mask_of_a_frame_is_fitted_and_kept_as_it_was():
    data = frame(50, 70)
    data["mask"][:, 20:24, 30:40] = 255
    fitted = FitToNetworkd()(data)
    assert "mask_original" not in fitted
    assert (fitted["mask"] == pad(data["mask"] / 255, (5, 5, 7, 7))).all()
    kept = FitToNetworkd(keep_original_mask=True)(data)["mask_original"]
    assert torch.equal(kept, data["mask"] // 255)


def test_a_thick_mask_keeps_its_area():
    mask = torch.zeros(1, 400, 300, dtype=torch.bool)
    mask[:, 101:303, 57:98] = True
    geometry = FrameGeometry.fit(400, 300, (256, 256))
    fitted = fit_mask(mask, geometry, (256, 256))
    assert fitted.sum().item() == pytest.approx(202 * 41 * 0.64**2, rel=0.03)


@pytest.mark.parametrize("size", [(250, 256), (256,), (0, 16), 256])
def test_other_sizes_are_refused(size):
    with pytest.raises(InputError, match="multiples of 16"):
        FitToNetworkd(size=size, scale_to_size=True)
