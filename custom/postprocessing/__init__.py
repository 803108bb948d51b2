"""From the network's output to electrodes, catheters and their tracks."""

from custom.postprocessing.electrodes import ElectrodeBatch, decode_electrodes
from custom.postprocessing.tracking.tracker import CatheterTracker

__all__ = ["CatheterTracker", "ElectrodeBatch", "decode_electrodes"]
