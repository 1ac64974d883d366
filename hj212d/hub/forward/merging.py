"""Bales of several lanes in one order, in which the frames of an MN keep their order of receipt.

Different MNs need no order, so lanes follow each other whole as long as none of their MNs is in
two of them. Tests: tests/hub/forward/test_merging.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence

from hj212d.hub.forward.bale import Bale


def until(bales: deque[Bale], horizon_us: int) -> list[Bale]:
    """Take what was received up to a moment out of a lane's bales."""
    taken: list[Bale] = []
    while bales and bales[0].seen_us <= horizon_us:
        taken.append(bales.popleft())
    if bales:
        count = bisect_right(bales[0].received_us, horizon_us)
        if 0 < count < bales[0].count:
            first, bales[0] = bales[0].split(count)
            taken.append(first)
    return taken


def in_order(lanes: Sequence[list[Bale]]) -> Iterator[Bale]:
    """All bales of some lanes, which are in order each."""
    if len(lanes) > 1 and _share_an_owner(lanes):
        yield from _by_time([deque(bales) for bales in lanes])
        return
    for bales in lanes:
        yield from bales


def _share_an_owner(lanes: Sequence[list[Bale]]) -> bool:
    seen: set[int] = set()
    for bales in lanes:
        owners: set[int] = set().union(*(bale.owners for bale in bales))
        if not seen.isdisjoint(owners):
            return True
        seen |= owners
    return False


def _by_time(lanes: list[deque[Bale]]) -> Iterator[Bale]:
    """The lane whose next frame is the oldest goes on until another one's is older."""
    while len(lanes) > 1:
        lanes.sort(key=_next_us)
        first = lanes[0]
        bale = first[0]
        count = bisect_right(bale.received_us, _next_us(lanes[1]))
        if 0 < count < bale.count:
            part, first[0] = bale.split(count)
            yield part
        else:
            yield first.popleft()
        lanes = [bales for bales in lanes if bales]
    for bales in lanes:
        yield from bales


def _next_us(bales: deque[Bale]) -> int:
    bale = bales[0]
    return bale.received_us[0] if bale.count else bale.seen_us
