"""The overlay as a film."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from custom.files import PendingFile
from custom.postprocessing.result import FrameResult
from custom.results.format import ResultFormat
from custom.results.playback import playback_rate
from custom.visualization import draw_result, picture_zoom

CODEC = "libx264"
OPTIONS = {"crf": "18", "preset": "veryfast"}
LARGEST_DENOMINATOR = 1000


class OverlayVideo(ResultFormat):
    """`NAME_overlay.mp4`: H.264 at the cine's own rate; files of one frame get none."""

    def start(self, first: FrameResult) -> None:
        """Open the film."""
        self._pending = []
        if first.frames == 1:
            return
        self._film = PendingFile(self.folder / f"{first.source}_overlay.mp4")
        self._pending = [self._film]
        self._container = av.open(self._film.temporary, "w", format="mp4")
        rate = Fraction(playback_rate(first.path)).limit_denominator(LARGEST_DENOMINATOR)
        self._stream = self._container.add_stream(CODEC, rate=rate, options=OPTIONS)
        self._stream.pix_fmt = "yuv420p"
        zoom = picture_zoom(first.pixels.shape)
        self._stream.height, self._stream.width = (zoom * side + zoom * side % 2 for side in first.pixels.shape)

    def add(self, result: FrameResult) -> None:
        """Draw and encode a frame."""
        if not self._pending:
            return
        picture = _even(draw_result(result))
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))

    def finish(self, *, complete: bool) -> list[Path]:
        """Close the film and move it into place."""
        if not self._pending:
            return []
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._film.keep()
        return [self._film.path]

    def discard(self) -> None:
        """Remove an unfinished film."""
        if self._pending:
            with suppress(av.FFmpegError):
                self._container.close()
        super().discard()


def _even(picture: np.ndarray) -> np.ndarray:
    """Repeat the last row and column where there is an odd number: colour has half the resolution."""
    rows, columns = picture.shape[:2]
    return np.pad(picture, ((0, rows % 2), (0, columns % 2), (0, 0)), mode="edge")
