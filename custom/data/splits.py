"""Splits by case: frames of one patient never stand in two splits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from custom.errors import InputError
from custom.values import is_number
from custom.wording import counted


def split_cases(cases: Sequence[str], *, validation: float, test: float, seed: int) -> dict[str, str]:
    """Choose a split for every case.

    In a random order, which stays when cases are added, cases go to the test and then to the validation split while
    these stay within their share of frames; the others train, if the shares leave any. A split that was asked for has
    at least one case.

    Args:
        cases: the case of every frame.
        validation: share of frames for the validation split, 0 for none.
        test: share of frames for the test split, 0 for none; what both leave is for training.
        seed: the same one gives the same splits.

    Returns:
        The split of each case.

    Raises:
        InputError: if the shares are more than everything, or there are fewer cases than splits.
    """
    if not all(is_number(share) and share >= 0 for share in (validation, test)) or validation + test > 1:
        expected = "validation and test from 0, together at most 1"
        raise InputError("wrong shares", found=(validation, test), expected=expected)
    frames = Counter(cases)
    shares = {"test": test, "validation": validation, "training": 1 - (validation + test)}
    *chosen, rest = [name for name, share in shares.items() if share > 0]
    if len(frames) <= len(chosen):
        raise InputError(
            f"{counted(len(frames), 'case')} cannot be split into {len(chosen) + 1} splits",
            remedy="Set --validation 0 or --test 0",
        )
    remaining = sorted(frames, key=lambda case: _place(case, seed))
    splits: dict[str, str] = {}
    for position, name in enumerate(chosen):
        others = len(chosen) - position  # the splits that still need a case
        for case in _within(remaining, frames, shares[name] * len(cases), leave=others):
            splits[case] = name
            remaining.remove(case)
    return splits | dict.fromkeys(remaining, rest)


def _place(case: str, seed: int) -> bytes:
    """A random number of a case's own: shuffled, all would change places when one is added."""
    return hashlib.sha256(f"{seed} {case}".encode(errors="surrogatepass")).digest()


def _within(cases: Sequence[str], frames: Counter[str], most: float, *, leave: int) -> list[str]:
    taken: list[str] = []
    total = 0
    for case in cases:
        if total + frames[case] <= most and len(cases) - len(taken) > leave:
            taken.append(case)
            total += frames[case]
    return taken or [min(cases, key=lambda case: frames[case])]
