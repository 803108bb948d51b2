from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from custom.simulation.build import Section
from custom.simulation.geometry import CameraBatch
from custom.simulation.materials import PLATINUM
from custom.simulation.projection import LayerBatch, ProjectedPoints
from custom.simulation.scene import Layer
from custom.simulation.splat import add_ellipsoids, add_tubes, mark_tubes

CPU = torch.device("cpu")
REST = torch.zeros(1, 3)


def _paths(layer, view) -> np.ndarray:
    """Path lengths through platinum on the view's grid."""
    camera = CameraBatch.of([view], CPU)
    batch = LayerBatch.of([layer], CPU)
    canvas = torch.zeros(1, 1, view.rows, view.columns)
    points = ProjectedPoints.of(batch, REST, camera)
    add_tubes(canvas, batch, points, torch.ones(1), first_material=PLATINUM)
    add_ellipsoids(canvas, batch, REST, camera, first_material=PLATINUM)
    return canvas[0, 0].numpy()


def _line(start, stop, step=0.3):
    start, stop = np.array(start, dtype=float), np.array(stop, dtype=float)
    count = int(np.linalg.norm(stop - start) / step)
    return start + (stop - start) * np.linspace(0, 1, count + 1)[:, None]


def _centroid(image):
    rows, columns = np.indices(image.shape)
    return (image * columns).sum() / image.sum(), (image * rows).sum() / image.sum()


def test_the_path_through_a_wires_middle_is_its_diameter(view):
    layer = Layer()
    layer.add_tube(_line((-60, 0, 0), (60, 0, 0)), outer=4.0, material=PLATINUM)
    paths = _paths(layer, view)
    # The axis lies between rows 47 and 48; a quarter of a millimetre off it the chord is 2 * sqrt(16 - 1/16).
    assert paths[47, 80] == pytest.approx(2 * np.sqrt(16 - 1 / 16), rel=0.01)
    assert paths[20, 80] == 0


def test_a_walls_path_is_outer_less_inner(view):
    layer = Layer()
    layer.add_curve(_line((-60, 0, 0), (60, 0, 0)))
    layer.add_shell(1.0, outer=4.0, inner=3.0, material=PLATINUM)
    assert _paths(layer, view)[47, 80] == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize("radius", [0.15, 0.4, 3.0])
@pytest.mark.parametrize("height", [0.0, 0.13, 0.4])
def test_no_mass_is_lost_on_the_grid(view, radius, height):
    layer = Layer()
    layer.add_tube(_line((-60, 0, height), (60, 0, height)), outer=radius, material=PLATINUM)
    across = _paths(layer, view)[:, 60:100].sum(0)
    np.testing.assert_allclose(across * 0.5, np.pi * radius**2, rtol=0.01)


def test_foreshortening_lengthens_the_path(view):
    layer = Layer()
    # 60 degrees out of the image plane: twice the path. The middle third is seen at the isocentre's scale.
    layer.add_tube(_line((-30, -52, 0), (30, 52, 0)), outer=4.0, material=PLATINUM)
    assert _paths(layer, view)[47:49, 78:82].mean() == pytest.approx(16, rel=0.03)


def test_ring_centres_and_their_spacing_on_the_image(view):
    layer = Layer()
    points = _line((-20, 0, 7.3), (40, 0, 7.3), 0.25)
    layer.add_curve(points)
    for centre in (15.1, 25.1):
        cover = Section(centre - 0.6, centre + 0.6, "ring").coverage(len(points), 0.25)
        layer.add_shell(cover, outer=1.0, inner=0.9, material=PLATINUM)
    paths = _paths(layer, view)
    split = 79.5 + (20.1 - 20) * 2
    left, right = paths.copy(), paths.copy()
    left[:, round(split) :] = 0
    right[:, : round(split)] = 0
    (x1, y1), (x2, y2) = _centroid(left), _centroid(right)
    assert x1 == pytest.approx(79.5 + (15.1 - 20) * 2, abs=0.05)
    assert x2 == pytest.approx(79.5 + (25.1 - 20) * 2, abs=0.05)
    assert (y1, y2) == pytest.approx((47.5 - 14.6, 47.5 - 14.6), abs=0.05)
    pixel_mm = view.detector_pixel_mm / view.magnification
    assert np.hypot(x2 - x1, y2 - y1) * pixel_mm == pytest.approx(10.0, rel=0.01)


def test_an_ellipsoid_has_its_volume_place_and_depth(view):
    layer = Layer()
    layer.add_ellipsoid([6.0, 0, -4.0], [8.0, 20.0, 5.0], material=PLATINUM)
    paths = _paths(layer, view)
    x, y = _centroid(paths)
    assert (x, y) == pytest.approx((79.5 + 12, 47.5 + 8), abs=0.05)
    assert paths.max() == pytest.approx(40.0, rel=0.01)
    assert paths.sum() * 0.25 == pytest.approx(4 / 3 * np.pi * 8 * 20 * 5, rel=0.01)


def test_a_turned_ellipsoid_turns_on_the_image(view):
    layer = Layer()
    quarter_turn = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])
    layer.add_ellipsoid([0.0, 0, 0], [12.0, 4.0, 3.0], rotation=quarter_turn, material=PLATINUM)
    shown = _paths(layer, view) > 0.5
    assert shown.any(1).sum() > 3 * shown.any(0).sum()


def test_motion_moves_what_it_says(view):
    layer = Layer()
    motion = np.zeros((1, 3, 3))
    motion[0, 1, 0] = 4.0
    layer.add_ellipsoid([0.0, 0, 0], [3.0, 3, 3], material=PLATINUM, motion=lambda points: motion)
    camera = CameraBatch.of([view], CPU)
    canvas = torch.zeros(1, 1, view.rows, view.columns)
    beat = torch.tensor([[0.0, 0.5, 0.0]])
    add_ellipsoids(canvas, LayerBatch.of([layer], CPU), beat, camera, first_material=PLATINUM)
    assert _centroid(canvas[0, 0].numpy())[0] == pytest.approx(79.5 + 4, abs=0.02)


def test_a_mask_is_as_wide_as_its_catheter(view):
    layer = Layer()
    layer.add_tube(_line((0, 0, -80), (0, 0, 80)), outer=2.0, material=PLATINUM)
    batch = LayerBatch.of([layer], CPU)
    points = ProjectedPoints.of(batch, REST, CameraBatch.of([view], CPU))
    mask = torch.zeros(1, 1, view.rows, view.columns)
    mark_tubes(mask, batch.frame, points, 2.0 * points.scale)
    # 4 mm at half a millimetre a pixel around x = 79.5.
    assert (mask[0, 0] > 0).sum(1).tolist() == [8] * view.rows


def test_frames_of_a_batch_do_not_touch_each_other(view):
    empty, full = Layer(), Layer()
    full.add_tube(_line((-300, 0, 0), (300, 0, 0)), outer=9.0, material=PLATINUM)
    camera = CameraBatch.of([view, view, dataclasses.replace(view, primary_deg=20)], CPU)
    batch = LayerBatch.of([empty, full, empty], CPU)
    canvas = torch.zeros(3, 1, view.rows, view.columns)
    add_tubes(canvas, batch, ProjectedPoints.of(batch, REST.expand(3, -1), camera), torch.ones(3), PLATINUM)
    assert canvas[1].any()
    assert not canvas[[0, 2]].any()
