"""Frames and their labels from sequence plans, a batch at a time, on any device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from custom.simulation.body import anatomy_paths
from custom.simulation.ct import CtVolume
from custom.simulation.detector import ImagingBatch, detected_signal, expected_signal, irradiated_field
from custom.simulation.display import displayed, jpeg
from custom.simulation.filters import enlarged
from custom.simulation.geometry import CameraBatch
from custom.simulation.labels import catheter_masks, catheters_of_frame, electrodes_of_frame
from custom.simulation.materials import FILLER, MATERIALS
from custom.simulation.projection import LayerBatch, ProjectedPoints
from custom.simulation.sequence import SequencePlan
from custom.simulation.splat import add_ellipsoids, add_tubes

_BODY_STRIDE = 2  # the body's grid is this many times coarser than the devices'


@dataclass(frozen=True)
class FrameLabel:
    """What is known of a frame: `electrodes` and `catheters` as in the datalist, and the plan it was rendered from."""

    plan: SequencePlan
    frame: int
    electrodes: list[dict[str, Any]]
    catheters: list[dict[str, Any]]

    def entry(self) -> dict[str, Any]:
        """The frame's datalist entry, without its files."""
        spacing = self.plan.view.detector_pixel_mm
        return {
            "electrodes": self.electrodes,
            "case": self.plan.case,
            "sequence": self.plan.name,
            "pixel_spacing_mm": [spacing, spacing],
            "spacing_plane": "detector",
            "catheters": self.catheters,
        }


@dataclass(frozen=True)
class RenderedBatch:
    """Images (B, 1, H, W) float32 in [0, 255], masks (B, 1, H, W) bool, and one label a frame."""

    images: torch.Tensor
    masks: torch.Tensor
    labels: list[FrameLabel]


@torch.no_grad()
def render(
    plans: list[SequencePlan],
    frames: list[int],
    device: torch.device,
    *,
    ct: CtVolume | None = None,
    eight_bit: bool = True,
) -> RenderedBatch:
    """Render frame `frames[i]` of sequence `plans[i]`.

    Args:
        plans: one a frame, of one image size.
        frames: frame numbers.
        device: where to compute, and where images and masks stay.
        ct: takes the place of the plans' anatomy.
        eight_bit: round to whole grey levels, after JPEG where the plan says so.
    """
    camera = CameraBatch.of([plan.view for plan in plans], device)
    imaging = ImagingBatch.of([plan.imaging for plan in plans], device)
    now = _amplitudes(plans, frames, device)
    before = _amplitudes(plans, [frame - 1 for frame in frames], device)
    layer = LayerBatch.of([plan.devices for plan in plans], device)
    points = ProjectedPoints.of(layer, now, camera)
    coarse = camera.coarser(_BODY_STRIDE)
    body = ct.paths(coarse) if ct is not None else anatomy_paths(plans, coarse, imaging, now)
    body = enlarged(body, camera.rows, camera.columns)
    devices = _device_paths(layer, points, now, before, camera, imaging["lag"])
    paths = torch.cat([body, devices], dim=1).clamp(min=0)
    field = irradiated_field([plan.collimator for plan in plans], camera.detector_pixel_mm, camera.rows, camera.columns)
    images = _images(plans, frames, paths, field, imaging, camera.detector_pixel_mm)
    if eight_bit:
        images = jpeg(images, imaging["jpeg_quality"]).round()
    visible = field > 0.5
    masks = catheter_masks(layer, points, [plan.labels for plan in plans], visible)
    return RenderedBatch(images, masks, _labels(plans, frames, layer, points, visible))


def _amplitudes(plans: list[SequencePlan], frames: list[int], device: torch.device) -> torch.Tensor:
    rows = [plan.motion.amplitudes(frame) for plan, frame in zip(plans, frames, strict=True)]
    return torch.stack([torch.as_tensor(row, dtype=torch.float32) for row in rows]).to(device)


def _device_paths(
    layer: LayerBatch,
    points: ProjectedPoints,
    now: torch.Tensor,
    before: torch.Tensor,
    camera: CameraBatch,
    lag: torch.Tensor,
) -> torch.Tensor:
    """Path lengths (B, 3, H, W) in mm through filler, steel and platinum; a share `lag` of where they were before."""
    channels = len(MATERIALS) - FILLER
    paths = torch.zeros(len(lag), channels, camera.rows, camera.columns, device=lag.device)
    add_tubes(paths, layer, points, 1 - lag, first_material=FILLER)
    if float(lag.max()) > 0:
        add_tubes(paths, layer, ProjectedPoints.of(layer, before, camera), lag, first_material=FILLER)
    add_ellipsoids(paths, layer, now, camera, first_material=FILLER)
    return paths


def _images(
    plans: list[SequencePlan],
    frames: list[int],
    paths: torch.Tensor,
    field: torch.Tensor,
    imaging: ImagingBatch,
    detector_pixel_mm: torch.Tensor,
) -> torch.Tensor:
    """Grey levels (B, 1, H, W) of path lengths (B, M, H, W) in mm: what detector and display make of them."""
    device = paths.device
    keys = torch.tensor([plan.frame_key(frame) for plan, frame in zip(plans, frames, strict=True)], device=device)
    expected = expected_signal(paths, field, imaging, detector_pixel_mm)
    signal = detected_signal(expected, imaging, detector_pixel_mm, keys)
    black = torch.tensor([plan.collimator.black for plan in plans], device=device)
    return displayed(signal, field, imaging, black)


def _labels(
    plans: list[SequencePlan], frames: list[int], layer: LayerBatch, points: ProjectedPoints, visible: torch.Tensor
) -> list[FrameLabel]:
    local = ProjectedPoints(*(values.cpu() for values in points))
    labels = []
    for plan, frame, first, shown in zip(plans, frames, layer.first_point, visible[:, 0].cpu(), strict=True):
        electrodes = electrodes_of_frame(first, local, plan.labels, shown)
        catheters = catheters_of_frame(first, local, plan.labels, shown, electrodes)
        labels.append(FrameLabel(plan=plan, frame=frame, electrodes=electrodes, catheters=catheters))
    return labels
