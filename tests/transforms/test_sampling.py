import math

import pytest
import torch

from custom.errors import InputError
from custom.transforms import FitToNetworkd, FrameGeometry
from custom.transforms.sampling import SamplingRange, field_side, sampling_range, spacing_at_detector


@pytest.mark.parametrize(("spacing", "scale"), [(0.15, 0.5), (0.3, 1.0), (0.5, 1.0), (0.8, 1.0), (1.6, 2.0)])
def test_only_spacings_outside_the_range_are_scaled(spacing, scale):
    assert SamplingRange(0.3, 0.8).scale(spacing) == pytest.approx(scale)


def test_a_range_may_be_one_spacing():
    assert SamplingRange(0.4, 0.4).scale(0.2) == pytest.approx(0.5)


@pytest.mark.parametrize("values", [(0.0, 0.8), (0.8, 0.3), (0.3, math.inf), (math.nan, 1.0), 0.3])
def test_impossible_ranges_are_refused(values):
    with pytest.raises(InputError, match="spacing_range_mm"):
        sampling_range(values)


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.35, 0.4]])
def test_a_range_has_two_ends(values):
    with pytest.raises(InputError, match="spacing_range_mm: no range of spacings"):
        FitToNetworkd(spacing_range_mm=values)


def test_a_spacing_is_that_of_the_detector():
    assert spacing_at_detector(400, torch.tensor([0.4, 0.4]), "detector") == pytest.approx(0.4)
    assert spacing_at_detector(400, torch.tensor([0.2, 0.8]), "") == pytest.approx(0.4)
    assert spacing_at_detector(400, torch.tensor([0.4, 0.4]), "isocentre") == pytest.approx(0.58)


@pytest.mark.parametrize("spacing", [None, torch.tensor([math.nan, math.nan])])
def test_a_frame_without_spacing_is_taken_for_a_typical_field(spacing):
    assert spacing_at_detector(450, spacing) == pytest.approx(0.4)


def with_bars(image, left, right):
    """An image with bars as compression leaves them."""
    bars = [0.01 * torch.rand(1, image.shape[1], columns) for columns in (left, right)]
    return torch.cat([bars[0], image, bars[1]], dim=-1)


def test_bars_do_not_count_for_the_longer_side():
    image = torch.rand(1, 60, 70)
    assert field_side(image) == 70
    assert field_side(with_bars(image, 20, 13)) == 70
    assert field_side(with_bars(image, 20, 13).mT) == 70
    assert field_side(1 - with_bars(1 - image, 20, 13)) == 70  # bright ones
    assert field_side(with_bars(image[..., :30], 25, 35)) == 60  # a narrow field is one of a collimator
    assert field_side(torch.zeros(1, 60, 70)) == 70


def test_a_square_frame_keeps_its_side_whatever_is_dark_around_its_field():
    collimated = torch.zeros(1, 80, 80)
    collimated[:, 20:50, 30:60] = torch.rand(1, 30, 30)
    assert field_side(collimated) == 80


@pytest.mark.parametrize("spacing", [None, torch.tensor([0.15, 0.15])])
def test_a_film_is_scaled_like_the_frame_in_it(spacing):
    image = torch.rand(1, 640, 600)
    fit = FitToNetworkd(spacing_range_mm=(0.3, 0.4), longer_side_range=(400, 512))
    alone, film = (
        fit({"image": pixels, "pixel_spacing_mm": spacing}) for pixels in (image, with_bars(image, 400, 300))
    )
    assert film["field_side"] == alone["field_side"] == 640
    scales = [FrameGeometry.from_tensor(frame["geometry"]).scale for frame in (alone, film)]
    assert scales[0] == scales[1] < 1


def test_a_fine_frame_is_scaled_down_and_its_electrodes_come_back():
    electrodes = torch.tensor([[101.0, 51.0, 8.0, 6.0]])
    frame = {
        "image": torch.rand(1, 210, 330),
        "electrodes": electrodes,
        "electrode_valid": torch.tensor([True]),
        "pixel_spacing_mm": torch.tensor([0.15, 0.15]),
        "spacing_plane": "detector",
    }
    result = FitToNetworkd(spacing_range_mm=(0.3, 0.8))(frame)
    assert result["image"].shape == (1, 112, 176)  # 105 and 165, to multiples of 16
    geometry = FrameGeometry.from_tensor(result["geometry"])
    assert (geometry.scale, geometry.top, geometry.left) == (pytest.approx(0.5, rel=1e-6), 3, 5)
    torch.testing.assert_close(geometry.to_frame(result["electrodes"]), electrodes, rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("spacing", "scale", "shape"),
    [
        (1.6, 1.5, (1, 208, 304)),  # 0.4 mm would be 4 times as many
        (0.48, 1.2, (1, 160, 240)),  # 0.4 mm
        (0.27, 0.9, (1, 128, 192)),  # 0.3 mm
        (0.15, 0.8, (1, 112, 160)),  # 0.3 mm would be half as many
    ],
)
def test_spacings_scale_a_frame_no_further_than_its_longer_side_may_go(spacing, scale, shape):
    electrodes = torch.tensor([[41.0, 101.0, 8.0, 6.0]])
    frame = {
        "image": torch.rand(1, 130, 200),
        "electrodes": electrodes,
        "electrode_valid": torch.tensor([True]),
        "pixel_spacing_mm": torch.tensor([spacing, spacing]),
    }
    result = FitToNetworkd(spacing_range_mm=(0.3, 0.4), longer_side_range=(160, 300))(frame)
    geometry = FrameGeometry.from_tensor(result["geometry"])
    assert geometry.scale == pytest.approx(scale, rel=1e-6)
    assert result["image"].shape == shape
    torch.testing.assert_close(geometry.to_frame(result["electrodes"]), electrodes, rtol=0, atol=1e-3)


def test_a_frame_that_is_smaller_than_the_range_is_not_scaled_down():
    frame = {"image": torch.rand(1, 96, 144), "pixel_spacing_mm": torch.tensor([0.15, 0.15])}
    result = FitToNetworkd(spacing_range_mm=(0.3, 0.4), longer_side_range=(160, 300))(frame)
    assert torch.equal(result["image"], frame["image"])


@pytest.mark.parametrize("spacings", [(0.3, 0.4), None])
def test_a_frame_that_is_larger_than_the_range_is_scaled_down_whatever_its_spacing(spacings):
    frame = {"image": torch.rand(1, 640, 200), "pixel_spacing_mm": torch.tensor([0.35, 0.35])}
    result = FitToNetworkd(spacing_range_mm=spacings, longer_side_range=(160, 320))(frame)
    assert result["image"].shape == (1, 320, 112)


@pytest.mark.parametrize("pixels", [[400], [512, 400], [15, 512], [400, math.nan], [True, 512], ["wide", 512], 512])
def test_an_impossible_range_of_sides_is_refused(pixels):
    with pytest.raises(InputError, match=r"longer_side_range: no range of sides; .*expected the least and the most"):
        FitToNetworkd(longer_side_range=pixels)


def test_a_frame_is_not_enlarged_beyond_measure():
    frame = {"image": torch.rand(1, 512, 300), "pixel_spacing_mm": torch.tensor([8.0, 8.0]), "name": "a.png"}
    with pytest.raises(
        InputError, match=r"a\.png: pixel_spacing_mm: .*found '8 mm at the detector, 10240 x 6000 pixels"
    ):
        FitToNetworkd(spacing_range_mm=(0.3, 0.4))(frame)


def test_a_frame_may_be_enlarged_to_exactly_the_most_pixels(monkeypatch):
    frame = {"image": torch.rand(1, 24, 32), "pixel_spacing_mm": torch.tensor([0.8, 0.8])}
    fit = FitToNetworkd(spacing_range_mm=(0.3, 0.4))
    monkeypatch.setattr("custom.transforms.fit.LARGEST_ENLARGED", 48 * 64)
    assert fit(frame)["image"].shape == (1, 48, 64)
    monkeypatch.setattr("custom.transforms.fit.LARGEST_ENLARGED", 48 * 64 - 1)
    with pytest.raises(InputError, match="enlarged too far"):
        fit(frame)


def test_a_large_frame_that_is_not_enlarged_is_no_fault(monkeypatch):
    monkeypatch.setattr("custom.transforms.fit.LARGEST_ENLARGED", 100)
    assert FitToNetworkd()({"image": torch.rand(1, 32, 48)})["image"].shape == (1, 32, 48)


def test_scaling_to_a_size_does_not_look_at_the_spacing():
    frame = {"image": torch.rand(1, 100, 200), "pixel_spacing_mm": torch.tensor([0.1, 0.1])}
    fitted = FitToNetworkd(size=(64, 96), scale_to_size=True, spacing_range_mm=(0.3, 0.8))(frame)
    assert fitted["image"].shape == (1, 64, 96)
