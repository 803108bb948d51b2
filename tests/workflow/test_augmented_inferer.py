import pytest
import torch

from custom.transforms import DecodePredictiond, FrameGeometry
from custom.workflow import AugmentedInferer, AutocastInferer
from custom.workflow.augmented_inferer import View

ROWS, COLUMNS, STRIDE = 48, 80, 2
BLOBS = ((20.3, 11.0), (61.0, 30.6), (33.1, 40.2))


class Equivariant(torch.nn.Module):
    """Finds blobs in whatever view: its heads are the frame itself, and the offset points up the slope."""

    def forward(self, image):
        cells = torch.nn.functional.avg_pool2d(image, STRIDE)
        right = torch.nn.functional.pad(cells, (1, 1, 1, 1), mode="replicate")
        slope = torch.cat(
            [right[..., 1:-1, 2:] - right[..., 1:-1, :-2], right[..., 2:, 1:-1] - right[..., :-2, 1:-1]], 1
        )
        return {
            "segmentation": 8 * image - 4,
            "center": 8 * cells - 4,
            "size": torch.full_like(slope, 3.0),
            "offset": slope,
            "feature_distance": image.mean(dim=(1, 2, 3)),
        }


@pytest.fixture
def image():
    rows, columns = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
    blobs = [torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18) for x, y in BLOBS]
    return torch.stack([sum(blobs), blobs[0]])[:, None]


def decode(pred, index=0):
    geometry = FrameGeometry.at_scale(ROWS, COLUMNS, 1.0)[0].to_tensor()
    sample = {name: values[index] for name, values in pred.items()}
    return DecodePredictiond()({"pred": sample, "geometry": geometry})


def test_an_equivariant_network_answers_as_without_and_nothing_scatters(image):
    plain, augmented = (inferer(image, Equivariant()) for inferer in (AutocastInferer(), AugmentedInferer(degrees=())))
    for name, values in plain.items():
        torch.testing.assert_close(augmented[name], values)
    for index, count in enumerate((3, 1)):
        expected, found = decode(plain, index), decode(augmented, index)
        torch.testing.assert_close(found["pred_electrodes"], expected["pred_electrodes"])
        assert torch.equal(found["pred"], expected["pred"])
        assert "electrode_spread" not in expected
        torch.testing.assert_close(found["electrode_spread"], torch.zeros(count), atol=1e-4, rtol=0)


def test_turned_views_come_back_to_their_place(image):
    found = decode(AugmentedInferer(degrees=(-9, 14))(image, Equivariant()))
    assert found["electrode_spread"].max() < 0.5
    positions = found["pred_electrodes"][:, :2]
    assert torch.cdist(positions, torch.tensor(BLOBS)).amin(dim=1).max() < 1
    plain = decode(AutocastInferer()(image, Equivariant()))
    assert (found["pred"] != plain["pred"]).float().mean() < 0.01


@pytest.mark.parametrize("view", [View(), View((-1,)), View((-2,), 10), View((-1, -2), -25)])
def test_points_follow_the_picture(view):
    rows, columns = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
    picture = torch.exp(-((columns - 52) ** 2 + (rows - 17) ** 2) / 8.0)[None, None]
    row, column = divmod(int(view.apply(picture).argmax()), COLUMNS)
    x, y = view.undo_points(torch.tensor([float(column), float(row)]), (ROWS, COLUMNS)).tolist()
    assert (x, y) == (pytest.approx(52, abs=0.8), pytest.approx(17, abs=0.8))
    back = view.undo(view.apply(picture))
    assert divmod(int(back.argmax()), COLUMNS) == (17, 52)


def test_what_views_see_differently_scatters(image):
    class Shifted(Equivariant):
        def forward(self, image):
            return super().forward(image.roll(1, dims=-1))  # to the right in every view: to the left in a flipped one

    found = decode(AugmentedInferer(degrees=())(image, Shifted()))
    torch.testing.assert_close(found["electrode_spread"], torch.ones(3), atol=0.35, rtol=0)


def test_switched_off_it_is_the_plain_inferer(image):
    off = AugmentedInferer(enabled=False)(image, Equivariant())
    assert "electrode_views" not in off
    assert torch.equal(off["center"], Equivariant()(image)["center"])


def test_the_distance_is_that_of_the_frame_itself(image):
    pred = AugmentedInferer()(image, Equivariant())
    assert torch.equal(pred["feature_distance"], image.mean(dim=(1, 2, 3)))
