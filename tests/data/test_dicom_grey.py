import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from custom.data.reader import read_frame
from custom.errors import InputError
from tests.data.dicom_files import lookup_table, write_dicom

TEN_BITS = {"BitsStored": 10, "HighBit": 9}


def grey(path, values, **attributes):
    stored = np.asarray([values], dtype=attributes.pop("dtype", np.uint16))
    return read_frame(write_dicom(path / "frame.dcm", stored, **attributes)).pixels[0].tolist()


def test_without_luts_stored_values_are_the_grey(tmp_path):
    assert grey(tmp_path, [0, 5, 1023], **TEN_BITS) == [0, 5, 1023]


def test_monochrome1_is_inverted_within_its_bits(tmp_path):
    assert grey(tmp_path, [0, 5, 1023], PhotometricInterpretation="MONOCHROME1", **TEN_BITS) == [1023, 1018, 0]


def test_signed_monochrome1_keeps_its_range(tmp_path):
    # 16 bits reach from -32768 to 32767, whose sum is -1.
    found = grey(tmp_path, [-3, 0, 7], dtype=np.int16, PhotometricInterpretation="MONOCHROME1")
    assert found == [2, -1, -8]


def test_rescaling_comes_first(tmp_path):
    assert grey(tmp_path, [0, 5, 1023], RescaleSlope=2, RescaleIntercept=-10, **TEN_BITS) == [-10, 0, 2036]


def test_window(tmp_path):
    # Linear: 50 and below are black, above 150 is white, 75 is a quarter of 1023.
    found = grey(tmp_path, [10, 50, 75, 151, 900], WindowCenter=100.5, WindowWidth=101, **TEN_BITS)
    assert found == [0, 0, 255.75, 1023, 1023]


def test_exact_window(tmp_path):
    # Exactly linear from 50 to 150.
    window = {"WindowCenter": 100, "WindowWidth": 100, "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(tmp_path, [50, 75, 100, 150], **window, **TEN_BITS) == [0, 255.75, 511.5, 1023]


def test_the_first_of_several_windows_counts(tmp_path):
    found = grey(tmp_path, [75], WindowCenter=[100.5, 600], WindowWidth=[101, 40], **TEN_BITS)
    assert found == [255.75]


def test_rescale_window_inversion_in_that_order(tmp_path):
    # 40 -> 80 by rescaling -> 0.3 of the range 0 ... 2046 by the window -> 0.7 of it by inversion.
    found = grey(
        tmp_path,
        [40],
        RescaleSlope=2,
        RescaleIntercept=0,
        WindowCenter=100.5,
        WindowWidth=101,
        PhotometricInterpretation="MONOCHROME1",
        **TEN_BITS,
    )
    assert found == pytest.approx([0.7 * 2046])


def test_a_window_spans_a_range_that_does_not_begin_at_0(tmp_path):
    # Rescaled values reach from -1000 to 23; 100 becomes -900, which is a quarter of the window.
    window = {"WindowCenter": -800, "WindowWidth": 400, "VOILUTFunction": "LINEAR_EXACT"}
    rescaled = {"RescaleSlope": 1, "RescaleIntercept": -1000, **window, **TEN_BITS}
    assert grey(tmp_path, [0, 100, 200, 600], **rescaled) == [-1000, -1000 + 1023 / 4, -1000 + 1023 / 2, 23]


FALLING = {"RescaleSlope": -1, "RescaleIntercept": 1023, **TEN_BITS}


def test_a_window_keeps_bright_bright_where_the_slope_is_negative(tmp_path):
    # 1003 -> 20 and 898 -> 125, which are black and three quarters of 1023 in the window from 50 to 150.
    window = {"WindowCenter": 100, "WindowWidth": 100, "VOILUTFunction": "LINEAR_EXACT", **FALLING}
    assert grey(tmp_path, [1003, 898, 100], **window) == [0, 767.25, 1023]
    inverted = {"PhotometricInterpretation": "MONOCHROME1", **window}
    assert grey(tmp_path, [1003, 898, 100], **inverted) == [1023, 255.75, 0]


def test_a_negative_slope_beside_a_modality_lut_does_not_count(tmp_path):
    table = lookup_table([0, 100, 1000], first=0, bits=10)
    window = {"WindowCenter": 1000, "WindowWidth": 200, "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(tmp_path, [0, 2], ModalityLUTSequence=table, **window, **TEN_BITS) == [0, 511.5]


def test_an_8_bit_voi_lut_over_10_bits(tmp_path):
    table = lookup_table([value // 4 for value in range(1024)], first=0, bits=8)
    assert grey(tmp_path, [0, 400, 1023], VOILUTSequence=table, **TEN_BITS) == [0, 100, 255]
    inverted = {"PhotometricInterpretation": "MONOCHROME1", **TEN_BITS}
    assert grey(tmp_path, [0, 400, 1023], VOILUTSequence=table, **inverted) == [255, 155, 0]


def test_a_lut_clamps_and_beats_the_window(tmp_path):
    table = lookup_table([7, 9, 11], first=100, bits=12)
    window = {"WindowCenter": 100.5, "WindowWidth": 101}
    assert grey(tmp_path, [0, 100, 101, 500], VOILUTSequence=table, **window, **TEN_BITS) == [7, 7, 9, 11]


def test_a_lut_of_one_entry(tmp_path):
    assert grey(tmp_path, [0, 5], VOILUTSequence=lookup_table([7], first=0, bits=10), **TEN_BITS) == [7, 7]


def test_8_bit_entries_two_to_a_word(tmp_path):
    table = lookup_table([0x0907, 0x0D0B], first=0, bits=8)
    table[0].LUTDescriptor = [4, 0, 8]
    assert grey(tmp_path, [0, 1, 2, 3], VOILUTSequence=table, **TEN_BITS) == [7, 9, 11, 13]


@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_lut_with_too_few_entries_is_refused(tmp_path, keyword):
    table = lookup_table([7, 9], first=0, bits=10)
    table[0].LUTDescriptor = [1024, 0, 10]
    with pytest.raises(InputError, match=r"frame\.dcm: LUTData: too few entries; found 2; expected 1024"):
        grey(tmp_path, [0, 1], **{keyword: table}, **TEN_BITS)


def test_a_12_bit_modality_lut_feeds_the_window(tmp_path):
    # 2 -> 1000 by the LUT -> the middle of the window -> half of 4095.
    table = lookup_table([0, 100, 1000], first=0, bits=12)
    window = {"WindowCenter": 1000, "WindowWidth": 200, "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(tmp_path, [0, 2], ModalityLUTSequence=table, **window, **TEN_BITS) == [0, 2047.5]


def test_a_voi_lut_follows_rescaling(tmp_path):
    table = lookup_table(list(range(50, 60)), first=10, bits=10)
    assert grey(tmp_path, [6], VOILUTSequence=table, RescaleSlope=2, RescaleIntercept=1, **TEN_BITS) == [53]


@pytest.mark.parametrize(
    ("values", "bits", "data"),
    [([7, 300, 1023], 10, b"\x00\x07\x01\x2c\x03\xff"), ([7, 9, 11, 13], 8, b"\x09\x07\x0d\x0b")],
)
def test_a_lut_in_words_of_a_big_endian_file(tmp_path, values, bits, data):
    table = lookup_table(values, first=0, bits=bits)
    table[0].add_new("LUTData", "OW", data)
    path = write_dicom(tmp_path / "frame.dcm", np.asarray([range(4)], np.uint8), VOILUTSequence=table)
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dcmwrite(path, dataset, implicit_vr=False, little_endian=False, force_encoding=True)
    assert read_frame(path).pixels[0].tolist() == [*values, values[-1]][:4]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, None])
def test_the_first_value_of_a_voi_lut_has_a_sign_where_rescaled_values_have(tmp_path, syntax):
    # Both write -1000 as 64536: in implicit VR nothing tells, in explicit VR writers err.
    table = lookup_table([7, 9, 11], first=2**16 - 1000, bits=10)
    rescaled = {"RescaleSlope": 1, "RescaleIntercept": -1000, **TEN_BITS}
    path = write_dicom(tmp_path / "frame.dcm", np.asarray([[0, 1, 2, 900]], np.uint16), **rescaled)
    dataset = dcmread(path)
    dataset.VOILUTSequence = table
    if syntax:
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.save_as(path, implicit_vr=True, little_endian=True)
    else:
        dataset.save_as(path)
    assert read_frame(path).pixels[0].tolist() == [7, 9, 11, 11]


@pytest.mark.parametrize(
    ("function", "width", "problem"),
    [
        ("LINEAR", 0.5, "found 0.5; expected 1 or more"),
        ("LINEAR", [0, 100], "found 0.0; expected 1 or more"),
        ("LINEAR_EXACT", 0, "found 0.0; expected more than 0"),
        ("SIGMOID", -3, "found -3.0; expected more than 0"),
    ],
)
def test_an_impossible_window_is_refused(tmp_path, function, width, problem):
    with pytest.raises(InputError, match=rf"frame\.dcm: WindowWidth: too narrow; {problem}"):
        grey(tmp_path, [0, 1], WindowCenter=1, WindowWidth=width, VOILUTFunction=function)


def test_a_window_of_an_unknown_function_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"VOILUTFunction: no such window; found 'LOG'; expected LINEAR, LINEAR_EXACT"):
        grey(tmp_path, [0, 1], WindowCenter=1, WindowWidth=2, VOILUTFunction="LOG")


def test_a_window_one_wide_is_a_threshold(tmp_path):
    assert grey(tmp_path, [4, 5, 6], WindowCenter=5.5, WindowWidth=1, **TEN_BITS) == [0, 0, 1023]


def test_a_sigmoid_window(tmp_path):
    window = {"WindowCenter": 100, "WindowWidth": 4, "VOILUTFunction": "SIGMOID", **TEN_BITS}
    # exp(-4 * 1 / 4) = 0.36788, and 1023 / 1.36788 = 747.87.
    assert grey(tmp_path, [0, 100, 101, 1000], **window) == pytest.approx([0, 511.5, 747.87, 1023], abs=0.01)


@pytest.mark.parametrize("empty", ["", ["", ""]])
def test_what_is_empty_in_a_window_counts_as_absent(tmp_path, empty):
    assert grey(tmp_path, [75], WindowCenter=empty, WindowWidth=empty, **TEN_BITS) == [75]
    assert grey(tmp_path, [75], WindowCenter=100.5, WindowWidth=empty, **TEN_BITS) == [75]
    assert grey(tmp_path, [75], WindowCenter=100.5, WindowWidth=101, VOILUTFunction="", **TEN_BITS) == [255.75]


@pytest.mark.parametrize("zero", [0, [0, 0]])
def test_a_window_of_zeros_counts_as_none(tmp_path, zero):
    assert grey(tmp_path, [75], WindowCenter=zero, WindowWidth=zero, **TEN_BITS) == [75]


def test_an_exact_window_may_be_narrower_than_one(tmp_path):
    # From 4.75 to 5.25, in which 5 is the middle.
    window = {"WindowCenter": 5, "WindowWidth": 0.5, "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(tmp_path, [4, 5, 6], **window, **TEN_BITS) == [0, 511.5, 1023]


@pytest.mark.parametrize(("slope", "intercept"), [("", ""), (2, ""), ("", -10)])
def test_rescaling_that_is_empty_is_none(tmp_path, slope, intercept):
    empty = {"RescaleSlope": slope, "RescaleIntercept": intercept, **TEN_BITS}
    assert grey(tmp_path, [0, 5, 1023], **empty) == [0, 5, 1023]
    assert grey(tmp_path, [0, 5, 1023], PhotometricInterpretation="MONOCHROME1", **empty) == [1023, 1018, 0]
    assert grey(tmp_path, [75], WindowCenter=100.5, WindowWidth=101, **empty) == [255.75]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("MONOCHROME2", [300, 300, 700, 300]), ("MONOCHROME1", [65535 - 700, 65535 - 300, 65535 - 700, 65535 - 700])],
)
def test_padding_is_as_dark_as_the_darkest_pixel(tmp_path, kind, shown):
    padded = {"PixelPaddingValue": 65535, "PhotometricInterpretation": kind}
    assert grey(tmp_path, [65535, 300, 700, 65535], **padded) == shown


def test_padding_is_dark_where_the_slope_is_negative(tmp_path):
    assert grey(tmp_path, [9, 300, 700, 9], PixelPaddingValue=9, **FALLING) == [323, 723, 323, 323]


def test_padding_may_be_a_range_given_from_either_end(tmp_path):
    for first, last in ((0, 10), (10, 0)):
        padded = {"PixelPaddingValue": first, "PixelPaddingRangeLimit": last}
        assert grey(tmp_path, [0, 5, 10, 300, 700], **padded) == [300, 300, 300, 300, 700]


@pytest.mark.parametrize(
    ("padding", "written", "bits"),
    [
        (-2000, 65536 - 2000, {}),
        (-32768, 32768, {}),  # the lowest value
        (30, 30, {}),
        (-2000, 65536 - 2000, {"BitsStored": 12, "HighBit": 11}),  # its 16 bits in place of the 12 that are used
    ],
)
def test_padding_of_signed_pixels_may_be_written_without_a_sign(tmp_path, padding, written, bits):
    assert grey(tmp_path, [padding, -5, 40], dtype=np.int16, PixelPaddingValue=written, **bits) == [-5, -5, 40]


def test_a_frame_of_nothing_but_padding_stays(tmp_path):
    assert grey(tmp_path, [9, 9], PixelPaddingValue=9) == [9, 9]
