"""What an image chain, or a view, unlike that of training does to the network's results."""

from custom.robustness.evaluation import evaluate_robustness
from custom.robustness.geometry import Collimation, ExtraWires, Rotation
from custom.robustness.grey_values import (
    Blur,
    BurnedInGraphics,
    BurnedInText,
    EdgeEnhancement,
    FewLevels,
    Gamma,
    Inversion,
    JpegCompression,
    LowContrast,
    LowerDose,
    NoiseReduction,
    WhiteNoise,
)
from custom.robustness.transform import CorruptFramed

__all__ = [
    "Blur",
    "BurnedInGraphics",
    "BurnedInText",
    "Collimation",
    "CorruptFramed",
    "EdgeEnhancement",
    "ExtraWires",
    "FewLevels",
    "Gamma",
    "Inversion",
    "JpegCompression",
    "LowContrast",
    "LowerDose",
    "NoiseReduction",
    "Rotation",
    "WhiteNoise",
    "evaluate_robustness",
]
