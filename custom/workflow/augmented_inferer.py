"""Test-time augmentation: the network sees a frame in several views, and what it says about each is put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from kornia.geometry import rotate

from custom.engines import AUTO, TORCH, EngineSelection, Logits
from custom.errors import InputError
from custom.postprocessing import decode_electrodes
from custom.workflow.inferer import AutocastInferer

HEADS = ("center", "size", "offset")
LOWEST_SCORE = 0.1


@dataclass(frozen=True)
class View:
    """A frame flipped, then turned about its centre.

    Attributes:
        flips: axes that are flipped: -1 for left and right, -2 for up and down.
        degrees: of the turn, counter-clockwise as displayed.
    """

    flips: tuple[int, ...] = ()
    degrees: float = 0.0

    def apply(self, image: torch.Tensor) -> torch.Tensor:
        """Show (B, C, H, W) in this view; what a turn brings in from outside repeats the border."""
        return _turn(image.flip(self.flips), self.degrees, padding="border")

    def undo(self, values: torch.Tensor) -> torch.Tensor:
        """Bring a map (B, C, h, w) of any stride back to the frame, zeros where the view did not show it."""
        return _turn(values, -self.degrees, padding="zeros").flip(self.flips)

    def undo_points(self, points: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        """Bring (..., 2) points x, y in pixels of a view of `size` (rows, columns) back to the frame."""
        centre = points.new_tensor([(size[1] - 1) / 2, (size[0] - 1) / 2])
        angle = math.radians(self.degrees)
        back = points.new_tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        return (points - centre) @ back * self._signs(points) + centre

    def undo_offset(self, offset: torch.Tensor) -> torch.Tensor:
        """Bring a flipped map of vectors x, y (B, 2, h, w) back to the frame."""
        return self.undo(offset) * self._signs(offset)[:, None, None]

    def _signs(self, like: torch.Tensor) -> torch.Tensor:
        return like.new_tensor([-1.0 if axis in self.flips else 1.0 for axis in (-1, -2)])


FLIPS = (View(), View((-1,)), View((-2,)), View((-1, -2)))


class AugmentedInferer(AutocastInferer):
    """Averages the logits over flipped and slightly turned views of a frame, where `enabled`.

    The segmentation is averaged over all views. The heads of electrodes are averaged over the flips alone, which keep
    to the grid: interpolation would blunt their peaks. The electrodes that each view finds by itself become
    `electrode_views` (B, V, K, 3): x, y in pixels of the network's grid and the score, 0 where there is none.

    Args:
        precision: see `AutocastInferer`.
        enabled: whether there are views beside the frame itself.
        degrees: turns, counter-clockwise, of further views.
        engine: what runs the network, see `EngineSelection`; `auto` is PyTorch where the precision is not float32.

    Raises:
        InputError: there is no such engine, or it does not compute in this precision.
    """

    def __init__(
        self,
        precision: str = "float32",
        *,
        enabled: bool = True,
        degrees: Sequence[float] = (-5, 5),
        engine: str = "torch",
    ) -> None:
        super().__init__(precision)
        self.engine = EngineSelection(_engine_for(precision, engine))
        self.enabled = enabled
        self.turns = tuple(View(degrees=float(angle)) for angle in degrees)

    def __call__(self, inputs: torch.Tensor, network: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the network's output for `inputs` (B, 1, H, W), `feature_distance` being that of the frame itself."""
        network = self.engine(network, inputs.device)
        if not self.enabled:
            return super().__call__(inputs, network, *args, **kwargs)
        views = (*FLIPS, *self.turns)
        found = [super(AugmentedInferer, self).__call__(view.apply(inputs), network, *args, **kwargs) for view in views]
        flipped = list(zip(FLIPS, found[: len(FLIPS)], strict=True))
        heads = {name: _mean_over_flips(name, flipped) for name in HEADS if name in found[0]}
        segmentation = _mean(views, [output["segmentation"] for output in found])
        size = (inputs.shape[-2], inputs.shape[-1])
        positions = [_electrodes(view, output, size) for view, output in zip(views, found, strict=True)]
        return {**found[0], **heads, "segmentation": segmentation, "electrode_views": torch.stack(positions, dim=1)}


def _engine_for(precision: str, engine: str) -> str:
    if precision == "float32":
        return engine
    if engine not in (AUTO, TORCH):
        remedy = "catheter export writes files in lower precisions"
        raise InputError(f"{engine} runs in float32 only", field="precision", found=precision, remedy=remedy)
    return TORCH


def _mean_over_flips(name: str, flipped: list[tuple[View, Logits]]) -> torch.Tensor:
    back = [view.undo_offset(out[name]) if name == "offset" else view.undo(out[name]) for view, out in flipped]
    return torch.stack(back).mean(dim=0)


def _mean(views: Sequence[View], maps: Sequence[torch.Tensor]) -> torch.Tensor:
    """Average maps over those views that show a place."""
    shown = [view.undo(torch.ones_like(values[:1, :1])) for view, values in zip(views, maps, strict=True)]
    total = sum(view.undo(values) for view, values in zip(views, maps, strict=True))
    return torch.as_tensor(total / sum(shown))


def _electrodes(view: View, output: Logits, size: tuple[int, int]) -> torch.Tensor:
    decoded = decode_electrodes(output, minimum_score=LOWEST_SCORE)
    points = view.undo_points(decoded.boxes[..., :2], size)
    return torch.cat([points, decoded.scores[..., None]], dim=-1)


def _turn(values: torch.Tensor, degrees: float, *, padding: str) -> torch.Tensor:
    if degrees == 0:
        return values
    angle = torch.full(values.shape[:1], degrees, device=values.device, dtype=torch.float32)
    return rotate(values.float(), angle, padding_mode=padding)
