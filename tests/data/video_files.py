"""Small videos."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np


def write_video(path: Path, frames: np.ndarray, *, codec: str, pixel_format: str, **muxer_options: str) -> Path:
    """Write (frames, rows, columns) or (frames, rows, columns, 3) uint8 as an MP4 or AVI of good quality."""
    with av.open(path, "w", options=muxer_options) as container:
        stream = container.add_stream(codec, rate=15, options={"crf": "5"} if codec == "libx264" else {})
        stream.bit_rate = 10_000_000
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pixel_format
        for pixels in frames:
            frame = av.VideoFrame.from_ndarray(pixels, format="gray" if pixels.ndim == 2 else "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
