"""Key performance indicators of electrode detection (paper, equation 5 and Table 6)."""

from __future__ import annotations

from abc import abstractmethod

import torch

from custom.errors import InputError
from custom.postprocessing.electrodes import MOST_ELECTRODES, decode_electrodes
from custom.prioritization.kpis import Kpi
from custom.prioritization.matching import matched_distances
from custom.tensors import Tensors

SMALLEST_ERROR = 1e-3


class LocalisationKpi(Kpi):
    """One over one plus the error in pixels from each true electrode to the electrode found for it, one-to-one.

    A frame without electrodes has 1 where nothing was found, 0 otherwise.

    Args:
        max_distance: pixels that an electrode counts to which nothing is found as near as that.
        minimum_score: from which a peak of the heatmap is an electrode.
        literal: one over the error, as the paper writes it; above 1 where the error is below a pixel.

    Raises:
        InputError: where `max_distance` is no distance.
    """

    def __init__(self, max_distance: float = 16.0, *, minimum_score: float = 0.3, literal: bool = False) -> None:
        if not max_distance > 0:
            raise InputError("no distance", field="max_distance", found=max_distance, expected="pixels, above 0")
        self.max_distance = max_distance
        self.minimum_score = minimum_score
        self.literal = literal

    def __call__(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """See `Kpi`."""
        true_valid = label["electrode_valid"]
        found = decode_electrodes(pred, max(MOST_ELECTRODES, true_valid.shape[1]), self.minimum_score)
        found_valid = found.scores > 0
        distances = matched_distances(
            label["electrodes"][..., :2].float(),
            true_valid,
            found.boxes[..., :2].float(),
            found_valid,
            max_distance=self.max_distance,
        )
        error = self.error(distances * true_valid, true_valid.sum(1).clamp(min=1))
        kpi = 1 / error.clamp(min=SMALLEST_ERROR) if self.literal else 1 / (1 + error)
        return torch.where(true_valid.any(1), kpi, (~found_valid.any(1)).float())

    @abstractmethod
    def error(self, distances: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        """Reduce distances (B, N), 0 where there is no electrode, to (B,), given the number of electrodes (B,)."""


class MeanAbsoluteErrorKpi(LocalisationKpi):
    """The error is the mean distance (the paper's choice)."""

    def error(self, distances: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        """See `LocalisationKpi`."""
        return distances.sum(1) / count


class RootMeanSquareErrorKpi(LocalisationKpi):
    """The error is the root of the mean squared distance."""

    def error(self, distances: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        """See `LocalisationKpi`."""
        return (distances.square().sum(1) / count).sqrt()
