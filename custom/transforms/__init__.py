"""Dictionary transforms of one frame, augmentation and targets of a batch."""

from custom.transforms.augmentation import BatchAugmentation
from custom.transforms.check_frame import CheckFramed, FlagUnlikeTrainingd
from custom.transforms.crop import RandomCropd
from custom.transforms.decode import DecodePredictiond
from custom.transforms.drawings import EraseDrawingsd
from custom.transforms.find_catheters import FindCathetersd
from custom.transforms.fit import FitToNetworkd
from custom.transforms.geometry import FrameGeometry
from custom.transforms.labels import PrepareLabelsd
from custom.transforms.load import LoadFramed
from custom.transforms.monai_label import MonaiLabelReplyd
from custom.transforms.normalize import NormalizeFramed
from custom.transforms.targets import HeadTargets

__all__ = [
    "BatchAugmentation",
    "CheckFramed",
    "DecodePredictiond",
    "EraseDrawingsd",
    "FindCathetersd",
    "FitToNetworkd",
    "FlagUnlikeTrainingd",
    "FrameGeometry",
    "HeadTargets",
    "LoadFramed",
    "MonaiLabelReplyd",
    "NormalizeFramed",
    "PrepareLabelsd",
    "RandomCropd",
]
