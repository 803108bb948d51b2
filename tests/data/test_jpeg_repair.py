import pytest

from custom.data.jpeg_repair import with_whole_spectrum

TABLE = b"\xff\xdb\x00\x06\xff\xda\x00\x01"  # holds what looks like the marker of a scan


def stream(spectrum_end):
    return b"\xff\xd8" + TABLE + b"\xff\xda\x00\x08\x01\x01\x00\x00" + bytes([spectrum_end]) + b"\x00data"


def test_the_end_of_the_spectrum_is_set():
    assert with_whole_spectrum(stream(0)) == stream(63)
    assert with_whole_spectrum(stream(63)) == stream(63)


@pytest.mark.parametrize("encoded", [b"", b"\xff\xd8", b"\xff\xd8" + TABLE, b"\xff\xd8\x00\x00\x00\x00\x00"])
def test_streams_without_a_scan_are_refused(encoded):
    with pytest.raises(ValueError, match="no scan"):
        with_whole_spectrum(encoded)
