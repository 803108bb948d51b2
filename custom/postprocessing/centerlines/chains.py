"""Segments of a skeleton, one after the other, as the devices that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from custom.postprocessing.centerlines.junctions import End, Junction


class Chain(NamedTuple):
    """Segments of one device.

    Attributes:
        passages: of each segment, the end where the device comes in and the one where it goes out.
        closed: whether the last one goes on as the first.
    """

    passages: tuple[tuple[End, End], ...]
    closed: bool

    @property
    def ends(self) -> tuple[End, End]:
        """The first and the last end."""
        return self.passages[0][0], self.passages[-1][1]


def chains_of(segments: Iterable[int], partner: dict[End, End]) -> list[Chain]:
    """Follow every segment to both sides.

    Args:
        segments: indices of the segments.
        partner: the end as which an end goes on.
    """
    ends = [(index, side) for index in segments for side in (0, 1)]
    seen: set[int] = set()
    chains = []
    for first in [end for end in ends if end not in partner] + ends:
        if first[0] not in seen:
            passages = follow(first, partner)
            seen |= {come_in[0] for come_in, _ in passages}
            chains.append(Chain(passages, partner.get(passages[-1][1]) == first))
    return chains


def follow(first: End, partner: dict[End, End]) -> tuple[tuple[End, End], ...]:
    """The passages from an end on."""
    passages: list[tuple[End, End]] = []
    seen = set()
    end: End | None = first
    while end is not None and end[0] not in seen:
        seen.add(end[0])
        out = (end[0], 1 - end[1])
        passages.append((end, out))
        end = partner.get(out)
    return tuple(passages)


def tail_from(end: End, junction: Junction, partner: dict[End, End], chain: Chain) -> Chain | None:
    """The device that a chain joins at one of its ends, from there on; `None` where it joins none.

    Args:
        end: of the chain.
        junction: at that end.
        partner: the end as which an end goes on.
        chain: that ends there.
    """
    joined = junction.joined(end, partner)
    if joined is None:
        return None
    own = {come_in[0] for come_in, _ in chain.passages}
    tail = follow(joined, partner)
    tail = tail[: next((i for i, (come_in, _) in enumerate(tail) if come_in[0] in own), len(tail))]
    return Chain(tail, False) if tail else None


def prolonged(chain: Chain, side: int, tail: Chain) -> Chain:
    """A chain with another at its first (0) or last (1) end."""
    if side == 1:
        return Chain(chain.passages + tail.passages, chain.closed)
    return Chain(tuple((out, come_in) for come_in, out in reversed(tail.passages)) + chain.passages, chain.closed)
