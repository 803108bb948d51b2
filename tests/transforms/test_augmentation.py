import inspect
from contextlib import nullcontext

import pytest
import torch
from monai.data import MetaTensor
from scipy.ndimage import map_coordinates

from custom.errors import InputError
from custom.transforms import BatchAugmentation

OFF = {"horizontal_flip": 0.0, "vertical_flip": 0.0, "affine": 0.0}
INTENSITY = ("gamma", "brightness", "contrast", "inversion", "blur", "occlusion", "noise")
INTENSITY += ("denoising", "sharpening", "posterization", "text")
ROWS, COLUMNS = 96, 160


def blobs(boxes, deviation=2.0):
    """A frame of Gaussian blobs at electrodes (N, 4), on a lighter background."""
    y, x = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
    heat = [torch.exp(-((x - box[0]) ** 2 + (y - box[1]) ** 2) / (2 * deviation**2)) for box in boxes]
    return torch.stack(heat).sum(0)[None]


def batch(samples=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    electrodes = torch.zeros(samples, 4, 4)
    electrodes[:, 0] = torch.tensor([50.3, 30.8, 10.0, 6.0])
    electrodes[:, 1] = torch.tensor([110.6, 60.1, 8.0, 8.0])
    image = torch.stack([blobs(electrodes[sample, :2]) for sample in range(samples)])
    return {
        "image": image + 0.02 * torch.rand(image.shape, generator=generator),
        "mask": (image > 0.3).float(),
        "electrodes": electrodes,
        "electrode_valid": torch.tensor([True, True, False, False]).expand(samples, 4),
        "available": torch.ones(samples, 2, dtype=torch.bool),
        "name": ["a"] * samples,
    }


def test_probability_zero_is_the_identity():
    data = batch()
    result = BatchAugmentation(**OFF)(data)
    assert set(result) == set(data)
    for key, value in data.items():
        assert result[key] is value or torch.equal(result[key], value)


def test_the_given_batch_stays_as_it_is():
    data = batch()
    copies = {key: value.clone() for key, value in data.items() if isinstance(value, torch.Tensor)}
    BatchAugmentation(collimation=1, noise=1, gamma=1)(data)
    assert all(torch.equal(data[key], value) for key, value in copies.items())


@pytest.mark.parametrize(
    "options",
    [
        {"horizontal_flip": 1.0},
        {"vertical_flip": 1.0},
        {"affine": 1.0, "affine_degrees": 25.0, "affine_scale": (1.0, 1.0)},
        {"affine": 1.0, "affine_degrees": 0.0, "affine_scale": (0.8, 1.25)},
        {"horizontal_flip": 0.5, "vertical_flip": 0.5, "affine": 0.8},
    ],
)
def test_electrodes_follow_the_image_to_a_hundredth_of_a_pixel(options):
    """Pixels of the image hold their own x, then y: read at an electrode's new place they say where it was."""
    rows, columns = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
    augmentation = BatchAugmentation(**{**OFF, **options})
    checked = 0
    for axis, coordinates in enumerate((columns, rows)):
        data = batch()
        data["image"] = coordinates.float().expand(6, 1, ROWS, COLUMNS)
        torch.manual_seed(1)
        result = augmentation(data)
        assert not torch.equal(result["electrodes"], data["electrodes"])
        for sample, slot in result["electrode_valid"].nonzero().tolist():
            x, y = result["electrodes"][sample, slot, :2].tolist()
            if 1 < x < COLUMNS - 2 and 1 < y < ROWS - 2:
                found = map_coordinates(result["image"][sample, 0].numpy(), [[y], [x]], order=1)
                assert found[0] == pytest.approx(float(data["electrodes"][sample, slot, axis]), abs=0.01)
                checked += 1
    assert checked >= 16


def test_mask_follows_the_image():
    torch.manual_seed(1)
    data = batch()
    data["image"] = data["mask"].clone()
    result = BatchAugmentation(affine=1.0)(data)
    assert torch.equal(result["mask"], (result["image"] >= 0.5).float())
    assert not torch.equal(result["mask"], data["mask"])
    assert result["mask"].any()


def test_flips_are_their_own_inverse():
    flips = BatchAugmentation(**{**OFF, "horizontal_flip": 1.0, "vertical_flip": 1.0})
    data = batch()
    back = flips(flips(data))
    assert torch.equal(back["image"], data["image"])
    assert torch.allclose(back["electrodes"], data["electrodes"], atol=1e-4)
    assert flips(data)["electrodes"][0, 0].tolist() == pytest.approx([159 - 50.3, 95 - 30.8, 10, 6], abs=1e-4)


def test_boxes_scale_with_the_zoom_and_not_with_the_rotation():
    zoom = BatchAugmentation(**{**OFF, "affine": 1.0, "affine_degrees": 40.0, "affine_scale": (1.2, 1.2)})
    boxes = zoom(batch())["electrodes"]
    assert boxes[0, 0, 2:].tolist() == pytest.approx([12.0, 7.2], abs=1e-4)


def test_electrodes_that_leave_the_frame_become_invalid():
    data = batch()
    data["electrodes"][:, 1] = torch.tensor([158.0, 48.0, 8.0, 8.0])
    data["electrodes"][:, 2] = torch.tensor([79.5, 47.5, 8.0, 8.0])
    data["electrode_valid"] = torch.tensor([True, True, True, False]).expand(6, 4)
    result = BatchAugmentation(**{**OFF, "affine": 1.0, "affine_degrees": 0.0, "affine_scale": (2.0, 2.0)})(data)
    # The centre of the frame stays, 29.2 pixels left of it and 78.5 right of it double their distance.
    assert result["electrode_valid"].tolist() == [[True, False, True, False]] * 6
    assert result["electrodes"][0, 0, :2].tolist() == pytest.approx([79.5 - 58.4, 47.5 - 33.4], abs=1e-3)
    assert not result["electrodes"][0, 1].any()


@pytest.mark.parametrize("option", INTENSITY)
def test_intensity_options_change_the_image_only(option):
    torch.manual_seed(0)
    data = batch()
    result = BatchAugmentation(**OFF, **{option: 1.0})(data)
    changed = (result["image"] != data["image"]).flatten(1).any(1)
    assert changed.all() or (option == "text" and changed.any())  # a text may be a space
    assert torch.equal(result["mask"], data["mask"])
    assert torch.equal(result["electrodes"], data["electrodes"])
    assert torch.equal(result["electrode_valid"], data["electrode_valid"])


def test_probability_decides_frame_by_frame():
    torch.manual_seed(0)
    data = batch(samples=200)
    result = BatchAugmentation(**OFF, occlusion=0.3)(data)
    changed = (result["image"] != data["image"]).flatten(1).any(1)
    assert 35 < int(changed.sum()) < 85


def test_collimation_takes_the_labels_behind_it():
    torch.manual_seed(0)
    data = batch(samples=64)
    data["image"] = torch.ones_like(data["image"])
    data["mask"] = torch.ones_like(data["mask"])
    data["electrodes"][:, 0] = torch.tensor([4.0, 48.0, 8.0, 8.0])
    result = BatchAugmentation(**OFF, collimation=1.0, collimation_depth=0.4)(data)
    dark = result["image"][:, 0, 48, 4] < 0.5
    assert 10 < int(dark.sum()) < 50
    assert torch.equal(result["electrode_valid"][:, 0], ~dark)
    assert torch.equal(result["mask"], (result["image"] >= 0.5).float())


def test_a_seed_gives_the_same_batch_twice():
    everything = BatchAugmentation(**dict.fromkeys(INTENSITY, 0.5), collimation=0.5)
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        results.append(everything(batch()))
    assert all(torch.equal(results[0][key], results[1][key]) for key in ("image", "mask", "electrodes"))
    assert not torch.equal(everything(batch())["image"], results[0]["image"])


def test_images_stay_in_range_and_plain():
    torch.manual_seed(0)
    data = batch()
    data["image"] = MetaTensor(data["image"].clamp(0, 1))
    options = dict.fromkeys(set(INTENSITY) - {"noise"}, 1.0)
    image = BatchAugmentation(**options, collimation=1.0)(data)["image"]
    assert type(image) is torch.Tensor
    assert image.isfinite().all()
    assert image.min() >= 0
    assert image.max() <= 1 + 1e-5


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"gamma_range": 1}, "gamma_range: no range; found 1"),
        ({"affine_scale": (1.2, 0.8)}, "affine_scale: no range"),
        ({"blur_sigma": (0.3, 0.5, 1.2)}, "blur_sigma: no range"),
        ({"horizontal_flip": 1.5}, "horizontal_flip: no probability; found 1.5"),
        ({"noise": "often"}, "noise: no probability"),
        ({"text": 2}, "text: no probability; found 2"),
        ({"denoising_deviation": 0.1}, "denoising_deviation: no range"),
        ({"noise": True}, "noise: no probability"),
    ],
)
def test_impossible_options_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        BatchAugmentation(**option)


def test_no_option_goes_unchecked():
    strengths = {"affine_degrees", "collimation_depth", "noise_deviation"}  # any number
    defaults = {name: one.default for name, one in inspect.signature(BatchAugmentation).parameters.items()}
    for name, default in defaults.items():
        wrong = (2.0, 1.0) if isinstance(default, tuple) else 1.5
        with nullcontext() if name in strengths else pytest.raises(InputError, match=f"^{name}: no "):
            BatchAugmentation(**{name: wrong})
