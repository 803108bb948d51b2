"""Whether an exported network finds what the network in PyTorch finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from custom.engines import LOGIT_TOLERANCE, Logits, Runner, largest_difference
from custom.engines.outputs import example_frame
from custom.errors import CatheterError
from custom.export.frames import CheckFrame
from custom.metrics.matching import matched_displacements
from custom.metrics.region_similarity import region_similarity
from custom.postprocessing import decode_electrodes

J_TOLERANCE = 0.005
ELECTRODE_TOLERANCE = 0.1  # pixels of the network's grid
LOST_SHARE = 0.05
REACH = 2.0  # pixels within which two finds are the same electrode
SIZES = ((1, 1, 64, 80), (2, 1, 128, 96))


@dataclass(frozen=True)
class Accuracy:
    """An exported network beside the one in PyTorch, on the same frames.

    Attributes:
        logits: largest difference of any output.
        j_network: mean J of PyTorch's masks.
        j_exported: mean J of the exported network's.
        displacements: (M,) pixels between the electrodes that both found.
        only_one: electrodes that one of the two found and the other did not.
    """

    logits: float
    j_network: float
    j_exported: float
    displacements: np.ndarray
    only_one: int

    def describe(self) -> str:
        """Say it in a line."""
        shift = self.displacements if len(self.displacements) else np.zeros(1)
        return (
            f"logits differ by at most {self.logits:.1e}; J {self.j_exported:.4f}, in PyTorch {self.j_network:.4f}; "
            f"{len(self.displacements)} electrodes found by both, {shift.mean():.3f} px apart "
            f"({np.percentile(shift, 95):.3f} px 95th percentile), {self.only_one} by one of them"
        )

    def fault(self, *, exact: bool) -> str | None:
        """Say which bound does not hold, or `None`: for float32 that of the logits, else those of what is found."""
        if exact:
            return f"logits may differ by {LOGIT_TOLERANCE:.0e}" if self.logits > LOGIT_TOLERANCE else None
        if abs(self.j_exported - self.j_network) > J_TOLERANCE:
            return f"J may differ by {J_TOLERANCE}"
        if len(self.displacements) and np.percentile(self.displacements, 95) > ELECTRODE_TOLERANCE:
            return f"95 % of the electrodes may lie {ELECTRODE_TOLERANCE} px apart"
        if self.only_one > LOST_SHARE * len(self.displacements):
            return f"{LOST_SHARE:.0%} of the electrodes may be found by one of them only"
        return None


@torch.inference_mode()
def measure_accuracy(
    runner: Runner, network: nn.Module, frames: Sequence[CheckFrame], *, threshold: float, minimum_score: float
) -> Accuracy:
    """Run both on frames and compare.

    Args:
        runner: the exported network.
        network: on the CPU, in evaluation mode.
        frames: with true masks where they are known; PyTorch's masks take their place elsewhere.
        threshold: probability from which a pixel belongs to a mask.
        minimum_score: centre score from which an electrode counts.
    """
    differences, scores, displacements, only_one = [], [], [np.zeros(0)], 0
    for frame in tqdm(frames, desc="compare", unit="frame", disable=None):
        expected, found = network(frame.image), runner(frame.image)
        differences.append(largest_difference(found, expected))
        masks = [logits["segmentation"].sigmoid() >= threshold for logits in (expected, found)]
        true = masks[0] if frame.mask is None else frame.mask
        scores.append([region_similarity(true.numpy(), mask.numpy()) for mask in masks])
        before, after = (_electrodes(logits, minimum_score) for logits in (expected, found))
        moved = np.linalg.norm(matched_displacements(before, after, REACH), axis=1)
        displacements.append(moved)
        only_one += len(before) + len(after) - 2 * len(moved)
    j_network, j_exported = np.mean(scores, axis=0)
    return Accuracy(max(differences), float(j_network), float(j_exported), np.concatenate(displacements), only_one)


@dataclass(frozen=True)
class ExportCheck:
    """Refuses an exported network that is not good enough.

    Attributes:
        network: in PyTorch, on the CPU, in evaluation mode.
        frames: to compare on.
        exact: the logits must be the same, not only what is found.
        threshold: see `measure_accuracy`.
        minimum_score: see `measure_accuracy`.
    """

    network: nn.Module
    frames: Sequence[CheckFrame]
    exact: bool
    threshold: float = 0.5
    minimum_score: float = 0.3

    def __call__(self, runner: Runner) -> Accuracy:
        """Measure how good it is.

        Raises:
            CatheterError: a bound does not hold, or it does not take frames of every size.
        """
        check_sizes(runner, self.network, exact=self.exact)
        accuracy = measure_accuracy(
            runner, self.network, self.frames, threshold=self.threshold, minimum_score=self.minimum_score
        )
        fault = accuracy.fault(exact=self.exact)
        if fault is not None:
            raise CatheterError(f"Not accurate enough, nothing was written: {fault}. {accuracy.describe()}.")
        return accuracy


@torch.inference_mode()
def check_sizes(runner: Runner, network: nn.Module, *, exact: bool) -> None:
    """Make sure that an exported network takes frames of other sizes, and several at once.

    Raises:
        CatheterError: it does not.
    """
    for shape in SIZES:
        image = example_frame(shape)
        expected, found = network(image), runner(image)
        fits = all(found[name].shape == value.shape for name, value in expected.items())
        if not fits or (exact and largest_difference(found, expected) > LOGIT_TOLERANCE):
            raise CatheterError(f"the exported network is wrong for an input of {shape}; nothing was written.")


def _electrodes(logits: Logits, minimum_score: float) -> np.ndarray:
    decoded = decode_electrodes(logits, minimum_score=minimum_score)
    return decoded.boxes[0, decoded.scores[0] > 0, :2].cpu().numpy()
