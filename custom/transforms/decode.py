"""From the network's output to results on the original frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from monai.utils import convert_to_dst_type, convert_to_tensor

from custom.errors import InputError
from custom.postprocessing.electrode_spread import electrode_spread
from custom.postprocessing.electrodes import MOST_ELECTRODES, decode_electrodes
from custom.postprocessing.mask_pieces import without_unsure_pieces
from custom.tensors import Tensors
from custom.transforms.checks import check_probabilities
from custom.transforms.geometry import FrameGeometry, inside_frame
from custom.transforms.sampling import spacing_at_detector

HEADS = ("segmentation", "center", "size", "offset")
VIEWS = "electrode_views"
PROBABILITY = "mask_probability"
SPREAD_REACH = 6.0  # network pixels


class DecodePredictiond(Transform):
    """Turns the logits of one frame into a mask and electrodes on the frame's original grid.

    The logits are the dict `pred`, as MONAI's engines give them, or lie beside `image`, as MONAI Label puts them.

    Args:
        threshold: probability from which a pixel belongs to a catheter or wire.
        piece_threshold: probability from which a pixel counts for its piece of the mask.
        minimum_score: centre score from which an electrode counts.
        maximum: most electrodes in a frame.
        smallest_piece_mm2: area of such pixels at the detector that a piece of the mask needs, 0 keeps all; see
            `without_unsure_pieces`, and `spacing_at_detector` for frames that do not tell their spacing.

    Raises:
        InputError: where the area is negative, or a probability or score is no number from 0 to 1.
    """

    def __init__(
        self,
        threshold: float = 0.5,
        minimum_score: float = 0.3,
        maximum: int = MOST_ELECTRODES,
        *,
        piece_threshold: float = 0.0,
        smallest_piece_mm2: float = 0.0,
    ) -> None:
        if not smallest_piece_mm2 >= 0:
            raise InputError(
                "no area", field="smallest_piece_mm2", found=smallest_piece_mm2, expected="0, which keeps all, or more"
            )
        check_probabilities(mask_threshold=threshold, piece_threshold=piece_threshold, minimum_score=minimum_score)
        self.threshold = threshold
        self.piece_threshold = piece_threshold
        self.minimum_score = minimum_score
        self.maximum = maximum
        self.smallest_piece_mm2 = smallest_piece_mm2

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Decode one sample, that is, without batch axis.

        Args:
            data: holds the logits and `geometry`, and may hold `pixel_spacing_mm`, `spacing_plane` and `field_side`, as
                FitToNetworkd leaves it; `image` lends its metadata to the mask. MONAI Label's requests hold a
                `mask_threshold` and a `minimum_score` of their own.

        Returns:
            `data` with `pred`, a (1, rows, columns) uint8 mask, `mask_probability`, (1, rows, columns) float32, and
            `pred_electrodes`, (K, 5) float32 x, y, width, height, score, best first; after test-time augmentation also
            `electrode_spread`, (K,) float32 pixels.

        Raises:
            InputError: where a request's threshold or score is no number from 0 to 1.
        """
        threshold = data.get("mask_threshold", self.threshold)
        minimum_score = data.get("minimum_score", self.minimum_score)
        check_probabilities(mask_threshold=threshold, minimum_score=minimum_score)
        found = data["pred"] if isinstance(data.get("pred"), Mapping) else data
        logits = {head: _plain(found[head]) for head in HEADS if head in found}
        geometry = FrameGeometry.from_tensor(_plain(data["geometry"]))
        probability = geometry.image_to_frame(logits["segmentation"].sigmoid())
        mask = torch.from_numpy(self._mask(probability[0].cpu().numpy(), threshold, data))[None].to(
            probability.device, torch.uint8
        )
        result = {key: value for key, value in data.items() if key not in (*logits, VIEWS)}
        result[PROBABILITY] = probability
        result["pred"] = convert_to_dst_type(mask, data["image"], dtype=torch.uint8)[0] if "image" in data else mask
        electrodes = self._electrodes(logits, minimum_score)
        on_frame = geometry.to_frame(electrodes)
        inside = inside_frame(on_frame, geometry.rows, geometry.columns)  # not in the border that the network adds
        result["pred_electrodes"] = on_frame[inside]
        if VIEWS in found:
            result["electrode_spread"] = _spread(electrodes, _plain(found[VIEWS]))[inside] / geometry.scale
        return result

    def _mask(self, probability: np.ndarray, threshold: float, data: Mapping[str, Any]) -> np.ndarray:
        mask = np.asarray(probability >= threshold)
        if self.smallest_piece_mm2 == 0:
            return mask
        side = int(data.get("field_side", max(mask.shape)))
        spacing = spacing_at_detector(side, data.get("pixel_spacing_mm"), data.get("spacing_plane", ""))
        sure = probability >= self.piece_threshold
        return without_unsure_pieces(mask, sure, self.smallest_piece_mm2, spacing_mm=spacing)

    def _electrodes(self, logits: Tensors, minimum_score: float) -> torch.Tensor:
        batch = {head: values[None] for head, values in logits.items()}
        decoded = decode_electrodes(batch, self.maximum, minimum_score)
        electrodes = torch.cat([decoded.boxes, decoded.scores[..., None]], dim=-1)[0]
        return electrodes[electrodes[:, 4] > 0]


def _spread(electrodes: torch.Tensor, views: torch.Tensor) -> torch.Tensor:
    spread = electrode_spread(electrodes[:, :2].cpu().numpy(), views.cpu().numpy(), reach=SPREAD_REACH)
    return electrodes.new_tensor(spread)


def _plain(values: Any) -> torch.Tensor:
    tensor = convert_to_tensor(values, track_meta=False)
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
