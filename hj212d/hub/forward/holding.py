"""The bales between the journal and their delivery: a number for each frame and a byte of state.

Frames are numbered as they are added, from 0 on. Nothing here knows time, keys or connections.
Tests: tests/hub/forward/test_window.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.flying import Span

RUN_BYTES = 1024 * 1024

# States of a frame. UNASKED: on its way, and no acknowledgement will come.
OPEN, DONE, REFUSED, UNASKED = (bytes([state]) for state in range(4))
_CLOSED = (DONE, REFUSED, UNASKED)


class Run(NamedTuple):
    """Frames ``first`` to ``last`` (not included) of a bale; ``number`` of the first one among
    all frames that were added."""

    bale: Bale
    first: int
    last: int
    number: int

    @property
    def end(self) -> int:
        """Number behind the last one."""
        return self.number + self.last - self.first

    @property
    def body(self) -> bytes:
        """Their bytes, as they go out."""
        ends = self.bale.ends
        return self.bale.body[ends[self.first - 1] if self.first else 0 : ends[self.last - 1]]


class _Held:
    """A bale, the number of its first frame and of its first byte, and a state for each frame."""

    __slots__ = ("bale", "base", "base_bytes", "left", "states")

    def __init__(self, bale: Bale, base: int, base_bytes: int) -> None:
        self.bale = bale
        self.base = base
        self.base_bytes = base_bytes
        self.states = bytearray(bale.count)
        self.left = bale.count


class Holding:
    """All bales that are not done, oldest first. ``bytes``: of their frames; ``end``: number of
    the next frame that is added."""

    def __init__(self) -> None:
        self.bytes = 0
        self.end = 0
        self._end_bytes = 0
        self._held: list[_Held] = []
        self._bases: list[int] = []

    @property
    def first(self) -> int:
        """Number of the oldest frame held; ``end`` when there is none."""
        return self._bases[0] if self._bases else self.end

    def add(self, bale: Bale) -> None:
        """Hold a bale that has frames."""
        self._held.append(_Held(bale, self.end, self._end_bytes))
        self._bases.append(self.end)
        self.end += bale.count
        self._end_bytes += len(bale.body)
        self.bytes += len(bale.body)

    def bytes_behind(self, number: int) -> int:
        """Bytes of the frames from ``number`` on."""
        if number >= self.end:
            return 0
        held = self._of(number)
        at = number - held.base
        return self._end_bytes - held.base_bytes - (held.bale.ends[at - 1] if at else 0)

    def run(self, first: int, last: int, most: int | None = None) -> Run | None:
        """The first run of open frames in a span of numbers, RUN_BYTES or ``most`` of it."""
        place = max(0, bisect_right(self._bases, first) - 1)
        for held in islice(self._held, place, None):
            if held.base >= last:
                return None
            begin = held.states.find(OPEN, max(0, first - held.base), last - held.base)
            if begin >= 0:
                return Run(
                    held.bale, begin, _end(held, begin, last - held.base, most), held.base + begin
                )
        return None

    def runs(self, first: int, last: int) -> Iterator[Run]:
        """All runs of open frames in a span of numbers."""
        at = first
        while at < last and (run := self.run(at, last)) is not None:
            yield run
            at = run.end

    def open(self, first: int, last: int) -> int:
        """How many frames of a span are open."""
        return sum(run.last - run.first for run in self.runs(first, last))

    def number_of(self, bale: Bale, index: int) -> int:
        """Number of a frame; -1 when its bale is done with."""
        return next((held.base + index for held in self._held if held.bale is bale), -1)

    def is_refused(self, number: int) -> bool:
        """Whether a frame that is held is refused."""
        held = self._of(number)
        return held.states[number - held.base] == REFUSED[0]

    def set(self, run: Run, state: bytes) -> None:
        """Change the state of frames that are not done, to one that is not DONE."""
        self._of(run.number).states[run.first : run.last] = state * (run.last - run.first)

    def ask_again(self) -> None:
        """What was sent without asking for an acknowledgement is open again."""
        for held in self._held:
            held.states = held.states.replace(UNASKED, OPEN)

    def done(self, numbers: list[int]) -> list[Run]:
        """Mark frames as done; the runs they make. Bales at the front that are done go."""
        return self.done_spans(spans_of(sorted(numbers)))

    def done_spans(self, spans: Iterable[Span]) -> list[Run]:
        """The same for spans of numbers."""
        runs = []
        for first, last in spans:
            at = first
            while at < last:
                held = self._of(at)
                begin = at - held.base
                stop = min(last - held.base, held.bale.count)
                held.states[begin:stop] = DONE * (stop - begin)
                held.left -= stop - begin
                runs.append(Run(held.bale, begin, stop, at))
                at = held.base + stop
        gone = next((n for n, held in enumerate(self._held) if held.left), len(self._held))
        self.bytes -= sum(len(held.bale.body) for held in self._held[:gone])
        del self._held[:gone]
        del self._bases[:gone]
        return runs

    def _of(self, number: int) -> _Held:
        return self._held[bisect_right(self._bases, number) - 1]


def _end(held: _Held, begin: int, last: int, most: int | None) -> int:
    """Where a run that begins there ends: before what is not open, ``last`` and RUN_BYTES."""
    ends = held.bale.ends
    stop = min(last, held.bale.count) if most is None else min(last, held.bale.count, begin + most)
    start = ends[begin - 1] if begin else 0
    stop = max(begin + 1, bisect_right(ends, start + RUN_BYTES, begin, stop))
    for closed in _CLOSED:
        other = held.states.find(closed, begin, stop)
        if other >= 0:
            stop = other
    return stop


def joined(spans: list[Span]) -> list[Span]:
    """Spans without a common number, in order, as few as they can be."""
    spans = sorted(spans)
    found = spans[:1]
    for first, last in spans[1:]:
        if found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def spans_of(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive numbers, from sorted ones: first and behind the last."""
    if not numbers:
        return
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        yield numbers[0], numbers[-1] + 1
        return
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last + 1
            first = number
        last = number
    yield first, last + 1
