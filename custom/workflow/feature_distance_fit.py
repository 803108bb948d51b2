"""Fitting what the network takes for like its training frames."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
import torch
from monai.utils import convert_to_tensor
from sklearn.covariance import LedoitWolf
from tqdm import tqdm

from custom.data import evenly_spread
from custom.errors import InputError
from custom.networks import CatheterNet
from custom.workflow.weights_file import load_network, save_weights

FOLDS = 5
FEWEST_FRAMES = 20

logger = logging.getLogger("catheter.train")


class FeatureDistanceFit:
    """Fits the mean and precision of the training frames' features, and the distance that counts as far.

    The limit is a quantile of the distances of frames from fits without them and their neighbours in the list, which
    are often of the same patient: their distances from a fit with them would be too small for frames not seen.

    Args:
        network: its `feature_distance` is fitted.
        dataset: samples with `image` (1, H, W), prepared as for inference; the augmentation is left out.
        frames: how many of them to use, evenly spread; all where there are fewer, none where 0.
        quantile: share of unseen frames that should lie within the limit.
    """

    def __init__(
        self,
        *,
        network: CatheterNet,
        dataset: Sequence[dict[str, Any]],
        frames: int = 2000,
        quantile: float = 0.99,
    ) -> None:
        self.network = network
        self.dataset = dataset
        self.frames = frames
        self.quantile = quantile

    def fit_weights(self, path: str | Path) -> None:
        """Load weights, fit the distance for them, and write it back with them.

        Raises:
            InputError: where the network has no feature distance, the frames are too few, or the weights do not fit.
        """
        if not self._has_distance:
            raise InputError("a network of this kind has no feature distance", field="network_def")
        self._check_frames()
        load_network(self.network, path)
        self.fit()
        save_weights(self.network, path)

    def fit_trained(self, path: str | Path) -> None:
        """Do the same at the end of a training, where too few frames are no error; the first process does it.

        A network without `feature_distance` is left as it is.
        """
        if self.frames == 0 or not self._has_distance or idist.get_rank() != 0:
            return
        try:
            self.fit_weights(path)
        except InputError as error:
            logger.warning(f"frames unlike the training frames will not be told apart: {error}")

    def forget(self) -> None:
        """Forget a distance that belongs to weights from which a training starts."""
        if self._has_distance:
            self.network.feature_distance.forget()

    @property
    def _has_distance(self) -> bool:
        return hasattr(self.network, "feature_distance")

    def fit(self) -> None:
        """Fit the distance for the weights that the network has."""
        features = self._features()
        limit = float(np.quantile(_unseen_distances(features), self.quantile))
        fitted = LedoitWolf().fit(features)
        mean, precision = torch.from_numpy(fitted.location_), torch.from_numpy(fitted.precision_)
        self.network.feature_distance.set(mean, precision, limit)
        logger.info(f"fitted on {len(features)} frames what unlike the training frames means")

    def _check_frames(self) -> None:
        found = min(self.frames, len(self.dataset))
        if found < FEWEST_FRAMES:
            expected = f"{FEWEST_FRAMES} or more"
            raise InputError("too few training frames", field="feature_distance_frames", found=found, expected=expected)

    @torch.no_grad()
    def _features(self) -> np.ndarray:
        """Pooled features of the frames, (frames, channels) float64."""
        training = self.network.training
        self.network.eval()
        device = next(self.network.parameters()).device
        indices = evenly_spread(range(len(self.dataset)), self.frames)
        features = []
        torch.manual_seed(0)  # random crops alike after a resume
        for index in tqdm(indices, desc="feature distance", leave=False, disable=None):
            image = convert_to_tensor(self.dataset[index]["image"], track_meta=False)
            features.append(self.network.pooled_features(image[None].to(device))[0].cpu().double().numpy())
        self.network.train(training)
        return np.array(features)


def _unseen_distances(features: np.ndarray) -> np.ndarray:
    distances = []
    for fold in np.array_split(np.arange(len(features)), FOLDS):
        fitted = LedoitWolf().fit(np.delete(features, fold, axis=0))
        distances.append(np.sqrt(fitted.mahalanobis(features[fold])))
    return np.concatenate(distances)
