"""Pictures: the mask, and the frame with everything drawn on it."""

from __future__ import annotations

from pathlib import Path

from custom.files import write_image
from custom.postprocessing.result import FrameResult
from custom.results.format import FrameFormat
from custom.visualization import draw_result


class MaskPicture(FrameFormat):
    """`NAME_mask.png`: 255 on catheters and wires, 0 elsewhere, on the frame's own grid."""

    suffix = "_mask.png"

    def write(self, path: Path, result: FrameResult) -> None:
        """Write the mask."""
        write_image(path, result.mask * 255)


class OverlayPicture(FrameFormat):
    """`NAME_overlay.png`: see `draw_result`."""

    suffix = "_overlay.png"

    def write(self, path: Path, result: FrameResult) -> None:
        """Draw and write."""
        write_image(path, draw_result(result))
