import pytest
import torch

from custom.errors import InputError
from custom.transforms import FitToNetworkd, FrameGeometry, RandomCropd


def fitted(rows=112, columns=160):
    electrodes = torch.zeros(4, 4)
    electrodes[0] = torch.tensor([50.0, 70.0, 8.0, 6.0])
    electrodes[1] = torch.tensor([2.0, 3.0, 8.0, 6.0])
    electrodes[2] = torch.tensor([90.0, 60.0, 8.0, 6.0])
    frame = {
        "image": torch.rand(1, rows, columns),
        "mask": (torch.rand(1, rows, columns) > 0.5).to(torch.uint8),
        "electrodes": electrodes,
        "electrode_valid": torch.tensor([True, True, True, False]),
    }
    return FitToNetworkd()(frame)


@pytest.mark.parametrize("seed", range(5))
def test_everything_moves_together(seed):
    torch.manual_seed(seed)
    whole = fitted()
    crop = RandomCropd((64, 96))(whole)
    dx, dy = (whole["electrodes"] - crop["electrodes"])[0, :2].tolist() if crop["electrode_valid"][0] else (None, None)
    top, left = (whole["geometry"] - crop["geometry"])[3:].int().tolist()
    assert crop["image"].shape == crop["mask"].shape == (1, 64, 96)
    assert torch.equal(crop["image"], whole["image"][:, top : top + 64, left : left + 96])
    assert torch.equal(crop["mask"], whole["mask"][:, top : top + 64, left : left + 96])
    assert crop["electrode_valid"][0].item() == (left <= 50 < left + 96 and top <= 70 < top + 64)
    assert crop["electrode_valid"][1].item() == (left <= 2 and top <= 3)
    assert crop["electrode_valid"][2]  # wherever the window lies
    assert (dx, dy) in [(None, None), (left, top)]
    assert not crop["electrodes"][~crop["electrode_valid"]].any()
    on_frame = FrameGeometry.from_tensor(crop["geometry"]).to_frame(crop["electrodes"])[crop["electrode_valid"]]
    torch.testing.assert_close(on_frame[:, :2], whole["electrodes"][crop["electrode_valid"]][:, :2])


def test_windows_differ_and_a_seed_gives_the_same_again():
    whole, crop = fitted(), RandomCropd((64, 96))
    torch.manual_seed(4)
    first = [crop(whole)["geometry"] for _ in range(4)]
    torch.manual_seed(4)
    again = [crop(whole)["geometry"] for _ in range(4)]
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert len({tuple(geometry.tolist()) for geometry in first}) > 1


@pytest.mark.parametrize(("rows", "columns"), [(48, 160), (112, 64), (48, 64), (16, 32)])
def test_small_frames_are_padded(rows, columns):
    whole = fitted(rows, columns)
    crop = RandomCropd((max(rows, 64), max(columns, 160)))(whole)
    assert crop["image"].shape == crop["mask"].shape == (1, max(rows, 64), max(columns, 160))
    assert torch.equal(crop["image"][:, :rows, :columns], whole["image"])
    assert not crop["image"][:, rows:].any()
    assert not crop["image"][:, :, columns:].any()


def test_a_frame_of_that_size_stays_as_it_is():
    whole, crop = fitted(112, 160), RandomCropd((112, 160))
    assert whole.pop("field_side") == 160
    assert all(torch.equal(value, crop(whole)[key]) for key, value in whole.items())


@pytest.mark.parametrize("size", [(64,), (60, 64), (0, 16), 64])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(InputError, match="image_size"):
        RandomCropd(size)
