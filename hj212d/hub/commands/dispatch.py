"""Sends what waits when its instrument is there, follows it, and gives it up in time.

Everything about a command after it was taken: its line, its link, resends, a link that goes, one
that comes back, its expiry. Replies come from the ear. Event loop only; time by ``reactor``.
Tests: tests/hub/commands/test_command_service.py, test_command_weather.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.around import Knowing, Sender, Ways
from hj212d.hub.commands.book import Book, microseconds
from hj212d.hub.commands.drawing_up import read, spec_of
from hj212d.hub.commands.ear import EarService, Heard
from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.lines import Key, Lines
from hj212d.hub.commands.making import Maker
from hj212d.hub.commands.matching import Flights
from hj212d.hub.commands.medium import patience
from hj212d.hub.commands.settings import CommandsSettings
from hj212d.hub.commands.settling import Settling
from hj212d.hub.keys.policy import NoKey
from hj212d.hub.routes import Route
from hj212d.wire import requests
from hj212d.wire.replies import read_reply
from hj212d.wire.requests import RequestSpec
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord

AGAIN_S = 2.0  # after a link or the registry did not take what was to go
_SLOT_BITS = 0xFF  # of a link's number: the worker it is on (link/numbers.py)
_GIVEN = "forward:"  # origin of frames that others made
_CONGESTED = "congested"
_PERHAPS = "no_answer"  # of the worker: the bytes may have gone out


class Dispatch:
    """Commands from the moment they are kept to their end.

    ``changed``: called with a record that changed; ``ended``: once, with one that came to its end;
    ``answered``: with each frame that answers one; ``objection``: why a command must not go out
    after all, "" when it may.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        book: Book,
        ear: EarService,
        sender: Sender,
        ways: Ways,
        knowing: Knowing,
        settings: CommandsSettings,
        now_us: Callable[[], int],
        changed: Callable[[CommandRecord], None],
        ended: Callable[[CommandRecord], None],
        answered: Callable[[CommandRecord, Heard], None],
        objection: Callable[[CommandRecord], str],
    ) -> None:
        self.settings = settings
        self.heard_all = False  # what came before this hub started was heard
        self.unmatched = 0
        self.without_qn = 0
        self._reactor = reactor
        self._book = book
        self._ear = ear
        self._sender = sender
        self._ways = ways
        self._knowing = knowing
        self._now_us = now_us
        self._changed = changed
        self._ended = ended
        self._answered = answered
        self._objection = objection
        self._lines = Lines()
        self._waiting: dict[int, Flight] = {}
        self._preparing: dict[int, Flight] = {}
        self._aloft: dict[int, Flight] = {}  # of those under way, the ones whose link is there
        self.flights = Flights()
        self._settling = Settling()
        self._expiring: list[tuple[int, int]] = []
        self._open: Counter[str] = Counter()
        self._maker = Maker(book, knowing, now_us)

    @property
    def queued(self) -> int:
        """Commands that wait."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """Commands that were sent and whose link is there, and those about to be sent."""
        return len(self._preparing) + len(self._aloft)

    def open_of(self, mn: str) -> int:
        """Commands of an MN that have not ended."""
        return self._open[mn]

    def put(self, record: CommandRecord, spec: RequestSpec) -> None:
        """A command that is kept: send it as soon as it is its turn."""
        waits = patience(self._knowing.facts(record.mn).medium)
        flight = Flight(record, spec, waits, self.settings.execution_s)
        self._open[record.mn] += 1
        heappush(self._expiring, (microseconds(record.expires_at), record.id))
        self._wait(flight)
        if self._route(flight) is not None and record.mn not in self._settling:
            self._open_line(flight.key)
        self.pump()

    def restore(self, opened: Iterable[CommandRecord], past: Iterable[CommandRecord]) -> None:
        """Take up what hubs before this one left open; ``past``: what ended, for late replies."""
        for record in opened:
            if not record.origin.startswith(_GIVEN):  # those have QNs of other clocks
                self._maker.used(record.qn)
            if record.state == "queued":
                self.put(record, _spec(record))
                continue
            flight = self._revived(record)
            flight.restore(self._reactor.seconds())
            self._open[record.mn] += 1
            heappush(self._expiring, (microseconds(record.expires_at), record.id))
            self._add(flight)
            self._settling.look(record.mn, self._reactor.seconds())
        for record in past:
            if record.qn and record.finished_at is not None:
                flight = self._revived(record)
                flight.restore(self._reactor.seconds())
                flight.restored_us = microseconds(record.finished_at)
                self.flights.remember(flight)

    def cancel(self, number: int, why: str) -> bool:
        """Give it up; False when it is not open."""
        flight = (
            self._waiting.get(number) or self._preparing.get(number) or self.flights.get(number)
        )
        if flight is None:
            return False
        flight.end("cancelled", why, self._now_us())
        self._save(flight)
        return True

    def identified(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """An MN spoke on a link."""
        if self._lines.count((mn, 0)) or self.flights.of(mn):
            self._settling.look(mn, self._reactor.seconds() + self.settings.settle_s)

    def left(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """A link of an MN is gone."""
        now_us = self._now_us()
        if self._ways.route(mn) is None:
            self._lines.shut((mn, 0))
        for flight in self.flights.of(mn):
            if flight.link != link or flight.away:
                continue
            flight.left(now_us)
            if flight.key[1]:
                flight.end("timeout", "the link went away before the answer", now_us)
            elif self._ways.route(mn) is not None:
                self._look_again(mn)
            self._save(flight)
        self.pump()

    def hear(self, heard: Sequence[Heard]) -> Deferred[Any]:
        """Frames from the ear; fires when what they changed is kept."""
        touched: dict[int, Flight] = {}
        for one in heard:
            if not one.frame.ok:
                continue
            self._knowing.saw_password(one.frame.mn, one.frame.pw)
            flight = self._hear(one)
            if flight is not None:
                touched[flight.record.id] = flight
        return DeferredList([self._save(flight) for flight in touched.values()])

    def tick(self) -> None:
        """Time has passed."""
        now_s, now_us = self._reactor.seconds(), self._now_us()
        for mn in self._settling.due(now_s):
            self._look(mn)
        for flight in list(self._aloft.values()):
            raw = flight.tick(now_s, now_us)
            if raw is not None or flight.ended:
                self._go(flight, raw)
        if self.heard_all:
            self._expire(now_us)
        self.pump()

    def pump(self) -> None:
        """Send what may go now."""
        while self.heard_all and self.under_way < self.settings.at_once:
            found = self._lines.take()
            if found is None:
                return
            self._begin(self._waiting.pop(found[1]))

    def _begin(self, flight: Flight) -> None:
        record = flight.record
        route = self._route(flight)
        if route is None:
            self._wait(flight)
            return
        self._preparing[record.id] = flight
        objection = self._objection(record)
        if objection:
            flight.end("cancelled", objection, self._now_us())
            self._save(flight)
            return
        self._prepare(flight, route).addErrback(self._not_begun, flight)

    @inlineCallbacks
    def _prepare(self, flight: Flight, route: Route) -> Any:
        """Make the frame, keep it, send it: in this order."""
        record = flight.record
        if record.raw:
            flight.prepare(record.raw, record.qn, record.args)
        else:
            raw, qn, args = yield self._maker.make(record, flight.spec)
            if flight.ended:
                return
            flight.prepare(raw, qn, args)
        self._take_way(flight, route)
        raw = flight.begin(self._reactor.seconds(), self._now_us())
        changes, told = flight.taken()
        yield self._book.must_save(record.id, changes, told)
        if flight.ended:
            return
        del self._preparing[record.id]
        self._add(flight)
        self._changed(flight.record)
        self._send(flight, raw or b"")

    def _not_begun(self, failure: Failure, flight: Flight) -> None:
        """It did not go out: later, or never."""
        if self._preparing.pop(flight.record.id, None) is None:
            self._log.failure("a command could not be sent", failure)
            return
        if failure.check(RegistryUnavailable):
            self._unsent(flight, "the registry is away")
            return
        if failure.check(NoKey, ValueError):
            why = failure.getErrorMessage()
        else:
            why = "the hub failed on this command; its log says more"
            self._log.failure("a command could not be made", failure)
        self._preparing[flight.record.id] = flight
        flight.end("failed", why, self._now_us())
        self._save(flight)

    def _unsent(self, flight: Flight, why: str) -> None:
        """Back into its line, as if nothing had been."""
        fresh = Flight(flight.record, flight.spec, flight.waits, self.settings.execution_s)
        given = flight.given  # a frame of somebody else keeps its bytes
        fresh.change(state="queued", attempts=0, sent_at=None)
        if not given:
            fresh.change(qn="", raw=b"")
        fresh.tell(self._now_us(), "not sent", why)
        self._wait(fresh)
        self._save(fresh)
        self._look_again(fresh.record.mn)

    def _send(self, flight: Flight, raw: bytes) -> None:
        sent = self._sender.send(flight.slot, flight.link, raw)
        sent.addCallbacks(
            lambda why: self._was_sent(flight, why),
            lambda failure: self._log.failure("a worker could not be told to send", failure),
        )

    def _was_sent(self, flight: Flight, why: str) -> None:
        if why in ("", _PERHAPS) or flight.ended or flight.away:
            return
        now_us = self._now_us()
        if flight.key[1] and why != _CONGESTED:
            flight.end("failed", f"link {flight.link} is not there ({why})", now_us)
            self._save(flight)
        elif flight.record.attempts == 1 and not flight.record.accepted_at:
            self._forget(flight)
            self._unsent(flight, f"the link did not take it ({why})")
        else:
            flight.left(now_us)
            self._save(flight)
            self._look_again(flight.record.mn)

    def _hear(self, heard: Heard) -> Flight | None:
        reply = read_reply(heard.frame)
        if reply is None:
            return None
        for flight in self.flights.concerned(reply, heard):
            if flight.restored_us is not None and heard.received_us <= flight.restored_us:
                return None  # it was heard before this hub started
            if flight.hear(reply, heard, self._reactor.seconds()):
                if not reply.qn and reply.kind != "data":
                    self.without_qn += 1
                    flight.note_once(heard.received_us, "matched by MN", "the reply has no QN")
                self._answered(flight.record, heard)
                return flight
        self.unmatched += reply.kind != "data"
        return None

    def _look(self, mn: str) -> None:
        """Send what there is for an MN, if it is there."""
        route = self._ways.route(mn)
        if route is None:
            return
        if not self.heard_all:
            self._settling.look(mn, self._reactor.seconds() + self.settings.settle_s)
            return
        for flight in self.flights.of(mn):
            if flight.away and not flight.key[1]:
                if self.under_way >= self.settings.at_once:
                    self._look_again(mn)
                    return
                self._take_way(flight, route)
                self._go(flight, flight.begin(self._reactor.seconds(), self._now_us()))
        self._open_line((mn, 0))

    def _look_again(self, mn: str) -> None:
        self._settling.look(mn, self._reactor.seconds() + AGAIN_S)

    def _open_line(self, key: Key) -> None:
        """Its next command may go, unless one is under way."""
        under_way = [*self.flights.of(key[0]), *self._preparing.values()]
        if all(flight.key != key for flight in under_way):
            self._lines.open(key)

    def _go(self, flight: Flight, raw: bytes | None) -> None:
        """Keep what changed; then send, over the newest link."""
        route = self._route(flight)
        if route is not None and raw is not None:
            self._take_way(flight, route)
        kept = self._save(flight)
        if raw is not None:
            kept.addCallback(lambda _: self._send(flight, raw))

    def _route(self, flight: Flight) -> Route | None:
        mn, link = flight.key
        return Route(link & _SLOT_BITS, link) if link else self._ways.route(mn)

    def _take_way(self, flight: Flight, route: Route) -> None:
        """Over this link from now on; that others carry the same MN is said."""
        if flight.link == route.link:
            return
        flight.slot, flight.link = route.slot, route.link
        others = len(self._ways.links_of(flight.record.mn)) - 1
        if others > 0 and not flight.key[1]:
            detail = f"{others + 1} links carry this MN, sent over the newest ({route.peer})"
            flight.tell(self._now_us(), "conflict", detail)

    def _wait(self, flight: Flight) -> None:
        self._waiting[flight.record.id] = flight
        self._lines.put(flight.key, flight.record.id, flight.record.priority)

    def _add(self, flight: Flight) -> None:
        self.flights.add(flight)
        self._count(flight)
        self._ear.watch_mn(flight.record.mn)

    def _count(self, flight: Flight) -> None:
        """Whether it takes one of the places of those under way."""
        number = flight.record.id
        if flight.away or self.flights.get(number) is not flight:
            self._aloft.pop(number, None)
        else:
            self._aloft[number] = flight

    def _forget(self, flight: Flight) -> None:
        self.flights.remove(flight)
        self._count(flight)
        self._ear.unwatch_mn(flight.record.mn)

    def _save(self, flight: Flight) -> Deferred[Any]:
        """Keep what changed, tell who wants to know, and close what came to its end."""
        changes, told = flight.taken()
        kept = self._book.save(flight.record.id, changes, told)
        self._count(flight)
        if changes:
            self._changed(flight.record)
        if flight.ended:
            self._close(flight)
        return kept

    def _close(self, flight: Flight) -> None:
        """Of a command that ended; nothing when that was done."""
        number = flight.record.id
        was_under_way = self.flights.get(number) is not None
        was_preparing = self._preparing.pop(number, None) is not None
        was_waiting = self._waiting.pop(number, None) is not None
        if not (was_under_way or was_preparing or was_waiting):
            return
        if was_under_way:
            self.flights.end(flight)
            self._count(flight)
            self._ear.unwatch_mn(flight.record.mn)
        if was_waiting:
            self._lines.drop(number)
        mn = flight.record.mn
        self._open[mn] -= 1
        if not self._open[mn]:
            del self._open[mn]
        if not was_waiting and (flight.key[1] or self._ways.route(mn) is not None):
            self._lines.open(flight.key)
        self._ended(flight.record)
        self.pump()

    def _expire(self, now_us: int) -> None:
        while self._expiring and self._expiring[0][0] <= now_us:
            _, number = heappop(self._expiring)
            waiting = self._waiting.get(number)
            under_way = self.flights.get(number)
            if waiting is not None:
                waiting.end("expired", "the instrument was not there in time", now_us)
                self._save(waiting)
            elif under_way is not None and under_way.away:
                why = "the link went away and did not come back before the command expired"
                under_way.end("timeout", why, now_us)
                self._save(under_way)
            elif under_way is not None:
                heappush(self._expiring, (now_us + round(AGAIN_S * 1e6), number))

    def _revived(self, record: CommandRecord) -> Flight:
        waits = patience(self._knowing.facts(record.mn).medium)
        flight = Flight(record, _spec(record), waits, self.settings.execution_s)
        flight.prepare(record.raw, record.qn, {**record.args, **record.secret_args})
        return flight


def _spec(record: CommandRecord) -> RequestSpec:
    """What a record asks for."""
    spec = requests.find(record.name, record.version)
    return spec if spec is not None else spec_of(read(record.raw))
