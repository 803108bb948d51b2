from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from custom.simulation.geometry import CameraBatch, view_rotation

CPU = torch.device("cpu")


def _project(view, *points):
    camera = CameraBatch.of([view], CPU)
    frame = torch.zeros(len(points), dtype=torch.int64)
    xy, scale = camera.project(camera.rotate(torch.tensor(points, dtype=torch.float32), frame), frame)
    return xy.numpy(), scale.numpy()


def test_isocentre_is_the_middle_of_the_frame(view):
    xy, scale = _project(view, (0.0, 0.0, 0.0))
    np.testing.assert_allclose(xy, [[79.5, 47.5]])
    np.testing.assert_allclose(scale, [2.0])


def test_patient_left_is_right_and_head_is_up(view):
    # 10 mm at 0.5 mm a pixel.
    xy, _ = _project(view, (10.0, 0.0, 0.0), (0.0, 0.0, 10.0))
    np.testing.assert_allclose(xy, [[99.5, 47.5], [79.5, 27.5]], atol=1e-4)


def test_what_is_nearer_to_the_tube_is_larger(view):
    # The tube is behind the back: y = 200 is 600 mm from it, 1200 / 600 / 0.75 pixels a mm.
    xy, scale = _project(view, (30.0, 200.0, 0.0))
    assert scale[0] == pytest.approx(2.6667, rel=1e-4)
    assert xy[0, 0] == pytest.approx(79.5 + 80, abs=1e-3)


def test_primary_angle_turns_about_the_patients_axis(view):
    xy, _ = _project(dataclasses.replace(view, primary_deg=90), (0.0, 0.0, 10.0), (10.0, 0.0, 0.0))
    np.testing.assert_allclose(xy[0], [79.5, 27.5], atol=1e-4)
    np.testing.assert_allclose(xy[1, 0], 79.5, atol=1e-4)


def test_oblique_views_part_the_spine_from_the_heart(view):
    spine = (0.0, 60.0, 0.0)
    # Seen from the patient's left front, the back is on the right; seen from the head's side, it is up.
    depth = 800 - 60 * np.cos(np.deg2rad(40))
    shift = 60 * np.sin(np.deg2rad(40)) * 1200 / depth / 0.75
    left_oblique, _ = _project(dataclasses.replace(view, primary_deg=40), spine)
    right_oblique, _ = _project(dataclasses.replace(view, primary_deg=-40), spine)
    cranial, _ = _project(dataclasses.replace(view, secondary_deg=40), spine)
    np.testing.assert_allclose(left_oblique, [[79.5 + shift, 47.5]], rtol=1e-5)
    np.testing.assert_allclose(right_oblique, [[79.5 - shift, 47.5]], rtol=1e-5)
    np.testing.assert_allclose(cranial, [[79.5, 47.5 - shift]], rtol=1e-5)


@pytest.mark.parametrize("angles", [(0, 0), (35, -20), (-90, 25)])
def test_rotations_are_proper(angles):
    rotation = view_rotation(*angles)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)


def test_a_coarser_grid_sees_the_same_place(view):
    camera = CameraBatch.of([view], CPU)
    frame = torch.zeros(1, dtype=torch.int64)
    world = camera.rotate(torch.tensor([[12.0, -40.0, 7.0]]), frame)
    fine, _ = camera.project(world, frame)
    coarse, _ = camera.coarser(2).project(world, frame)
    torch.testing.assert_close((fine + 0.5) / 2 - 0.5, coarse)
