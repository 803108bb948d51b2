"""Losses of the tasks, a value for every sample, and the prioritized sum of them."""

from custom.losses.detection import CenterFocalLoss, DetectionLoss
from custom.losses.prioritized import PrioritizedLoss
from custom.losses.segmentation import CrossEntropyLoss, SegmentationLoss

__all__ = ["CenterFocalLoss", "CrossEntropyLoss", "DetectionLoss", "PrioritizedLoss", "SegmentationLoss"]
