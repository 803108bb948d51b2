from dataclasses import replace

import av
import numpy as np

from custom.results.video import OverlayVideo
from custom.visualization import draw_result
from tests.results.frames import make_frame, write_all


def test_a_film_of_every_frame_at_the_cine_s_rate(folder, cine):
    (path,) = write_all(OverlayVideo(folder), cine)
    with av.open(path) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == 5  # FrameTime is 200 ms
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(pictures) == 3
    for picture, frame in zip(pictures, cine, strict=True):
        drawn = draw_result(frame)
        assert picture.shape == drawn.shape
        assert np.abs(picture.astype(int) - drawn).mean() < 3


def test_odd_sides_are_filled_up(folder, cine):
    frames = [replace(frame, pixels=np.eye(641, 643), mask=np.zeros((641, 643), np.uint8)) for frame in cine]
    (path,) = write_all(OverlayVideo(folder), frames)
    with av.open(path) as film:
        assert (film.streams.video[0].height, film.streams.video[0].width) == (642, 644)
        assert sum(1 for _ in film.decode(video=0)) == 3


def test_one_frame_makes_no_film(folder):
    assert write_all(OverlayVideo(folder), [make_frame()]) == []
    assert not folder.exists()
