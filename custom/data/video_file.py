"""MP4 and AVI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import av
import numpy as np

from custom.data.frame import Frame, FrameFile, ends_early
from custom.errors import InputError

SUFFIXES = (".mp4", ".avi")
# Coders leave a grey level or two of colour on grey frames.
CHROMA_TOLERANCE = 4
NO_CHROMA = 128


class VideoFile(FrameFile):
    """A grey video; its frames are decoded one after the other, since each rests on those before it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with av.open(path) as container:
            if not container.streams.video:
                raise InputError("holds no video", source=path)
            stream = container.streams.video[0]
            self.rows, self.columns = stream.height, stream.width
            self.frames = _shown_frames(container, stream)

    def read(self, index: int) -> Frame:
        """Decode every frame up to this one."""
        return next(islice(self.stream(), index, None))

    def stream(self) -> Iterator[Frame]:
        """Decode frame after frame; those before the place where the video breaks off are still given."""
        found = 0
        with av.open(self.path) as container:
            for frame in islice(_decoded(container), self.frames):
                if frame.is_corrupt:
                    break
                yield Frame(self._grey(frame))
                found += 1
        if found < self.frames:
            raise ends_early(self.path, found, self.frames)

    def _grey(self, frame: av.VideoFrame) -> np.ndarray:
        chroma = _converted(frame, "yuv444p")[1:].astype(np.int16)
        if np.abs(chroma - NO_CHROMA).max() > CHROMA_TOLERANCE:
            raise InputError("is a colour video", source=self.path, expected="grey")
        return _converted(frame, "gray16le" if frame.format.components[0].bits > 8 else "gray").astype(np.float32)


def _converted(frame: av.VideoFrame, pixel_format: str) -> np.ndarray:
    # With several threads, each may write beyond its last row, over the first pixels of the next thread's (10 bits).
    return frame.to_ndarray(format=pixel_format, threads=1)


def _shown_frames(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """Frames that the file promises, without those that its edit list hides: cutting without encoding leaves such."""
    packets = hidden = 0
    with suppress(av.FFmpegError):  # a broken packet; the container's own number holds
        for packet in container.demux(stream):
            packets += packet.size > 0
            hidden += packet.size > 0 and packet.is_discard
    return (stream.frames or packets) - hidden


def _decoded(container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
    stream = container.streams.video[0]
    try:
        for packet in container.demux(stream):
            yield from packet.decode()
    except av.FFmpegError:  # a broken packet; the decoder still holds frames that came before it
        yield from stream.codec_context.decode(None)
