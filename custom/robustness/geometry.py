"""Corruptions of what is in view; labels follow."""

from __future__ import annotations

import numpy as np
import torch
from kornia.geometry.transform import get_rotation_matrix2d, warp_affine
from PIL import Image, ImageDraw

from custom.robustness.corruption import Corruption, LabelledFrame
from custom.simulation.curves import spline_through
from custom.transforms.geometry import inside_frame
from custom.transforms.shadows import field_at, open_field

WIRE_WIDTH = 1 / 170  # of the longer side: 0.7 mm in a field of 120 mm
WIRE_DARKNESS = 0.12  # of the grey range
WIRE_OVERSAMPLING = 4


class Rotation(Corruption):
    """Rotation about the centre, counter-clockwise on the screen; the strength is in degrees.

    Corners that turn into view are black. Electrodes are taken for discs, whose boxes keep their sides.
    """

    def __call__(self, frame: LabelledFrame, strength: float, random: np.random.Generator) -> LabelledFrame:
        """See `Corruption`."""
        rows, columns = frame.pixels.shape
        centre = torch.tensor([[(columns - 1) / 2, (rows - 1) / 2]], dtype=torch.float64)
        angle = torch.tensor([strength], dtype=torch.float64)
        matrix = get_rotation_matrix2d(centre, angle, torch.ones(1, 2, dtype=torch.float64))
        mask = None if frame.mask is None else _warped(frame.mask, matrix) >= 0.5
        boxes = None if frame.boxes is None else _turned(frame.boxes, matrix[0].numpy(), frame.pixels.shape)
        return LabelledFrame(_warped(frame.pixels, matrix), mask, boxes)


class Collimation(Corruption):
    """Blades that black out a share of each side, the strength, and the labels behind them."""

    def __call__(self, frame: LabelledFrame, strength: float, random: np.random.Generator) -> LabelledFrame:
        """See `Corruption`."""
        start = torch.full((1, 2), float(strength))
        field = open_field(torch.zeros(1, 1, *frame.pixels.shape), start, 1 - start)
        boxes = frame.boxes
        if boxes is not None:
            boxes = boxes[field_at(field, torch.from_numpy(boxes)[None])[0].numpy() >= 0.5]
        transmission = field[0, 0].numpy()
        mask = None if frame.mask is None else frame.mask & (transmission >= 0.5)
        return LabelledFrame(frame.pixels * transmission, mask, boxes)


class ExtraWires(Corruption):
    """Thin dark wires that enter from the left or right and wind through the frame; the strength is their number.

    They are wires, so they are in the mask.
    """

    def __call__(self, frame: LabelledFrame, strength: float, random: np.random.Generator) -> LabelledFrame:
        """See `Corruption`."""
        pixels, mask = frame.pixels, frame.mask
        for _ in range(int(strength)):
            coverage = _wire(frame.pixels.shape, random)
            pixels = pixels - WIRE_DARKNESS * coverage
            mask = None if mask is None else mask | (coverage >= 0.5)
        return LabelledFrame(pixels, mask, frame.boxes)


def _warped(image: np.ndarray, matrix: torch.Tensor) -> np.ndarray:
    source = torch.from_numpy(image.astype(np.float64))[None, None]
    return warp_affine(source, matrix, image.shape, align_corners=True)[0, 0].numpy().astype(np.float32)


def _turned(boxes: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    centres = boxes[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    inside = inside_frame(torch.from_numpy(centres), *shape).numpy()
    return np.concatenate([centres, boxes[:, 2:]], axis=1)[inside]


def _wire(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Share of each pixel (rows, columns) that a random wire covers."""
    rows, columns = shape
    across = np.linspace(0, random.uniform(0.5, 1.0), 5) * columns
    x = across if random.random() < 0.5 else columns - across
    y = random.uniform(0.1, 0.9, 5) * rows
    points = spline_through(np.stack([x, y, np.zeros(5)], axis=1))[:, :2]
    picture = Image.new("L", (columns * WIRE_OVERSAMPLING, rows * WIRE_OVERSAMPLING))
    line = [tuple(point) for point in (points + 0.5) * WIRE_OVERSAMPLING]
    width = round(max(1.0, WIRE_WIDTH * max(shape)) * WIRE_OVERSAMPLING)
    ImageDraw.Draw(picture).line(line, fill=255, width=width, joint="curve")
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BOX), dtype=np.float32) / 255
