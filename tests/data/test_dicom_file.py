import io
import struct

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels import get_decoder
from pydicom.uid import (
    HTJ2K,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from custom.data.reader import open_frames, read_frame, stream_frames
from custom.errors import InputError
from tests.data.dicom_files import change_dicom, write_dicom


@pytest.fixture
def cine(ramp):
    """(3, 72, 80) uint16; the frames differ."""
    return np.stack([np.tile(ramp.astype(np.uint16), (3, 2)) + 100 * frame for frame in range(3)])


def compressed(path, syntax, *, offset_table=True):
    dataset = dcmread(path)
    dataset.compress(syntax)
    if not offset_table:
        frames = list(generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames))
        dataset.PixelData = encapsulate(frames, has_bot=False)
    dataset.save_as(path)


def in_syntax(path, syntax, **attributes):
    """Write a file again, uncompressed but for the deflating of all of it."""
    header = dcmread(change_dicom(path, **attributes))
    dataset = Dataset({element.tag: element for element in header})
    dataset.file_meta = header.file_meta
    dataset.file_meta.TransferSyntaxUID = syntax
    encoding = {"implicit_vr": syntax.is_implicit_VR, "little_endian": syntax.is_little_endian}
    dcmwrite(path, dataset, enforce_file_format=True, **encoding)
    return path


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=lambda syntax: syntax.name)
def test_compressed_cines_come_back(tmp_path, cine, syntax):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, syntax)
    assert open_frames(path).frames == 3
    for index in range(3):
        np.testing.assert_array_equal(read_frame(path, index).pixels, cine[index])
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], cine)


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=lambda syntax: syntax.name,
)
def test_other_encodings_come_back(tmp_path, cine, syntax):
    stored = cine.astype("<u2" if syntax.is_little_endian else ">u2").tobytes()
    path = in_syntax(write_dicom(tmp_path / "cine.dcm", cine), syntax, PixelData=stored)
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], cine)
    np.testing.assert_array_equal(read_frame(path, 2).pixels, cine[2])


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless], ids=lambda syntax: syntax and syntax.name)
@pytest.mark.parametrize("offset_table", [True, False])
def test_frames_before_a_cut_are_given(tmp_path, cine, syntax, offset_table):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    if syntax is not None:
        compressed(path, syntax, offset_table=offset_table)
    content = path.read_bytes()
    start = content.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(content[: start + (len(content) - start) // 2])  # inside the second of three frames
    found = []
    with pytest.raises(InputError, match=r"cine\.dcm: (cannot be decoded \(the file ends inside|the file ends early)"):
        found.extend(frame.pixels for frame in stream_frames(path))
    np.testing.assert_array_equal(found, cine[:1])


@pytest.mark.parametrize("offset_table", [True, False])
def test_a_header_that_promises_more_frames_than_there_are(tmp_path, cine, offset_table):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, RLELossless, offset_table=offset_table)
    change_dicom(path, NumberOfFrames=5)
    found = []
    with pytest.raises(InputError, match="the file ends early; found '3 of 5 frames'"):
        found.extend(frame.pixels for frame in stream_frames(path))
    np.testing.assert_array_equal(found, cine)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
@pytest.mark.parametrize("rest", [b"", b"padding"])
def test_a_header_that_promises_more_frames_than_there_are_uncompressed(tmp_path, cine, syntax, rest):
    path = in_syntax(
        write_dicom(tmp_path / "cine.dcm", cine), syntax, NumberOfFrames=5, PixelData=cine.tobytes() + rest
    )
    found = []
    with pytest.raises(InputError, match="the file ends early; found '3 of 5 frames'"):
        found.extend(frame.pixels for frame in stream_frames(path))
    np.testing.assert_array_equal(found, cine)
    np.testing.assert_array_equal(read_frame(path, 2).pixels, cine[2])
    with pytest.raises(InputError, match="the file ends early; found '3 of 5 frames'"):
        read_frame(path, 3)


def test_what_follows_the_pixel_data_is_no_frame(tmp_path, cine):
    path = write_dicom(tmp_path / "cine.dcm", cine, NumberOfFrames=4, DataSetTrailingPadding=b"\0" * 72 * 80 * 2)
    found = []
    with pytest.raises(InputError, match="the file ends early; found '3 of 4 frames'"):
        found.extend(frame.pixels for frame in stream_frames(path))
    np.testing.assert_array_equal(found, cine)


def test_pixel_data_without_a_whole_frame_end_early(tmp_path, cine):
    path = write_dicom(tmp_path / "cine.dcm", cine[0], PixelData=b"\0" * 100)
    with pytest.raises(InputError, match="the file ends early; found '0 of 1 frames'"):
        next(stream_frames(path))


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize(("frames", "found"), [(None, "'nothing'"), ("", "'nothing'"), (1, "1"), (2, "2")])
def test_frames_that_the_header_leaves_out_are_not_lost(tmp_path, cine, syntax, frames, found):
    path = in_syntax(write_dicom(tmp_path / "cine.dcm", cine), syntax, NumberOfFrames=frames)
    assert_refused(path, found)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("offset_table", [True, False])
@pytest.mark.parametrize(("frames", "found"), [(None, "'nothing'"), (2, "2")])
def test_compressed_frames_that_the_header_leaves_out_are_not_lost(tmp_path, cine, syntax, offset_table, frames, found):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, syntax, offset_table=offset_table)
    assert_refused(change_dicom(path, NumberOfFrames=frames), found)


def test_jpeg_frames_that_the_header_leaves_out_are_not_lost(tmp_path, ramp):
    path = jpeg_cine(tmp_path / "cine.dcm", np.stack([ramp, ramp, ramp]), spectrum_end=63)
    assert_refused(change_dicom(path, NumberOfFrames=2), "2")


@pytest.mark.parametrize("offset_table", [True, False])
def test_jpeg_2000_in_files_of_their_own_are_not_lost(tmp_path, ramp, offset_table):
    encoded = io.BytesIO()
    Image.fromarray(ramp.astype(np.uint8)).save(encoded, "JPEG2000")
    path = write_dicom(tmp_path / "cine.dcm", np.stack([ramp, ramp, ramp]).astype(np.uint8), NumberOfFrames=2)
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([encoded.getvalue()] * 3, has_bot=offset_table)
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.save_as(path)
    assert_refused(path, "2")


def assert_refused(path, found):
    message = rf"NumberOfFrames: the pixel data hold more frames .* found {found}; expected 3\."
    with pytest.raises(InputError, match=message):
        next(stream_frames(path))
    with pytest.raises(InputError, match=message):
        read_frame(path, 0)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 1), (1, 3, 5), (2, 3, 5), (3, 3, 5)])
@pytest.mark.parametrize("padding", [0, 1, 13])
def test_padding_is_no_frame(tmp_path, shape, padding):
    stored = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    even = stored.tobytes() + b"\0" * (stored.size % 2)
    path = write_dicom(tmp_path / "cine.dcm", stored, PixelData=even + b"\0" * min(padding, stored[0].size - 1))
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], stored)


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("offset_table", [True, False])
def test_frames_in_several_fragments_come_back(tmp_path, cine, frames, offset_table):
    path = write_dicom(tmp_path / "cine.dcm", cine[:frames])
    compressed(path, JPEG2000Lossless)
    dataset = dcmread(path)
    images = list(generate_frames(dataset.PixelData, number_of_frames=frames))
    dataset.PixelData = encapsulate(images, fragments_per_frame=2, has_bot=offset_table)
    dataset.save_as(path)
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], cine[:frames])
    np.testing.assert_array_equal(read_frame(path, frames - 1).pixels, cine[frames - 1])


@pytest.mark.parametrize(("frames", "found"), [(0, "found 0"), (1_000_000, "found 1000000")])
def test_an_impossible_number_of_frames_is_refused(tmp_path, cine, frames, found):
    path = change_dicom(write_dicom(tmp_path / "cine.dcm", cine), NumberOfFrames=frames)
    with pytest.raises(InputError, match=rf"wrong number of frames; {found}; expected 1 to 100000"):
        next(stream_frames(path))


@pytest.mark.parametrize(
    ("syntax", "named", "remedy"),
    [
        (
            "1.2.840.10008.1.2.4.102",
            r"MPEG-4 AVC/H\.264 High Profile / Level 4\.1 \(1\.2\.840\.10008\.1\.2\.4\.102\)",
            "gdcmraw -i FILE -o VIDEO.mp4",
        ),
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile", "gdcmraw"),
        ("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed", "package dcmtk"),
        ("1.2.3.4", r"1\.2\.3\.4'", "package dcmtk"),
    ],
)
def test_a_transfer_syntax_that_nobody_decodes_is_named(tmp_path, cine, syntax, named, remedy):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([b"video"])
    dataset["PixelData"].VR = "OB"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "YBR_PARTIAL_420"  # as every video has them
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    with pytest.raises(InputError, match=rf"unknown transfer syntax; found '.*{named}.*{remedy}"):
        next(stream_frames(path))


IMPLICIT, EXPLICIT = b"UI\x12\x001.2.840.10008.1.2\0", b"UI\x14\x001.2.840.10008.1.2.1\0"


@pytest.mark.parametrize(
    ("syntax", "written", "said", "expected"),
    [
        (ExplicitVRLittleEndian, EXPLICIT, IMPLICIT, "that of explicit VR"),
        (ImplicitVRLittleEndian, IMPLICIT, EXPLICIT, "that of implicit VR"),
    ],
)
def test_a_file_that_is_written_in_another_way_than_it_says_is_refused(tmp_path, cine, syntax, written, said, expected):
    # Its pixels would be read four bytes beside.
    path = in_syntax(write_dicom(tmp_path / "cine.dcm", cine), syntax)
    path.write_bytes(path.read_bytes().replace(written, said))
    with pytest.raises(InputError, match=rf"TransferSyntaxUID: .*another way than it says.*expected {expected}"):
        read_frame(path, 0)
    with pytest.raises(InputError, match="another way than it says"):
        next(stream_frames(path))


def test_a_decoder_that_is_not_installed_is_named(tmp_path, cine, monkeypatch):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, JPEG2000Lossless)
    decoder = get_decoder(JPEG2000Lossless)
    monkeypatch.setattr(decoder, "_available", {})
    monkeypatch.setattr(decoder, "_unavailable", {"pylibjpeg": ("pylibjpeg>=2.0", "pylibjpeg-openjpeg>=2.0")})
    with pytest.raises(InputError, match=r"JPEG 2000 .*Install one of: pylibjpeg - requires .*pylibjpeg-openjpeg"):
        read_frame(path, 0)


def test_sequences_nested_a_thousand_deep_are_refused(tmp_path, cine):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    content = path.read_bytes()
    sequence = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    start = content.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(content[:start] + sequence * 1000 + end * 1000 + content[start:])
    with pytest.raises(InputError, match=r"cannot be decoded \(nested too deep\)"):
        read_frame(path, 0)


def test_enhanced_images_keep_spacing_and_windows_in_functional_groups(tmp_path, ramp):
    def macro(keyword, **attributes):
        group, item = Dataset(), Dataset()
        for name, value in attributes.items():
            setattr(item, name, value)
        setattr(group, keyword, [item])
        return group

    path = change_dicom(
        write_dicom(tmp_path / "enhanced.dcm", np.stack([ramp, ramp])),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.12.1.1",
        ImagerPixelSpacing=None,
        DistanceSourceToPatient=None,
        SharedFunctionalGroupsSequence=[macro("FramePixelDataPropertiesSequence", ImagerPixelSpacing=[0.3, 0.6])],
        PerFrameFunctionalGroupsSequence=[
            macro("FrameVOILUTSequence", WindowCenter=64, WindowWidth=128),
            macro("XRayGeometrySequence", DistanceSourceToIsocenter=600),
        ],
        EstimatedRadiographicMagnificationFactor=None,
    )
    first, second = stream_frames(path)
    assert (first.pixel_spacing_mm, first.spacing_plane) == ((0.3, 0.6), "detector")
    assert second.pixel_spacing_mm == pytest.approx((0.15, 0.3))
    assert second.spacing_plane == "isocentre"
    # Window 64 +- 64 of the range 0 to 255: 32 becomes 255 * ((32 - 63.5) / 127 + 0.5).
    row, column = np.argwhere(ramp == 32)[0]
    assert first.pixels[row, column] == pytest.approx(64.25, abs=0.01)
    np.testing.assert_array_equal(second.pixels, ramp)


def test_an_enhanced_image_that_says_nothing_of_a_frame_ends_before_it(tmp_path, ramp):
    window, group = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 128, 256
    group.FrameVOILUTSequence = [window]
    path = write_dicom(tmp_path / "enhanced.dcm", np.stack([ramp] * 3), PerFrameFunctionalGroupsSequence=[group] * 2)
    found = []
    message = r"PerFrameFunctionalGroupsSequence: says nothing of frame 2; found '2 items'"
    with pytest.raises(InputError, match=message):
        found.extend(stream_frames(path))
    assert len(found) == 2
    with pytest.raises(InputError, match=message):
        read_frame(path, 2)


def test_enhanced_images_keep_a_calibrated_spacing_in_functional_groups(tmp_path, ramp):
    group, calibration = Dataset(), Dataset()
    calibration.ObjectPixelSpacingInCenterOfBeam = [0.25, 0.5]
    group.ProjectionPixelCalibrationSequence = [calibration]
    path = change_dicom(
        write_dicom(tmp_path / "enhanced.dcm", np.stack([ramp, ramp])), SharedFunctionalGroupsSequence=[group]
    )
    found = [(frame.pixel_spacing_mm, frame.spacing_plane) for frame in stream_frames(path)]
    assert found == [((0.25, 0.5), "isocentre")] * 2


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


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGExtended12Bit], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("spectrum_end", [63, 0], ids=["right", "end of spectrum left out"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_so_they_do_from_words_of_16_bits(tmp_path, ramp, syntax, spectrum_end, photometric):
    frames = np.stack([ramp, ramp + 20])
    path = jpeg_cine(tmp_path / "cine.dcm", frames, spectrum_end=spectrum_end)
    dataset = dcmread(change_dicom(path, BitsAllocated=16, PhotometricInterpretation=photometric))
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)
    shown = frames if photometric == "MONOCHROME2" else 255 - frames
    np.testing.assert_allclose([frame.pixels for frame in stream_frames(path)], shown, atol=4)
    np.testing.assert_allclose(read_frame(path, 1).pixels, shown[1], atol=4)


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


def test_run_lengths_that_do_not_fill_the_frame_are_refused(tmp_path, cine):
    path = write_dicom(tmp_path / "frame.dcm", cine[0])
    compressed(path, RLELossless)
    segment = b"\x81\x00" * 40  # 40 runs of 128: fewer than the 72 x 80 bytes of a segment
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
        ({"Rows": None}, "holds no image: Rows and Columns are missing."),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "wrong PhotometricInterpretation; found 'PALETTE COLOR'"),
        ({"PhotometricInterpretation": None}, "wrong PhotometricInterpretation"),
        ({"Rows": 60000, "Columns": 60000}, "wrong size; found '60000 x 60000 pixels'"),
        ({"Rows": 0}, "wrong size; found '0 x 40 pixels'"),
        ({"PixelData": None}, "holds no pixel data"),
        (
            {"PixelData": None, "PixelDataProviderURL": "https://archive/1"},
            "holds no pixel data. They lie on a JPIP server",
        ),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33", "Rows": None}, "holds no image"),
        ({"NumberOfFrames": 9}, "holds 9 frames, say which"),
    ],
)
def test_headers_that_do_not_fit_are_refused(tmp_path, ramp, attributes, problem):
    path = change_dicom(write_dicom(tmp_path / "frame.dcm", ramp), **attributes)
    with pytest.raises(InputError, match=problem):
        read_frame(path)


WHOLE_WORDS = [None, RLELossless, JPEG2000Lossless, JPEGLSLossless]


@pytest.mark.parametrize("syntax", WHOLE_WORDS, ids=lambda syntax: syntax and syntax.name)
def test_pixels_in_the_upper_bits_are_refused(tmp_path, ramp, syntax):
    path = write_dicom(tmp_path / "old.dcm", np.tile(ramp.astype(np.uint16) << 6, (2, 2)))
    if syntax is not None:
        compressed(path, syntax)
    change_dicom(path, BitsStored=10, HighBit=15)
    with pytest.raises(InputError, match=r"old\.dcm: HighBit: pixels lie in the wrong bits; found 15; expected 9"):
        read_frame(path)


@pytest.mark.parametrize("syntax", WHOLE_WORDS, ids=lambda syntax: syntax and syntax.name)
@pytest.mark.parametrize(("kind", "lowest"), [(np.uint16, 0), (np.int16, -512)])
def test_what_else_lies_in_the_upper_bits_is_masked_out(tmp_path, ramp, syntax, kind, lowest):
    expected = np.tile(ramp.astype(np.int64), (2, 2)) + lowest
    stored = (expected & 0x3FF).astype(np.uint16)
    stored[::3, ::2] |= 0x8000  # an overlay, as older files have it
    path = write_dicom(tmp_path / "old.dcm", stored)
    if syntax is not None:
        compressed(path, syntax)
    change_dicom(path, BitsStored=10, HighBit=9, PixelRepresentation=int(kind == np.int16))
    np.testing.assert_array_equal(read_frame(path).pixels, expected)


# A lossless JPEG of 8 bits, first-order prediction, a category of differences in 5 bits each.
LOSSLESS = (
    "ffd8ffc3000b080002000301011100ffc400240000000000110000000000000000000000000102030405060708090a0b0c0d0e0f10"
    "ffda000801010001000043fa3fd006387f870bffd9"
)


@pytest.mark.parametrize("syntax", [JPEGLossless, JPEGLosslessSV1], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("frames", [1, 2])
def test_lossless_jpeg_of_8_bits_comes_back_from_words_of_any_length(tmp_path, syntax, bits, frames):
    path = write_dicom(tmp_path / "cine.dcm", np.zeros((frames, 2, 3), np.uint8))
    dataset = dcmread(change_dicom(path, BitsAllocated=bits, BitsStored=8, HighBit=7))
    dataset.PixelData = encapsulate([bytes.fromhex(LOSSLESS)] * frames)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)
    expected = [[[0, 255, 3], [4, 128, 6]]] * frames
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], expected)
    np.testing.assert_array_equal(read_frame(path, frames - 1).pixels, expected[0])


# High-Throughput JPEG 2000 of the same pixels, as OpenJPH writes it.
HIGH_THROUGHPUT = (
    "ff4fff510029400000000003000000020000000000000000000000030000000200000000000000000001070101ff5000080002"
    "00000002ff52000c00020001000504044001ff5c00132048505050505050505050505050484848ff90000a0000000000350001"
    "ff93c025f900077400000000c01200fc277300c025804d00947801877400f9fd002234000301877400ffd9"
)


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("bits", [8, 16])
def test_high_throughput_jpeg_2000_comes_back(tmp_path, syntax, bits):
    path = write_dicom(tmp_path / "cine.dcm", np.zeros((2, 2, 3), np.uint8))
    dataset = dcmread(change_dicom(path, BitsAllocated=bits, BitsStored=8, HighBit=7))
    dataset.PixelData = encapsulate([bytes.fromhex(HIGH_THROUGHPUT)] * 2)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)
    expected = [[[0, 255, 3], [4, 128, 6]]] * 2
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], expected)
    np.testing.assert_array_equal(read_frame(path, 1).pixels, expected[1])


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("offsets", [[0], [0, 0, 0], [0, 2], [2**20, 2**21, 2**22]])
def test_an_offset_table_that_is_wrong_is_no_hindrance(tmp_path, cine, syntax, offsets):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, syntax, offset_table=False)
    dataset = dcmread(path)
    table = struct.pack(f"<{len(offsets)}L", *offsets)
    dataset.PixelData = b"\xfe\xff\0\xe0" + struct.pack("<L", len(table)) + table + dataset.PixelData[8:]
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], cine)
    np.testing.assert_array_equal([read_frame(path, index).pixels for index in range(3)], cine)


def test_so_is_an_extended_offset_table(tmp_path, cine):
    path = write_dicom(tmp_path / "cine.dcm", cine)
    compressed(path, JPEG2000Lossless, offset_table=False)
    tables = {"ExtendedOffsetTable": (0, 8, 16), "ExtendedOffsetTableLengths": (8, 8, 8)}
    change_dicom(path, **{keyword: struct.pack("<3Q", *values) for keyword, values in tables.items()})
    np.testing.assert_array_equal([frame.pixels for frame in stream_frames(path)], cine)
    np.testing.assert_array_equal([read_frame(path, index).pixels for index in range(3)], cine)


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


def test_dicom_without_its_preamble_is_told_from_what_is_no_image(tmp_path, cine):
    path = write_dicom(tmp_path / "frame.dcm", cine[0])
    dataset = dcmread(path)
    dcmwrite(path, Dataset(dataset), implicit_vr=True, little_endian=True)
    assert path.read_bytes()[128:132] != b"DICM"
    with pytest.raises(InputError, match=r"DICOM without the 128-byte preamble .*dcmconv"):
        read_frame(path)
