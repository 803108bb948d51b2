import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from custom.transforms import FrameGeometry
from custom.transforms.geometry import inside_frame

SIZES = [(400, 300), (401, 299), (123, 517), (1024, 1000), (256, 256), (64, 40)]


def ramps(rows: int, columns: int) -> torch.Tensor:
    """Channels x and y: an image whose values are its own coordinates."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack([x, y]).float()


def test_fit_of_a_hand_computed_frame():
    geometry = FrameGeometry.fit(400, 300, (256, 320))
    assert geometry == FrameGeometry(rows=400, columns=300, scale=0.64, top=0, left=64)
    box = geometry.to_network(torch.tensor([10.0, 20.0, 5.0, 10.0, 0.9]))
    assert box.tolist() == pytest.approx([10.5 * 0.64 - 0.5 + 64, 20.5 * 0.64 - 0.5, 3.2, 6.4, 0.9])


@given(st.integers(8, 2000), st.integers(8, 2000), st.tuples(st.integers(1, 40), st.integers(1, 40)))
@settings(max_examples=50, deadline=None)
def test_boxes_come_back_and_frames_lie_inside(rows, columns, size16):
    size = (16 * size16[0], 16 * size16[1])
    geometry = FrameGeometry.fit(rows, columns, size)
    corners = torch.tensor([[-0.5, -0.5, 3, 4], [columns - 0.5, rows - 0.5, 5, 6]], dtype=torch.float64)
    network = geometry.to_network(corners)
    assert torch.allclose(geometry.to_frame(network), corners, atol=1e-6)
    assert (network[:, :2] >= -0.5 - 1e-6).all()
    assert (network[:, :2] <= torch.tensor([size[1], size[0]]) - 0.5 + 1e-4).all()
    assert FrameGeometry.from_tensor(geometry.to_tensor()) == geometry


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_image_and_points_agree(rows, columns):
    size = (256, 208)
    geometry = FrameGeometry.fit(rows, columns, size)
    coordinates = geometry.image_to_network(ramps(rows, columns), size)
    points = ramps(*size).permute(1, 2, 0).double()
    there = geometry.to_frame(points)
    margin = max(2, 2 / geometry.scale)
    inner = (there > margin).all(-1) & (there[..., 0] < columns - margin) & (there[..., 1] < rows - margin)
    assert inner.sum() > 1000
    assert (coordinates.permute(1, 2, 0)[inner] - there[inner]).abs().max() < 0.01


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_image_comes_back(rows, columns):
    size = (256, 208)
    geometry = FrameGeometry.fit(rows, columns, size)
    back = geometry.image_to_frame(geometry.image_to_network(ramps(rows, columns), size))
    assert back.shape == (2, rows, columns)
    margin = int(4 * max(1, 1 / geometry.scale))
    inside = (slice(None), slice(margin, -margin), slice(margin, -margin))
    assert (back - ramps(rows, columns))[inside].abs().max() < 0.01


def test_a_frame_ends_at_the_outer_edges_of_its_pixels():
    points = [[-0.5, -0.5], [79.4, 47.4], [-0.6, 20], [79.5, 20], [60, -0.6], [60, 47.5], [20, 60]]
    assert inside_frame(torch.tensor(points), 48, 80).tolist() == [True, True, False, False, False, False, False]


def test_padding_keeps_pixels_exactly():
    image = torch.rand(1, 37, 50)
    geometry = FrameGeometry.at_scale(37, 50, 1.0, multiple=16)[0]
    padded = geometry.image_to_network(image, (48, 64))
    assert torch.equal(padded[:, 5:42, 7:57], image)
    assert padded.sum() == pytest.approx(float(image.sum()), rel=1e-5)
    assert torch.equal(geometry.image_to_frame(padded), image)
