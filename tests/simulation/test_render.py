from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import ndimage

from custom.simulation.build import Build, Section, Workbench
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.device_table import load_devices
from custom.simulation.motion import Motion
from custom.simulation.options import with_devices
from custom.simulation.render import render
from custom.simulation.scene import DeviceLabels, Layer
from custom.simulation.sequence import Collimator, SequencePlan
from tests.simulation.test_detector import PLAIN

CPU = torch.device("cpu")


def _plan(view, config, points, *, collimator=None, step=0.2) -> SequencePlan:
    """Two rings, 6.4 and 16.4 mm from the tip, on a straight thin catheter before a flat background; nothing moves."""
    motion = Motion.draw(config.motion, np.zeros(3), np.random.default_rng(0))
    still = dataclasses.replace(motion, breathing_mm=0, heartbeat_mm=np.zeros(3), sway_mm=0)
    devices, labels = Layer(), DeviceLabels()
    bench = Workbench(devices, labels, step)
    build = Build(1.0, 0.0, 0.02, 0.0, 0.1, (Section(5.4, 7.4, "ring"), Section(15.4, 17.4, "ring")))
    bench.add(build, points, still.organ(0), bench.new_catheter("diagnostic"))
    imaging = dataclasses.replace(PLAIN, dose_ngy=1e5, standard_deviation=20)
    return SequencePlan(
        seed=0, sequence=0, case="case", procedure="none", view=view, motion=still, imaging=imaging,
        collimator=collimator or Collimator(), body=Layer(), devices=devices, labels=labels,
    )  # fmt: skip


def _straight(direction, step=0.2):
    direction = np.array(direction, dtype=float) / np.linalg.norm(direction)
    return np.arange(0, 60, step)[:, None] * direction + [-15.3, 0, 4.2]


@pytest.mark.parametrize("direction", [(1, 0, 0), (0.8, 0, -0.6), (0.6, 0.64, 0.48)])
def test_labels_lie_on_the_rings_of_the_image(view, config, direction):
    plan = _plan(view, config, _straight(direction))
    batch = render([plan], [0], CPU)
    darkness = batch.images[0, 0].max() - batch.images[0, 0].numpy()
    electrodes = batch.labels[0].electrodes
    assert [item["pole"] for item in electrodes] == [0, 1]
    rows, columns = np.indices(darkness.shape)
    for item in electrodes:
        near = np.hypot(columns - item["x"], rows - item["y"]) < 5
        ring = np.where(near, np.clip(darkness - 0.35 * darkness[near].max(), 0, None), 0)
        assert (ring * columns).sum() / ring.sum() == pytest.approx(item["x"], abs=0.15)
        assert (ring * rows).sum() / ring.sum() == pytest.approx(item["y"], abs=0.15)


def test_labels_have_the_rings_place_and_size(view, config):
    electrodes = render([_plan(view, config, _straight((1, 0, 0)))], [0], CPU).labels[0].electrodes
    # 2 pixels a mm; x = 79.5 + 2 (-15.3 + 6.4), y = 47.5 - 2 * 4.2; 2 mm long, 2 mm thick.
    assert electrodes[0] == {
        "x": pytest.approx(61.7, abs=0.05), "y": pytest.approx(39.1, abs=0.05), "width": pytest.approx(4.0, abs=0.05),
        "height": pytest.approx(4.0, abs=0.05), "kind": "ring", "catheter": 0, "pole": 0,
    }  # fmt: skip
    assert electrodes[1]["x"] - electrodes[0]["x"] == pytest.approx(20.0, rel=0.01)


def test_the_centreline_begins_at_the_tip_and_stays_in_the_frame(view, config):
    batch = render([_plan(view, config, _straight((1, 0, 0)))], [0], CPU)
    (catheter,) = batch.labels[0].catheters
    line = np.array(catheter["centerline"])
    assert catheter["type"] == "diagnostic"
    np.testing.assert_allclose(line[0], [79.5 - 30.6, 39.1], atol=0.05)
    assert line[:, 0].max() < view.columns
    assert batch.masks[0, 0, 39, 60:100].all()
    assert not batch.masks[0, 0, 39, :46].any()


def test_what_the_collimator_hides_is_not_labelled(view, config):
    hidden = _plan(view, config, _straight((1, 0, 0)), collimator=Collimator(left=0.45, black=True))
    batch = render([hidden], [0], CPU)
    assert [item["pole"] for item in batch.labels[0].electrodes] == [1]
    assert not batch.masks[..., :71].any()
    assert batch.masks[..., 73:].any()


def test_what_is_outside_the_frame_is_not_labelled(view, config):
    outside = render([_plan(view, config, _straight((1, 0, 0)) + np.array([0, 0, 80]))], [0], CPU)
    assert outside.labels[0].electrodes == []
    assert outside.labels[0].catheters == []
    assert not outside.masks.any()


def test_no_device_is_an_empty_mask_and_no_electrodes(config):
    procedures = {"abdominal": dataclasses.replace(config.procedures["abdominal"], device_counts=(1.0,))}
    empty = SimulatedSequences(dataclasses.replace(config, procedures=procedures), size=64, sequences=1, frames=1)
    batch = empty.render([0])
    assert not batch.masks.any()
    assert batch.labels[0].electrodes == []


@pytest.mark.parametrize("name", sorted(load_devices()))
def test_every_device_is_seen_where_its_mask_is(config, name):
    """A mask that is shifted by 3 pixels explains the frame worse."""
    quiet = dataclasses.replace(config.detector, dose_ngy=type(config.detector.dose_ngy)(5000, 5000))
    simulated = SimulatedSequences(
        with_devices(dataclasses.replace(config, detector=quiet), name), seed=4, sequences=12, frames=1, size=128
    )
    gains = []
    for index in range(len(simulated)):
        batch = simulated.render([index])
        image, mask = batch.images[0, 0].numpy(), batch.masks[0, 0].numpy()
        if mask.sum() < 30:
            continue
        detail = image - ndimage.median_filter(image, 13)
        inside = detail[mask].mean()
        shifted = [detail[np.roll(mask, shift, axis=(0, 1))].mean() for shift in ((3, 3), (-3, 3), (3, -3), (-3, -3))]
        gains.append(np.mean(shifted) - inside)
    assert len(gains) >= 4
    assert np.mean(gains) > 1
    assert np.mean(np.array(gains) > 0) > 0.7


def test_devices_move_during_a_sequence(electrophysiology):
    simulated = SimulatedSequences(with_devices(electrophysiology, "ablation"), seed=1, sequences=8, frames=8, size=128)
    moves = []
    for sequence in range(8):
        batch = simulated.render(range(8 * sequence, 8 * sequence + 8))
        tips = [
            (item["x"], item["y"])
            for label in batch.labels
            for item in label.electrodes
            if (item["catheter"], item["pole"]) == (0, 0)
        ]
        moves += [float(np.hypot(*np.subtract(a, b))) for a, b in pairwise(tips)]
    assert 0.3 < np.median(moves) < 10


@pytest.mark.slow
def test_statistics_bracket_the_measured_ones(electrophysiology):
    """Six clinical frames of 400 x 400: mean 107-111, SD 35-36, high-pass noise 1.7, ring 0.30-0.57, tip 0.13-0.35."""
    simulated = SimulatedSequences(electrophysiology, seed=5, sequences=40, frames=1, size=400)
    means, deviations, noises, ratios = [], [], [], {"ring": [], "tip": []}
    for index in range(len(simulated)):
        batch = simulated.render([index])
        image = batch.images[0, 0].numpy()
        means.append(image.mean())
        deviations.append(image.std())
        noises.append(1.4826 * np.median(np.abs(image - ndimage.gaussian_filter(image, 1))))
        background = ndimage.zoom(ndimage.median_filter(image[::2, ::2], 15), 2, order=0)
        for item in batch.labels[0].electrodes:
            x, y = round(item["x"]), round(item["y"])
            ring = image[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].mean()
            ratios[item["kind"]].append(ring / max(background[y, x], 1))

    def brackets(values, low, high):
        return np.percentile(values, 15) < low and np.percentile(values, 85) > high

    assert brackets(means, 107, 109)
    assert brackets(deviations, 35, 36)
    assert brackets(noises, 1.7, 1.7)
    assert brackets(ratios["ring"], 0.43, 0.43)
    assert brackets(ratios["tip"], 0.2, 0.3)
