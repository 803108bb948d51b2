"""Decode lossless JPEG of 8 bits and fewer in words of 16, which pydicom's own plugin takes for half as many pixels."""

from __future__ import annotations

from typing import Any

from libjpeg import decode_pixel_data
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGLossless, JPEGLosslessSV1

SYNTAXES = (JPEGLossless, JPEGLosslessSV1)


def register() -> None:
    """Put the decoder into the place of pydicom's own."""
    for syntax in SYNTAXES:
        decoder = get_decoder(syntax)
        if "pylibjpeg" in decoder.available_plugins:
            decoder.remove_plugin("pylibjpeg")
            decoder.add_plugin("libjpeg", (__name__, "decode_frame"))


def is_available(syntax: str) -> bool:
    """Tell pydicom which transfer syntaxes are decoded here."""
    return syntax in SYNTAXES


def decode_frame(encoded: bytes, runner: Any) -> bytearray:
    """Decode one frame for pydicom, and tell it how many bytes a value has."""
    decoded: bytearray = decode_pixel_data(encoded, version=2, **runner.options)
    if len(decoded) == runner.frame_length("pixels"):
        runner.set_option("bits_allocated", 8)
    return decoded
