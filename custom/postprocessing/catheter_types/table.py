"""The table of catheter types, `catheter_types.yaml` or the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from custom.errors import InputError
from custom.typed_yaml import Range, parse, read_yaml

UNKNOWN = "unknown"
DEFAULT_TABLE = Path(__file__).parent / "catheter_types.yaml"
SHAPES = ("line", "loop", "star")
MOST_POLES = 24
LONGEST_NAME = 64  # characters, as in a DICOM report
SMALLEST_MM, LARGEST_MM = 0.01, 1000.0


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


@dataclass(frozen=True, eq=False)
class CatheterTypes:
    """A table of types, by name."""

    by_name: dict[str, CatheterType]

    @cached_property
    def names(self) -> list[str]:
        """Those of the types and, last, that of what fits none."""
        return [*self.by_name, UNKNOWN]


@cache
def load_catheter_types(path: str | Path | None = None) -> CatheterTypes:
    """Read a table of types; that of the project where no path is given.

    Raises:
        InputError: the file is absent, is not YAML, or an entry is not as it should be.
    """
    source = Path(path) if path is not None else DEFAULT_TABLE
    types: dict[str, CatheterType] = parse(dict[str, CatheterType], read_yaml(source), str(source))
    if not types:
        raise InputError("holds no type", source=source)
    for name, item in types.items():
        _check(name, item, source)
    return CatheterTypes(types)


def _check(name: str, item: CatheterType, source: Path) -> None:
    if name == UNKNOWN:
        raise InputError("is the name of what fits no type", source=source, field=name, remedy="Choose another name")
    if len(name) > LONGEST_NAME or not name.isprintable() or name != name.strip() or "\\" in name:
        expected = f"one line of at most {LONGEST_NAME} characters, without \\ and without spaces around it"
        raise InputError("is no name that all results can hold", source=source, found=name, expected=expected)
    if item.shape not in SHAPES:
        expected = ", ".join(SHAPES)
        raise InputError("is no shape", source=source, field=f"{name}.shape", found=item.shape, expected=expected)
    if item.arms < 1 or (item.arms > 1) != (item.shape == "star"):
        expected = "2 or more for a star, 1 or nothing otherwise"
        raise InputError(
            "does not fit the shape", source=source, field=f"{name}.arms", found=item.arms, expected=expected
        )
    if not item.gaps_mm or not all(0 < len(gaps) < MOST_POLES and _possible(*gaps) for gaps in item.gaps_mm):
        found = [list(gaps) for gaps in item.gaps_mm]
        expected = f"one list or more, each of 1 to {MOST_POLES - 1} lengths of {SMALLEST_MM:g} to {LARGEST_MM:g} mm"
        raise InputError("is no pattern", source=source, field=f"{name}.gaps_mm", found=found, expected=expected)
    for field in ("tip_length_mm", "ring_length_mm", "diameter_mm"):
        low, high = getattr(item, field).low, getattr(item, field).high
        if not _possible(low, high):
            expected = f"lengths of {SMALLEST_MM:g} to {LARGEST_MM:g} mm"
            raise InputError(
                "is no length", source=source, field=f"{name}.{field}", found=[low, high], expected=expected
            )


def _possible(*lengths_mm: float) -> bool:
    return all(SMALLEST_MM <= length <= LARGEST_MM for length in lengths_mm)
