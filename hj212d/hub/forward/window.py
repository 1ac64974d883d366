"""What is on its way to a target: which frames next, what was acknowledged, what to send again.

Sans-IO: bales in, runs of frames out, keys of acknowledgements in; the clock is an argument. No
object a frame: bales with their states are in holding.py. Not here: the connection
(tcp_outlet.py), the cursor and dead letters (forwarder.py).

* A frame is *silent* when nothing was heard of it for ``timeout_s`` since it was sent, or since a
  frame before it was acknowledged, whichever is later: a target that is slow is not silent, and
  is not buried under resends.
* A silent frame is sent again, the same bytes, ``resends`` times. Then it is *refused* when frames
  behind it were acknowledged meanwhile; else the target is *dead* and no frame is to blame.
* Frames with one key (packets of a message share their QN) are done together, when there were as
  many acknowledgements as frames; which of them is meant cannot be told.
* A frame that asks for no acknowledgement (key 0) is done when one behind it is acknowledged, or
  when the connection says that all bytes have arrived (:meth:`Window.arrived`).
* After a connection that broke, no more is risked at first than twice what that one brought.

Tests: tests/hub/forward/test_window.py.
"""

from __future__ import annotations

from array import array
from collections import deque
from operator import itemgetter
from typing import NamedTuple

import msgspec

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.bales import Flying
from hj212d.hub.forward.flying import Span
from hj212d.hub.forward.holding import OPEN, REFUSED, UNASKED, Holding, Run, joined, spans_of

AHEAD_BYTES = 2 * 1024 * 1024  # waiting behind what is on its way
_HELD_BYTES = 4 * 1024 * 1024
_FRAME_BYTES = 1024
_behind = itemgetter(1)


class Overdue(NamedTuple):
    """What a look at the clock found. ``resent``: frames that will be sent again; ``refused``:
    the target takes others and not these; ``dead``: it takes nothing at all."""

    resent: int
    refused: list[Run]
    dead: bool


class _Flight(msgspec.Struct):
    """Frames that were sent at one moment: ``at``, then heard of as the rules above say.
    ``since``: when this round began."""

    first: int
    last: int
    at: float
    since: float
    tries: int = 1


class _Group(msgspec.Struct):
    """Frames on their way that share a key, and how often it was acknowledged."""

    numbers: list[int]
    acks: int = 0


class Window:
    """The frames of one target between the journal and their acknowledgement.

    ``flying``: frames on their way; ``gained``: frames acknowledged on this connection.
    """

    def __init__(
        self, frames: int, timeout_s: float, resends: int, *, acknowledge: bool = True
    ) -> None:
        """``acknowledge=False``: no frame waits for an answer, all are as with key 0."""
        self.flying = 0
        self.gained = 0
        self._frames = frames
        self._timeout_s = timeout_s
        self._tries = resends + 1
        self._acknowledge = acknowledge
        self._most_bytes = max(_HELD_BYTES, frames * _FRAME_BYTES)
        self._held = Holding()
        self._next = 0  # number of the next frame to be sent
        self._numbers = Flying()
        self._groups: dict[int, _Group] = {}
        self._unasked: deque[int] = deque()
        self._unasked_since = 0.0
        self._flights: deque[_Flight] = deque()
        self._again: deque[_Flight] = deque()
        self._allowed = frames
        self._highest = -1  # of all that was acknowledged on this connection
        self._heard_at = 0.0
        self._least: int | None = None  # acknowledged since the last look

    @property
    def unasked(self) -> int:
        """Frames on their way that ask for no acknowledgement."""
        return len(self._unasked)

    @property
    def held_bytes(self) -> int:
        """Bytes of all bales that are not done."""
        return self._held.bytes

    def room(self) -> int:
        """Bytes that may be added now."""
        ahead = self._held.bytes_behind(self._next)
        return max(0, min(self._most_bytes - self._held.bytes, AHEAD_BYTES - ahead))

    def add(self, bale: Bale) -> None:
        """Take a bale that has frames."""
        self._held.add(bale)

    def opened(self, now: float) -> None:
        """There is a new connection: what is not done is sent from the front again."""
        self._allowed = min(self._frames, max(1, 2 * self.gained)) if self.flying else self._frames
        self._next = self._held.first
        self._held.ask_again()
        self._numbers.clear()
        self._groups.clear()
        self._unasked.clear()
        self._flights.clear()
        self._again.clear()
        self.flying = self.gained = 0
        self._highest = -1
        self._least = None
        self._heard_at = now

    def next(self, now: float) -> Run | None:
        """What to send now; None when nothing may be. It counts as sent."""
        while self._again:
            flight = self._again[0]
            run = self._held.run(flight.first, flight.last)
            if run is None or run.end >= flight.last:
                self._again.popleft()
            if run is not None:
                flight.first = run.end
                self._flights.append(_Flight(run.number, run.end, now, flight.since, flight.tries))
                return run
        may = self._may_send()
        run = self._held.run(self._next, self._held.end, may) if may > 0 else None
        if run is None:
            return None
        self._next = run.end
        self._fly(run, now)
        self._flights.append(_Flight(run.number, run.end, now, now))
        return run

    def acknowledged(self, keys: array[int], now: float) -> list[Run]:
        """The runs of frames that these acknowledgements are for; what is not on its way is
        passed over."""
        spans, strange = self._numbers.take(keys)
        for key in strange:
            spans += [(number, number + 1) for number in self._group_acknowledged(key)]
        if not spans:
            return []
        highest = max(spans, key=_behind)[1] - 1
        least = min(spans)[0]
        self._highest = max(self._highest, highest)
        self._least = least if self._least is None else min(self._least, least)
        if self._unasked:
            spans += [(number, number + 1) for number in self._unasked_before(highest)]
        return self._gain(spans, now)

    def arrived(self, now: float) -> list[Run]:
        """All bytes that were sent have arrived: the runs of frames that waited for no more."""
        found = list(self._unasked)
        self._unasked.clear()
        return self._gain(list(spans_of(sorted(found))), now) if found else []

    def look(self, now: float) -> Overdue:
        """Look at the clock; what is to be sent again comes out of :meth:`next`."""
        self._refresh()
        resent = 0
        refused: list[Run] = []
        dead = bool(self._unasked) and now - self._unasked_since >= self._timeout_s * self._tries
        kept: deque[_Flight] = deque()
        for flight in self._flights:
            run = self._held.run(flight.first, flight.last, 1)
            if run is None:
                continue
            flight.first = run.number
            if now - flight.at < self._timeout_s:
                kept.append(flight)
            elif flight.tries < self._tries:
                flight.tries += 1
                self._again.append(flight)
                resent += self._held.open(flight.first, flight.last)
                resent += self._begin_groups_anew(flight)
            elif self._heard_at >= flight.since and self._highest > flight.first:
                behind = min(flight.last, self._highest)
                refused += self._refuse(flight.first, behind)
                flight.first = behind
                kept.append(flight)
            else:
                kept.append(flight)
                dead = True
        self._flights = kept
        return Overdue(resent, refused, dead)

    def again(self, bale: Bale, index: int, now: float) -> None:
        """Another round for a frame that was refused."""
        number = self._held.number_of(bale, index)
        if number < 0 or not self._held.is_refused(number):
            return
        run = Run(bale, index, index + 1, number)
        self._held.set(run, OPEN)
        if number < self._next:
            self._fly(run, now)
            self._again.append(_Flight(number, number + 1, now, now))

    def drop(self, bale: Bale, index: int) -> None:
        """Forget a frame that was refused."""
        number = self._held.number_of(bale, index)
        if number >= 0 and self._held.is_refused(number):
            self._held.done([number])

    def front(self) -> Run | None:
        """The frame that all others wait for."""
        return self._held.run(self._held.first, self._held.end, 1)

    def _may_send(self) -> int:
        """Frames: as the window has room, and one beyond it when its first is on its last try,
        so that there is one behind it to tell by whether the target lives."""
        limit = self._allowed
        if self._flights and self._flights[0].tries >= self._tries and self.flying <= limit:
            limit = self.flying + 1
        return limit - self.flying

    def _gain(self, spans: list[Span], now: float) -> list[Run]:
        count = sum(last - first for first, last in spans)
        self._heard_at = now
        self.gained += count
        self.flying -= count
        self._allowed = min(self._frames, self._allowed + count)
        return self._held.done_spans(joined(spans) if len(spans) > 1 else spans)

    def _fly(self, run: Run, now: float) -> None:
        """Note frames as on their way."""
        numbers = range(run.number, run.end)
        self.flying += len(numbers)
        if not self._acknowledge:
            self._ask_nothing(run, now)
            return
        if not self._groups and self._numbers.put(run.bale.keys, run.first, run.last, run.number):
            return
        keys = run.bale.keys[run.first : run.last]
        for index, (key, number) in enumerate(zip(keys, numbers, strict=True), run.first):
            if not key:
                self._ask_nothing(Run(run.bale, index, index + 1, number), now)
            elif key in self._groups:
                self._groups[key].numbers.append(number)
            elif key in self._numbers:
                self._groups[key] = _Group([self._numbers.pop(key), number])
            else:
                self._numbers.set(key, number)

    def _ask_nothing(self, run: Run, now: float) -> None:
        if not self._unasked:
            self._unasked_since = now
        self._unasked.extend(range(run.number, run.end))
        self._held.set(run, UNASKED)

    def _group_acknowledged(self, key: int) -> list[int]:
        group = self._groups.get(key)
        if group is None:
            return []
        group.acks += 1
        if group.acks < len(group.numbers):
            return []
        del self._groups[key]
        return group.numbers

    def _unasked_before(self, number: int) -> list[int]:
        found = []
        while self._unasked and self._unasked[0] < number:
            found.append(self._unasked.popleft())
        return found

    def _refresh(self) -> None:
        """What lies behind an acknowledged frame waits anew from then."""
        least, self._least = self._least, None
        if least is None:
            return
        split = []
        for flight in self._flights:
            if flight.first > least:
                flight.at = max(flight.at, self._heard_at)
            elif flight.last > least + 1:
                at = max(flight.at, self._heard_at)
                split.append(_Flight(least + 1, flight.last, at, flight.since, flight.tries))
                flight.last = least + 1
        self._flights.extend(split)

    def _begin_groups_anew(self, flight: _Flight) -> int:
        """All frames of a group are sent again together, and count their acknowledgements anew;
        how many of them are not of this flight."""
        others = 0
        for group in self._groups.values():
            outside = [n for n in group.numbers if not flight.first <= n < flight.last]
            if len(outside) < len(group.numbers):
                group.acks = 0
                others += len(outside)
                self._again.extend(
                    _Flight(n, n + 1, flight.at, flight.since, flight.tries) for n in outside
                )
        return others

    def _refuse(self, first: int, last: int) -> list[Run]:
        runs = list(self._held.runs(first, last))
        for run in runs:
            self._held.set(run, REFUSED)
            self.flying -= run.last - run.first
            for at in range(run.last - run.first):
                self._forget_key(run.bale.keys[run.first + at], run.number + at)
        return runs

    def _forget_key(self, key: int, number: int) -> None:
        group = self._groups.get(key)
        if group is None:
            self._numbers.pop(key)
            return
        group.numbers.remove(number)
        if not group.numbers:
            del self._groups[key]
