"""Decode sequential JPEG whose scan header leaves out where its spectrum ends, as old cine stations wrote it.

A plugin of pydicom, which tries it when its own decoders have refused a frame.
"""

from __future__ import annotations

from typing import Any

from libjpeg import decode_pixel_data
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit

SYNTAXES = (JPEGBaseline8Bit, JPEGExtended12Bit)
START_OF_SCAN = 0xDA
LAST_COEFFICIENT = 63


def register() -> None:
    """Make the decoder known to pydicom."""
    for syntax in SYNTAXES:
        get_decoder(syntax).add_plugin("repair", (__name__, "decode_frame"))


def is_available(syntax: str) -> bool:
    """Tell pydicom which transfer syntaxes are decoded here."""
    return syntax in SYNTAXES


def decode_frame(encoded: bytes, runner: Any) -> bytearray:
    """Decode one frame for pydicom."""
    decoded: bytearray = decode_pixel_data(with_whole_spectrum(encoded), version=2, **runner.options)
    return decoded


def with_whole_spectrum(encoded: bytes) -> bytes:
    """Return a sequential JPEG whose first scan covers all 64 coefficients, as the standard demands.

    Raises:
        ValueError: if it has no scan.
    """
    start = 2
    while start + 4 <= len(encoded) and encoded[start] == 0xFF:
        length = int.from_bytes(encoded[start + 2 : start + 4])
        if encoded[start + 1] == START_OF_SCAN:
            end_of_spectrum = start + length  # the last byte but one of the scan's header
            return encoded[:end_of_spectrum] + bytes([LAST_COEFFICIENT]) + encoded[end_of_spectrum + 1 :]
        start += 2 + length
    raise ValueError("the JPEG stream has no scan")
