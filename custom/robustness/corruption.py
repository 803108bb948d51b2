"""What every corruption offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custom.errors import InputError


@dataclass(frozen=True)
class LabelledFrame:
    """A frame and its labels on its own grid.

    Attributes:
        pixels: (rows, columns) float32 in [0, 1].
        mask: (rows, columns) bool; `None` where not annotated.
        boxes: (N, 4) x, y, width, height of the electrodes; `None` where not annotated.
    """

    pixels: np.ndarray
    mask: np.ndarray | None
    boxes: np.ndarray | None


class Corruption(ABC):
    """One way in which frames can be worse than those of training, in several strengths.

    Args:
        strengths: from weak to strong; what they mean is the corruption's own.
        meaning: what they mean, in the report's words.

    Raises:
        InputError: where there is no strength.
    """

    def __init__(self, strengths: Sequence[float], meaning: str) -> None:
        if not strengths:
            raise InputError("a corruption has no strength", field=meaning, expected="numbers, from weak to strong")
        self.strengths = tuple(strengths)
        self.meaning = meaning

    @abstractmethod
    def __call__(self, frame: LabelledFrame, strength: float, random: np.random.Generator) -> LabelledFrame:
        """Corrupt a frame; grey values that leave [0, 1] are clipped afterwards.

        Args:
            frame: is left as it is.
            strength: one of `strengths`.
            random: in the same state for every strength, so that they differ in nothing else.
        """
