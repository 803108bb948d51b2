"""A cine of 3000 frames needs no more memory than one of 30, and a hundred times its time."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import JPEG2000Lossless, RLELossless

from tests.data.dicom_files import write_dicom
from tests.data.video_files import write_video

PROGRAM = """
import re, sys, time
from pathlib import Path
from custom.data.reader import stream_frames
started = time.process_time()
frames = sum(1 for _ in stream_frames(sys.argv[1]))
memory = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(frames, memory, time.process_time() - started)
"""
SHORT, LONG = 30, 3000


@pytest.fixture(scope="module")
def cine():
    """(30, 256, 256) uint8 with noise."""
    return np.random.default_rng(0).normal(120, 20, (SHORT, 256, 256)).clip(0, 255).astype(np.uint8)


def write_cine(path, cine, kind, repeats):
    if kind == "MP4":
        frames = np.tile(cine, (repeats, 1, 1))
        return write_video(path.with_suffix(".mp4"), frames, codec="mpeg4", pixel_format="yuv420p")
    write_dicom(path, cine if kind != "uncompressed" else np.tile(cine, (repeats, 1, 1)))
    if kind != "uncompressed":
        dataset = dcmread(path)
        dataset.compress(kind)
        frames = list(generate_frames(dataset.PixelData, number_of_frames=SHORT))
        dataset.PixelData = encapsulate(frames * repeats, has_bot=False)
        dataset.NumberOfFrames = SHORT * repeats
        dataset.save_as(path)
    return path


def measure(path):
    done = subprocess.run([sys.executable, "-c", PROGRAM, path], capture_output=True, text=True, check=True)
    frames, memory, seconds = map(float, done.stdout.split())
    return frames, memory, seconds


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["uncompressed", RLELossless, JPEG2000Lossless, "MP4"])
def test_memory_does_not_grow_with_a_cine(tmp_path, cine, kind):
    short_frames, short_memory, short_seconds = measure(write_cine(tmp_path / "short.dcm", cine, kind, 1))
    long_frames, long_memory, long_seconds = measure(write_cine(tmp_path / "long.dcm", cine, kind, LONG // SHORT))
    print(f"{short_memory:.0f} and {long_memory:.0f} MB, {short_seconds:.2f} and {long_seconds:.2f} s")
    assert (short_frames, long_frames) == (SHORT, LONG)
    assert long_memory < short_memory + 20  # all frames are 197 MB
    assert long_seconds < 200 * short_seconds
