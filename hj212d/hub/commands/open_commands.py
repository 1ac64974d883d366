"""All commands that have not ended, and where each stands: waiting, about to be sent, under way.

Pure; what happens to them is dispatch.py's. Tests: tests/hub/commands/test_open_commands.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Literal

from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.lines import Key, Lines
from hj212d.hub.commands.matching import Flights

Stood = Literal["waiting", "about to be sent", "under way", ""]


class OpenCommands:
    """By number. ``lines``: who of those that wait is next; ``flights``: those under way."""

    def __init__(self) -> None:
        self.lines = Lines()
        self.flights = Flights()
        self._waiting: dict[int, Flight] = {}
        self._preparing: dict[int, Flight] = {}
        self._aloft: dict[int, Flight] = {}  # of those under way, the ones whose link is there
        self._expiring: list[tuple[int, int]] = []
        self._of_mn: Counter[str] = Counter()

    @property
    def queued(self) -> int:
        """Commands that wait."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """Commands that take a place of those at once: about to be sent, or under way over a
        link that is there."""
        return len(self._preparing) + len(self._aloft)

    @property
    def aloft(self) -> list[Flight]:
        """Those under way whose link is there."""
        return list(self._aloft.values())

    def of_mn(self, mn: str) -> int:
        """How many an MN has."""
        return self._of_mn[mn]

    def get(self, number: int) -> Flight | None:
        """The command of that number; None when it has ended."""
        return self._waiting.get(number) or self._preparing.get(number) or self.flights.get(number)

    def admit(self, flight: Flight, expires_us: int) -> None:
        """One more; it stands nowhere yet."""
        self._of_mn[flight.record.mn] += 1
        heappush(self._expiring, (expires_us, flight.record.id))

    def wait(self, flight: Flight) -> None:
        """It waits in its line."""
        self._waiting[flight.record.id] = flight
        self.lines.put(flight.key, flight.record.id, flight.record.priority)

    def take(self) -> Flight | None:
        """The next of all open lines; it stands nowhere then."""
        found = self.lines.take()
        return None if found is None else self._waiting.pop(found[1])

    def prepare(self, flight: Flight) -> None:
        """It is about to be sent."""
        self._preparing[flight.record.id] = flight

    def drop_prepared(self, flight: Flight) -> bool:
        """It is not about to be sent any more; False when it was not."""
        return self._preparing.pop(flight.record.id, None) is not None

    def set_out(self, flight: Flight) -> None:
        """It is under way."""
        self.flights.add(flight)
        self.note(flight)

    def turn_back(self, flight: Flight) -> None:
        """It is under way no more, and was not sent."""
        self.flights.remove(flight)
        self.note(flight)

    def note(self, flight: Flight) -> None:
        """Whether its link is there has changed, or may have."""
        number = flight.record.id
        if flight.away or self.flights.get(number) is not flight:
            self._aloft.pop(number, None)
        else:
            self._aloft[number] = flight

    def end(self, flight: Flight) -> Stood:
        """It ended; where it stood, "" when it had ended before."""
        number = flight.record.id
        stood: Stood = ""
        if self._waiting.pop(number, None) is not None:
            self.lines.drop(number)
            stood = "waiting"
        elif self.drop_prepared(flight):
            stood = "about to be sent"
        elif self.flights.get(number) is not None:
            self.flights.end(flight)
            self.note(flight)
            stood = "under way"
        if stood:
            mn = flight.record.mn
            self._of_mn[mn] -= 1
            if not self._of_mn[mn]:
                del self._of_mn[mn]
        return stood

    def idle(self, key: Key) -> bool:
        """Whether none of a line is under way or about to be sent."""
        going = [*self.flights.of(key[0]), *self._preparing.values()]
        return all(flight.key != key for flight in going)

    def expired(self, now_us: int, again_us: int) -> Iterator[tuple[Flight, bool]]:
        """Those that wait, or whose link is gone, when their time is up, and whether they were
        sent. All others are looked at again at ``again_us``."""
        while self._expiring and self._expiring[0][0] <= now_us:
            _, number = heappop(self._expiring)
            waiting = self._waiting.get(number)
            under_way = self.flights.get(number)
            if waiting is not None:
                yield waiting, False
            elif under_way is not None and under_way.away:
                yield under_way, True
            elif under_way is not None or number in self._preparing:
                heappush(self._expiring, (again_us, number))
