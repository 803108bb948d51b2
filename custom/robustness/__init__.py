"""What an image chain, or a view, unlike that of training does to the network's results."""

from custom.robustness.evaluation import evaluate_robustness
from custom.robustness.geometry import Collimation, ExtraWires, Rotation
from custom.robustness.grey_values import Blur, Gamma, Inversion, JpegCompression, LowContrast, LowerDose, WhiteNoise
from custom.robustness.transform import CorruptFramed

__all__ = [
    "Blur",
    "Collimation",
    "CorruptFramed",
    "ExtraWires",
    "Gamma",
    "Inversion",
    "JpegCompression",
    "LowContrast",
    "LowerDose",
    "Rotation",
    "WhiteNoise",
    "evaluate_robustness",
]
