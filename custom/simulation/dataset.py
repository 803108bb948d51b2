"""Simulated frames by index: for files, and straight into training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data import Dataset

from custom.errors import InputError
from custom.simulation.ct import CtVolume
from custom.simulation.ranges import SimulationConfig
from custom.simulation.render import RenderedBatch, render
from custom.simulation.sequence import SequencePlan, plan_sequence
from custom.simulation.splits import divide_cases
from custom.values import is_index

SIZE_MULTIPLE = 16


class SimulatedSequences:
    """Frames of simulated sequences, rendered when asked for.

    Frame `index % frames` of sequence `index // frames` depends on configuration, seed, size and index only: not on the
    batch, the order, the process, or how many sequences there are.

    Args:
        config: the ranges that everything is drawn from.
        seed: of everything random.
        size: rows and columns, or the side of a square; multiples of 16.
        sequences: how many sequences there are.
        frames: how many frames each has.
        device: where images are computed and stay.
        ct: a patient in place of the simulated ones.
        eight_bit: whole grey levels, as most archives store; otherwise the levels are not rounded.
        plans_kept: how many sequences' scenes stay in memory; more is faster where indices are shuffled.

    Raises:
        InputError: a number is not positive, or the size no multiple of 16.
    """

    def __init__(
        self,
        config: SimulationConfig,
        *,
        seed: int = 0,
        size: int | tuple[int, int] = 256,
        sequences: int = 40,
        frames: int = 8,
        device: str | torch.device = "cpu",
        ct: CtVolume | None = None,
        eight_bit: bool = True,
        plans_kept: int = 64,
    ) -> None:
        for name, value, least in (("seed", seed, 0), ("sequences", sequences, 1), ("frames", frames, 1)):
            if not is_index(value) or value < least:
                expected = f"a whole number, {least} or more"
                raise InputError("is no count", source=f"--{name}", found=value, expected=expected)
        self.config = config
        self.seed = seed
        self.rows, self.columns = checked_size(size)
        self.sequences = sequences
        self.frames = frames
        self.device = torch.device(device)
        self.ct = ct
        self.eight_bit = eight_bit
        self.plans_kept = plans_kept
        self._plans: dict[int, SequencePlan] = {}

    def __len__(self) -> int:
        return self.sequences * self.frames

    def plan(self, sequence: int) -> SequencePlan:
        """The plan of a sequence; the last few are kept."""
        if sequence not in self._plans:
            if len(self._plans) >= self.plans_kept:
                del self._plans[next(iter(self._plans))]
            self._plans[sequence] = plan_sequence(
                self.config, seed=self.seed, sequence=sequence, rows=self.rows, columns=self.columns
            )
        return self._plans[sequence]

    def render(self, indices: Sequence[int]) -> RenderedBatch:
        """Render the frames of these indices.

        Raises:
            IndexError: an index is not in [0, len).
        """
        for index in indices:
            if not 0 <= index < len(self):
                raise IndexError(f"frame {index} of {len(self)}")
        plans = [self.plan(index // self.frames) for index in indices]
        return render(
            plans, [index % self.frames for index in indices], self.device, ct=self.ct, eight_bit=self.eight_bit
        )

    def splits(self) -> dict[str, list[int]]:
        """Sequence numbers of each split of the datalist: whole cases, by the configured shares."""
        case_of = [sequence // self.config.sequences_per_case for sequence in range(self.sequences)]
        divided = divide_cases(case_of[-1] + 1, self.config.shares, seed=self.seed)
        return {
            name: [sequence for sequence, case in enumerate(case_of) if case in cases]
            for name, cases in divided.items()
        }


def checked_size(size: Any) -> tuple[int, int]:
    """Rows and columns of a size option.

    Raises:
        InputError: they are not positive multiples of 16.
    """
    if isinstance(size, int):
        size = (size, size)
    sides = tuple(size) if isinstance(size, (tuple, list)) else ()
    whole = all(type(side) is int and side > 0 and side % SIZE_MULTIPLE == 0 for side in sides)
    if len(sides) != 2 or not whole:
        raise InputError(
            "is no image size",
            source="--size",
            found=size,
            expected="a positive multiple of 16, or rows,columns",
            remedy="For example --size 256 or --size 384,512",
        )
    return sides[0], sides[1]


class SimulatedDataset(Dataset[dict[str, Any]]):
    """Simulated frames as `LoadFramed` gives those of a datalist, for training without files.

    `image` is (1, H, W) float32 with grey levels 0 to 255, `mask` (1, H, W) uint8 with 0 and 1.

    Args:
        sequences: where the frames come from.
        indices: which of its frames; all of them where left out.
    """

    def __init__(self, sequences: SimulatedSequences, indices: Sequence[int] | None = None) -> None:
        self.sequences = sequences
        self.indices = range(len(sequences)) if indices is None else indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> dict[str, Any]:
        if not 0 <= position < len(self):
            raise IndexError(f"sample {position} of {len(self)}")
        return self.__getitems__([position])[0]

    def __getitems__(self, positions: list[int]) -> list[dict[str, Any]]:
        """A batch's samples, rendered together; a DataLoader asks for them so."""
        batch = self.sequences.render([self.indices[position] for position in positions])
        return [
            {
                **label.entry(),
                "name": f"{label.plan.name}#{label.frame}",
                "image": image,
                "mask": mask.to(torch.uint8),
                "pixel_spacing_mm": torch.full((2,), label.plan.view.detector_pixel_mm),
                "sample_index": position,
            }
            for position, image, mask, label in zip(positions, batch.images, batch.masks, batch.labels, strict=True)
        ]
