"""Network output to electrodes."""

from custom.postprocessing.electrodes import ElectrodeBatch, decode_electrodes

__all__ = ["ElectrodeBatch", "decode_electrodes"]
