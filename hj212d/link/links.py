"""All links of a worker: counted in within the limits, held, paused together, counted out.

Sockets are opened in `listening.py`; what links read goes to `intake.py`.
Tests: tests/link/test_listening.py, tests/link/test_pressure.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from hj212d.link.admission import Gate
from hj212d.link.closes import Close
from hj212d.link.counters import Counters
from hj212d.link.express import Express
from hj212d.link.intake import Intake
from hj212d.link.limits import AddressLimits, PeerAddress
from hj212d.link.pauses import WORKER
from hj212d.link.state import LinkState


class Turning(Protocol):
    """A link that has read more than it may take in one turn."""

    def go_on(self) -> None:
        """Take more of it."""


class Links:
    """The links of one worker, and what they share."""

    def __init__(
        self,
        intake: Intake,
        counters: Counters,
        limits: AddressLimits,
        express: Express,
        clock: Callable[[], float],
        call_soon: Callable[[Callable[[], None]], object],
        on_closed: Callable[[], None],
    ) -> None:
        """``on_closed`` runs after each link that ended."""
        self.intake = intake
        self.express = express
        self.counters = counters
        self.limits = limits
        self.clock = clock
        self.throttled: dict[LinkState, float] = {}  # link -> when its address may read on
        self.reading_paused = ""  # why, "" while all may read
        self._call_soon = call_soon
        self._on_closed = on_closed
        self._turns: list[Turning] = []
        self._links: dict[int, LinkState] = {}
        self._stale: dict[LinkState, None] = {}  # cut by settings that are no longer in force

    def admit(self, ip: str, gate: Gate) -> PeerAddress | Close:
        """The counted address of a new peer, or why it is refused."""
        if not gate.may_connect(ip):
            return Close.NOT_ALLOWED
        return self.limits.open(ip, self.clock())

    def add(self, link: LinkState) -> None:
        """Hold a link that was admitted."""
        self._links[link.number] = link

    def never_opened(self, link: LinkState) -> None:
        """A link that was held went away before its transport stood."""
        del self._links[link.number]
        self.limits.close(link.address)
        self._on_closed()

    def closed(self, link: LinkState, now: float) -> None:
        """A link ended."""
        del self._links[link.number]
        self.throttled.pop(link, None)
        self._stale.pop(link, None)
        self.limits.close(link.address)
        self.intake.closed(link, now)
        self._on_closed()

    def pause_reading(self, why: str) -> None:
        """Let no link read."""
        if not self.reading_paused:
            self.counters.paused("reading", why)
            for link in self._links.values():
                link.pause(WORKER)
        self.reading_paused = why

    def resume_reading(self) -> None:
        """Let links read that nothing else holds back."""
        if self.reading_paused:
            self.reading_paused = ""
            self.counters.resumed("reading")
            for link in self._links.values():
                link.resume(WORKER)

    def take_turns(self, link: Turning) -> None:
        """Let the link go on reading when all others had their turn."""
        if not self._turns:
            self._call_soon(self._next_turn)
        self._turns.append(link)

    def outdate(self, links: Iterable[LinkState] | None = None) -> None:
        """New settings: these links, or all, take them as soon as they can."""
        self._stale.update(dict.fromkeys(self._links.values() if links is None else links))
        self.renew()

    def renew(self) -> None:
        """Let those take new settings that could not yet."""
        self._stale = dict.fromkeys(link for link in self._stale if not link.renew())

    def _next_turn(self) -> None:
        turns, self._turns = self._turns, []
        for link in turns:
            link.go_on()

    def get(self, number: int) -> LinkState | None:
        """The link with this number, None when it is gone."""
        return self._links.get(number)

    def active_at(self, number: int) -> float:
        """When this link was last active; 0.0 when it is gone."""
        link = self._links.get(number)
        return 0.0 if link is None else link.active_at

    def paused(self) -> int:
        """Links whose reading is paused."""
        return sum(1 for link in self._links.values() if link.pauses)

    def __iter__(self) -> Iterator[LinkState]:
        """All links; links may end while this runs."""
        return iter(list(self._links.values()))

    def __len__(self) -> int:
        return len(self._links)
