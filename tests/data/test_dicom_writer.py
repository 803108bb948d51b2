import shutil
import subprocess

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import XRayAngiographicImageStorage

from custom.data.dicom_writer import write_xa_cine
from custom.data.reader import open_frames, read_frame
from custom.errors import InputError

GEOMETRY = {
    "frame_time_ms": 1000 / 7.5,
    "imager_pixel_spacing_mm": (0.308, 0.31),
    "sid_mm": 1100.0,
    "sod_mm": 1100 / 1.37,
    "primary_angle_deg": -30.123456789012,
    "secondary_angle_deg": 20.0,
}


@pytest.fixture(params=[np.uint8, np.uint16])
def frames(request):
    """(3, 25, 41): an odd number of bytes in 8 bits."""
    return np.random.default_rng(0).integers(0, np.iinfo(request.param).max, (3, 25, 41), request.param)


def test_cines_come_back_with_their_geometry(tmp_path, frames):
    path = tmp_path / "cine.dcm"
    write_xa_cine(path, frames, **GEOMETRY, seed=1)
    assert open_frames(path).frames == 3
    for index in range(3):
        frame = read_frame(path, index)
        np.testing.assert_array_equal(frame.pixels, frames[index])
    assert frame.pixel_spacing_mm == pytest.approx((0.308 / 1.37, 0.31 / 1.37), rel=1e-6)
    assert frame.spacing_plane == "isocentre"
    dataset = dcmread(path)
    assert dataset.SOPClassUID == XRayAngiographicImageStorage
    assert dataset.FrameTime == pytest.approx(133.3333, abs=1e-4)
    assert (dataset.PositionerPrimaryAngle, dataset.PositionerSecondaryAngle) == (pytest.approx(-30.123457), 20)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
@pytest.mark.parametrize("kvp", [None, 80 / 3])
def test_the_standard_is_kept(tmp_path, frames, kvp):
    write_xa_cine(tmp_path / "cine.dcm", frames, **GEOMETRY, kvp=kvp, seed=1)
    result = subprocess.run(["dciodvfy", tmp_path / "cine.dcm"], capture_output=True, text=True)
    printed = result.stdout + result.stderr
    assert "XAImage" in printed
    assert "Error" not in printed
    assert "Warning" not in printed


def test_a_seed_gives_the_same_file_twice_and_other_frames_other_uids(tmp_path, frames):
    for name, pixels, seed in (("a", frames, 5), ("b", frames, 5), ("c", frames, 6), ("d", frames[:, 1:], 5)):
        write_xa_cine(tmp_path / name, pixels, **GEOMETRY, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    different = [dcmread(tmp_path / name) for name in "acd"]
    uids = {getattr(dataset, f"{part}InstanceUID") for dataset in different for part in ("Study", "Series", "SOP")}
    assert len(uids) == 9


@pytest.mark.parametrize("shape", [(25, 41), (0, 25, 41)])
def test_other_shapes_are_refused(tmp_path, shape):
    with pytest.raises(InputError, match="cannot be written; found 'uint8 of shape"):
        write_xa_cine(tmp_path / "cine.dcm", np.zeros(shape, np.uint8), **GEOMETRY)


def test_other_types_are_refused(tmp_path):
    with pytest.raises(InputError, match="found 'float64 of shape"):
        write_xa_cine(tmp_path / "cine.dcm", np.zeros((1, 25, 41)), **GEOMETRY)
    assert list(tmp_path.iterdir()) == []
