"""Random augmentation of a whole batch on its device."""

from __future__ import annotations

from typing import Any

import kornia.augmentation as K  # noqa: N812  # kornia's own documentation names it so
import torch
from kornia.constants import DataKey, Resample
from kornia.geometry import transform_points
from torch import nn

from custom.transforms.checks import Probability, Range, check_options
from custom.transforms.display import denoised, sharpened, with_graphics, with_text
from custom.transforms.geometry import inside_frame
from custom.transforms.shadows import collimator_window, field_at, occlusion_window


class BatchAugmentation(nn.Module):
    """Scaling, flipping and rotation as in the paper (section 3.1); other options are off unless given a probability.

    An option named like an effect is its probability for each frame; what follows the name says how strong it is.
    Images are expected in [0, 1]. Masks and electrodes follow flips, rotation, scaling and collimation. An electrode is
    taken for a disc: its width and height change with the scale and not with the rotation. One that leaves the frame or
    the collimated field becomes invalid. Seeded by `torch.manual_seed`, alike on every device except for the noise.

    Args:
        horizontal_flip: left to right.
        vertical_flip: top to bottom.
        affine: rotation and scaling about the centre, together.
        affine_degrees: largest rotation to either side.
        affine_scale: smallest and largest zoom.
        gamma: a power of the grey values.
        gamma_range: its exponent.
        brightness: a grey value added.
        brightness_range: 1 plus the value.
        contrast: grey values multiplied.
        contrast_range: the factor.
        inversion: bright becomes dark.
        blur: Gaussian blur.
        blur_sigma: its standard deviation in pixels.
        occlusion: the shadow of a half-transparent object.
        occlusion_side: its sides, as shares of the frame's.
        collimation: blades that black out borders, and the labels behind them.
        collimation_depth: the deepest blade, as a share of the frame.
        noise: white Gaussian noise.
        noise_deviation: its standard deviation.
        denoising: noise reduction that keeps edges.
        denoising_deviation: the differences of grey values that it takes for noise.
        sharpening: edges enhanced by an unsharp mask.
        sharpening_amount: the multiple of the details that it adds.
        posterization: few grey levels.
        posterization_bits: the logarithm of their number to base 2.
        text: lines of text burned into the pixels.
        graphics: an electrocardiogram, or lines and rulers, burned in.

    Raises:
        InputError: a probability is none, or a range is not two numbers in order.
    """

    def __init__(
        self,
        *,
        horizontal_flip: Probability = 0.5,
        vertical_flip: Probability = 0.5,
        affine: Probability = 0.8,
        affine_degrees: float = 30.0,
        affine_scale: Range = (0.8, 1.25),
        gamma: Probability = 0.0,
        gamma_range: Range = (0.7, 1.4),
        brightness: Probability = 0.0,
        brightness_range: Range = (0.85, 1.15),
        contrast: Probability = 0.0,
        contrast_range: Range = (0.7, 1.3),
        inversion: Probability = 0.0,
        blur: Probability = 0.0,
        blur_sigma: Range = (0.3, 1.2),
        occlusion: Probability = 0.0,
        occlusion_side: Range = (0.05, 0.3),
        collimation: Probability = 0.0,
        collimation_depth: float = 0.25,
        noise: Probability = 0.0,
        noise_deviation: float = 0.03,
        denoising: Probability = 0.0,
        denoising_deviation: Range = (0.03, 0.15),
        sharpening: Probability = 0.0,
        sharpening_amount: Range = (0.3, 3.0),
        posterization: Probability = 0.0,
        posterization_bits: Range = (4, 6),
        text: Probability = 0.0,
        graphics: Probability = 0.0,
    ) -> None:
        options = locals()
        super().__init__()
        check_options(BatchAugmentation.__init__, options)
        self.spatial = _sequence(
            K.RandomHorizontalFlip(p=horizontal_flip),
            K.RandomVerticalFlip(p=vertical_flip),
            K.RandomAffine(degrees=affine_degrees, scale=tuple(affine_scale), p=affine),
        )
        self.grey_values = _sequence(
            K.RandomGamma(tuple(gamma_range), p=gamma),
            K.RandomBrightness(tuple(brightness_range), p=brightness),
            K.RandomContrast(tuple(contrast_range), p=contrast),
            K.RandomInvert(p=inversion),
            K.RandomGaussianBlur((7, 7), tuple(blur_sigma), p=blur),
        )
        self.noise = _sequence(K.RandomGaussianNoise(std=noise_deviation, p=noise))
        self.few_levels = _sequence(K.RandomPosterize(tuple(posterization_bits), p=posterization))
        self.occlusion, self.occlusion_side = occlusion, occlusion_side
        self.collimation, self.collimation_depth = collimation, collimation_depth
        self.denoising, self.denoising_deviation = denoising, denoising_deviation
        self.sharpening, self.sharpening_amount = sharpening, sharpening_amount
        self.text, self.graphics = text, graphics

    @torch.no_grad()
    def forward(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Augment `image`, `mask`, `electrodes` and `electrode_valid` of a batch (docs/design.md); the rest stays."""
        image, mask = (torch.as_tensor(batch[key]).as_subclass(torch.Tensor) for key in ("image", "mask"))
        image, mask = self.spatial(image, mask, data_keys=["input", "mask"])
        boxes = _transformed(batch["electrodes"], self.spatial.transform_matrix)
        valid = batch["electrode_valid"] & inside_frame(boxes, *image.shape[-2:])
        image = self.grey_values(image)
        image = image * occlusion_window(image, self.occlusion, self.occlusion_side)
        field = collimator_window(image, self.collimation, self.collimation_depth)
        image, mask, valid = image * field, mask * field, valid & (field_at(field, boxes) >= 0.5)
        return {
            **batch,
            "image": self._displayed(self.noise(image)),
            "mask": (mask >= 0.5).float(),
            "electrodes": boxes.where(valid[..., None], 0.0),
            "electrode_valid": valid,
        }

    def _displayed(self, image: torch.Tensor) -> torch.Tensor:
        image = denoised(image, self.denoising, self.denoising_deviation)
        image = sharpened(image, self.sharpening, self.sharpening_amount)
        image = with_graphics(self.few_levels(image), self.graphics)
        return with_text(image, self.text)


def _sequence(*augmentations: Any) -> K.AugmentationSequential:
    # kornia computes what it then leaves out, so an option that is off must not be there at all.
    return K.AugmentationSequential(
        *(augmentation for augmentation in augmentations if augmentation.p > 0),
        extra_args={DataKey.MASK: {"resample": Resample.BILINEAR, "align_corners": False}},
    )


def _transformed(boxes: torch.Tensor, matrix: torch.Tensor | None) -> torch.Tensor:
    if matrix is None:
        return boxes
    scale = torch.linalg.det(matrix[:, :2, :2]).abs().sqrt()
    return torch.cat([transform_points(matrix, boxes[..., :2]), boxes[..., 2:] * scale[:, None, None]], dim=-1)
