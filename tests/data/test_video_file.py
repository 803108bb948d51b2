import av
import numpy as np
import pytest

from custom.data.reader import open_frames, read_frame, stream_frames
from custom.errors import InputError
from tests.data.video_files import write_video


@pytest.fixture
def cine(ramp):
    """(12, 24, 40) uint8 within the range that video keeps; the frames differ."""
    return np.stack([ramp // 2 + 30 + 5 * frame for frame in range(12)])


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("cine.mp4", "libx264", "yuv420p"),
        ("cine.mp4", "libx264", "yuv420p10le"),
        ("cine.MP4", "mpeg4", "yuv420p"),
        ("cine.avi", "mjpeg", "yuvj420p"),
        ("cine.avi", "ffv1", "gray"),
        ("cine.avi", "rawvideo", "gray"),
    ],
)
def test_videos_come_back_nearly(tmp_path, cine, name, codec, pixel_format):
    path = write_video(tmp_path / name, cine, codec=codec, pixel_format=pixel_format)
    assert open_frames(path).frames == 12
    frames = [frame.pixels for frame in stream_frames(path)]
    assert len(frames) == 12
    levels = 65535 / 255 if "10" in pixel_format else 1
    for pixels, expected in zip(frames, cine, strict=True):
        assert np.abs(pixels / levels - expected).mean() < 2  # the next frame is 5 away
    np.testing.assert_array_equal(read_frame(path, 7).pixels, frames[7])
    assert read_frame(path, 7).pixel_spacing_mm is None


@pytest.mark.parametrize("columns", [40, 402])
def test_ten_bits_are_read_the_same_every_time(tmp_path, columns):
    frames = np.random.default_rng(0).integers(30, 200, (8, 120, columns)).astype(np.uint8)
    path = write_video(tmp_path / "cine.mp4", frames, codec="libx264", pixel_format="yuv420p10le")
    first, *others = ([frame.pixels for frame in stream_frames(path)] for _ in range(20))
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_a_video_that_ends_early_gives_the_frames_before(tmp_path, cine):
    path = write_video(tmp_path / "cine.avi", cine, codec="rawvideo", pixel_format="gray")
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(cine[7].tobytes()) + 100])
    found = []
    with pytest.raises(InputError, match="the file ends early; found '7 of 12 frames'"):
        found.extend(frame.pixels for frame in stream_frames(path))
    np.testing.assert_array_equal(found, cine[:7])


def test_frames_that_an_edit_list_hides_do_not_count(tmp_path, cine):
    whole = write_video(tmp_path / "whole.mp4", cine, codec="libx264", pixel_format="yuv420p")
    cut = tmp_path / "cut.mp4"
    with av.open(whole) as source, av.open(cut, "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.size]
        start = sorted(packet.pts for packet in packets)[5]
        for packet in packets:  # as a cut without encoding: from the key frame on, what comes before the cut hidden
            packet.pts, packet.dts, packet.stream = packet.pts - start, packet.dts - start, stream
            target.mux(packet)
    assert open_frames(cut).frames == 7
    frames = [frame.pixels for frame in stream_frames(cut)]
    np.testing.assert_array_equal(frames, [frame.pixels for frame in stream_frames(whole)][5:])


def test_frames_that_the_decoder_still_holds_are_given_too(tmp_path, cine):
    path = write_video(tmp_path / "c.mp4", cine, codec="libx264", pixel_format="yuv420p", movflags="faststart")
    with av.open(path) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        seventh = packets[6].pos
    path.write_bytes(path.read_bytes()[: seventh + 3])
    found = []
    with pytest.raises(InputError, match="the file ends early; found '6 of 12 frames'"):
        found.extend(frame.pixels for frame in stream_frames(path))
    assert len(found) == 6


def test_what_is_no_grey_video_is_refused(tmp_path, cine):
    colour = np.repeat(cine[..., None], 3, axis=-1)
    grey = write_video(tmp_path / "grey.mp4", colour, codec="libx264", pixel_format="yuv420p")
    np.testing.assert_allclose(read_frame(grey, 3).pixels, cine[3], atol=5)
    colour[..., 0] //= 2
    red = write_video(tmp_path / "red.mp4", colour, codec="libx264", pixel_format="yuv420p")
    with pytest.raises(InputError, match=r"red\.mp4: is a colour video; expected grey"):
        next(stream_frames(red))
    (tmp_path / "text.avi").write_text("no video at all")
    with pytest.raises(InputError, match=r"text\.avi: cannot be decoded"):
        open_frames(tmp_path / "text.avi")
    with av.open(tmp_path / "sound.mp4", "w") as container:
        stream = container.add_stream("aac", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.rate = 8000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    with pytest.raises(InputError, match=r"sound\.mp4: holds no video"):
        open_frames(tmp_path / "sound.mp4")
