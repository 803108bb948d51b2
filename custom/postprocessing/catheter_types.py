"""The table of catheter types, `catheter_types.yaml` or the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from custom.errors import InputError
from custom.simulation.typed_yaml import Range, parse, read_yaml

UNKNOWN = "unknown"
DEFAULT_TABLE = Path(__file__).parent / "catheter_types.yaml"
SHAPES = ("line", "loop", "star")
MOST_POLES = 32


@dataclass(frozen=True)
class CatheterType:
    """One type as the table holds it; lengths in mm."""

    annotated_as: tuple[str, ...]
    gaps_mm: tuple[tuple[float, ...], ...]
    tip_length_mm: Range
    ring_length_mm: Range
    diameter_mm: Range
    shape: str = "line"
    arms: int = 1

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """Its patterns."""
        return tuple(self._variant(gaps) for gaps in self.gaps_mm)

    def _variant(self, gaps: tuple[float, ...]) -> Variant:
        lengths = np.full(len(gaps) + 1, _middle(self.ring_length_mm))
        lengths[0] = _middle(self.tip_length_mm)
        steps = np.array(gaps) + (lengths[1:] + lengths[:-1]) / 2
        return Variant(np.concatenate([[0.0], steps.cumsum()]), lengths, _middle(self.diameter_mm))


@dataclass(frozen=True)
class Variant:
    """One pattern of electrodes.

    Attributes:
        positions_mm: (poles,) of the electrodes' centres, from that of the tip.
        lengths_mm: (poles,) of the electrodes.
        diameter_mm: of the electrodes.
    """

    positions_mm: np.ndarray
    lengths_mm: np.ndarray
    diameter_mm: float


@cache
def load_catheter_types(path: str | Path | None = None) -> dict[str, CatheterType]:
    """Read a table of types; that of the project where no path is given.

    Raises:
        InputError: the file is absent, is not YAML, or an entry is not as it should be.
    """
    source = Path(path) if path is not None else DEFAULT_TABLE
    types: dict[str, CatheterType] = parse(dict[str, CatheterType], read_yaml(source), str(source))
    for name, item in types.items():
        _check(name, item, source)
    return types


def _check(name: str, item: CatheterType, source: Path) -> None:
    if name == UNKNOWN:
        raise InputError("is the name of what fits no type", source=source, field=name, remedy="Choose another name")
    if item.shape not in SHAPES:
        raise InputError(
            "is no shape", source=source, field=f"{name}.shape", found=item.shape, expected=", ".join(SHAPES)
        )
    if item.arms < 1 or (item.arms > 1) != (item.shape == "star"):
        raise InputError(
            "does not go with the shape", source=source, field=f"{name}.arms", found=item.arms,
            expected="2 or more for a star, 1 or nothing otherwise",
        )  # fmt: skip
    if not item.gaps_mm or not all(0 < len(gaps) < MOST_POLES and min(gaps) > 0 for gaps in item.gaps_mm):
        raise InputError(
            "is no pattern", source=source, field=f"{name}.gaps_mm", found=[list(gaps) for gaps in item.gaps_mm],
            expected=f"one list or more, each of 1 to {MOST_POLES - 1} positive lengths",
        )  # fmt: skip
    for field in ("tip_length_mm", "ring_length_mm", "diameter_mm"):
        if getattr(item, field).low <= 0:
            found = getattr(item, field).low
            raise InputError("is not positive", source=source, field=f"{name}.{field}", found=found)


def _middle(limits: Range) -> float:
    return (limits.low + limits.high) / 2
