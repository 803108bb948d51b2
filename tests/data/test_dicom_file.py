import io
import struct

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ImplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from custom.data.reader import count_frames, read_frame
from custom.errors import InputError
from tests.data.dicom_files import change_dicom, write_dicom


@pytest.fixture
def cine(ramp):
    """(3, 72, 80) uint16; the frames differ."""
    return np.stack([np.tile(ramp.astype(np.uint16), (3, 2)) + 100 * frame for frame in range(3)])


def compressed(path, syntax):
    dataset = dcmread(path)
    dataset.compress(syntax)
    dataset.save_as(path)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=lambda syntax: syntax.name)
def test_compressed_cines_come_back(tmp_path, cine, syntax):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, syntax)
    assert count_frames(path) == 3
    for index in range(3):
        np.testing.assert_array_equal(read_frame(path, index).pixels, cine[index])


def test_implicit_cines_come_back(tmp_path, cine):
    dataset = dcmread(write_dicom(tmp_path / "cine.dcm", cine))
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(tmp_path / "cine.dcm")
    np.testing.assert_array_equal(read_frame(tmp_path / "cine.dcm", 2).pixels, cine[2])


def jpeg_cine(path, frames, *, spectrum_end):
    encoded = []
    for pixels in frames:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
        stream = buffer.getvalue()
        scan = stream.index(b"\xff\xda\x00\x08\x01")
        encoded.append(stream[: scan + 8] + bytes([spectrum_end]) + stream[scan + 9 :])
    dataset = dcmread(write_dicom(path, frames))
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate(encoded)
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("spectrum_end", [63, 0], ids=["right", "end of spectrum left out"])
def test_jpeg_cines_come_back_nearly(tmp_path, ramp, spectrum_end):
    path = jpeg_cine(tmp_path / "cine.dcm", np.stack([ramp, ramp + 20]), spectrum_end=spectrum_end)
    np.testing.assert_allclose(read_frame(path, 1).pixels, ramp + 20, atol=4)


def test_files_without_a_suffix_are_recognized(tmp_path, cine):
    np.testing.assert_array_equal(read_frame(write_dicom(tmp_path / "IM000001", cine), 1).pixels, cine[1])


def test_only_the_frame_asked_for_is_decoded(tmp_path, cine, caplog):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, RLELossless)
    dataset = dcmread(path)
    frames = list(generate_frames(dataset.PixelData, number_of_frames=3))
    dataset.PixelData = encapsulate([frames[0], frames[1], b"\xff" * 16])
    dataset.save_as(path)
    np.testing.assert_array_equal(read_frame(path, 1).pixels, cine[1])
    with pytest.raises(InputError, match="cannot be decoded"):
        read_frame(path, 2)
    assert caplog.records == []


def test_run_lengths_beyond_the_frame_are_refused(tmp_path, cine):
    path = write_dicom(tmp_path / "frame.dcm", cine[0])
    compressed(path, RLELossless)
    segment = b"\x81\x00" * 50  # 50 runs of 128: more than the 72 x 80 bytes of a segment; the decoder panics
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([struct.pack("<16I", 2, 64, 64 + len(segment), *[0] * 13) + segment * 2])
    dataset.save_as(path)
    with pytest.raises(InputError, match="cannot be decoded"):
        read_frame(path)


def test_spacing_is_read(tmp_path, ramp):
    frame = read_frame(write_dicom(tmp_path / "frame.dcm", ramp))
    assert frame.pixel_spacing_mm == pytest.approx((0.3 * 800 / 1200, 0.4 * 800 / 1200))
    assert frame.spacing_plane == "isocentre"


def test_grey_in_three_channels_is_grey(tmp_path, ramp):
    dataset = dcmread(write_dicom(tmp_path / "frame.dcm", ramp))
    dataset.SamplesPerPixel, dataset.PlanarConfiguration, dataset.PhotometricInterpretation = 3, 0, "RGB"
    dataset.PixelData = np.repeat(ramp, 3).tobytes()
    dataset.save_as(tmp_path / "frame.dcm")
    np.testing.assert_array_equal(read_frame(tmp_path / "frame.dcm").pixels, ramp)
    dataset.PixelData = np.stack([ramp, ramp, ramp // 2], -1).tobytes()
    dataset.save_as(tmp_path / "frame.dcm")
    with pytest.raises(InputError, match="is a colour image"):
        read_frame(tmp_path / "frame.dcm")


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"Rows": None}, "holds no image; found 'XA'"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "wrong PhotometricInterpretation; found 'PALETTE COLOR'"),
        ({"PhotometricInterpretation": None}, "wrong PhotometricInterpretation"),
        ({"Rows": 60000, "Columns": 60000}, "wrong size; found '60000 x 60000 pixels'"),
        ({"Rows": 0}, "wrong size; found '0 x 40 pixels'"),
        ({"PixelData": None}, "cannot be decoded"),
        ({"NumberOfFrames": 9}, "holds 9 frames, say which"),
    ],
)
def test_headers_that_do_not_fit_are_refused(tmp_path, ramp, attributes, problem):
    path = change_dicom(write_dicom(tmp_path / "frame.dcm", ramp), **attributes)
    with pytest.raises(InputError, match=problem):
        read_frame(path)


@pytest.mark.parametrize("length", [140, 500, -400])
def test_truncated_files_are_refused(tmp_path, ramp, length):
    path = write_dicom(tmp_path / "frame.dcm", ramp)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match=str(path)):
        read_frame(path)


def test_real_files_decode(shared_data):
    lossless = [read_frame(shared_data / "dicom" / f"XA1_{name}.dcm").pixels for name in ("J2KR", "JPLL", "RLE")]
    lossy = read_frame(shared_data / "dicom" / "XA1_JPLY.dcm").pixels
    assert lossless[0].shape == lossy.shape == (1024, 1024)
    np.testing.assert_array_equal(lossless[0], lossless[1])
    np.testing.assert_array_equal(lossless[0], lossless[2])
    assert np.abs(lossy - lossless[0]).mean() < 3
    chest = read_frame(shared_data / "dicom" / "chest_dx_16bit.dcm")
    assert chest.pixels.shape == (1386, 1385)
    assert (chest.pixel_spacing_mm, chest.spacing_plane) == ((0.3, 0.3), "detector")
