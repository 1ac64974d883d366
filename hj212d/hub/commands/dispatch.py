"""Sends what waits when its instrument is there, follows it, and gives it up in time.

Everything about a command after it was taken: whose turn it is, a link that goes, one that comes
back, its expiry, its end. How one goes out is sending.py's; replies come from the ear. Event loop
only; time by ``reactor``.
Tests: tests/hub/commands/test_command_service.py, test_command_weather.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from twisted.internet.defer import Deferred, DeferredList

from hj212d.hub.commands.around import Knowing, Sender, Ways
from hj212d.hub.commands.book import Book, Left, microseconds
from hj212d.hub.commands.drawing_up import read, spec_of
from hj212d.hub.commands.ear import EarService, Heard
from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.hearing import Hearing
from hj212d.hub.commands.lines import Key
from hj212d.hub.commands.moments import Moments
from hj212d.hub.commands.open_commands import OpenCommands
from hj212d.hub.commands.patience import Patiences
from hj212d.hub.commands.sending import Sending
from hj212d.hub.commands.settings import CommandsSettings
from hj212d.wire import requests
from hj212d.wire.requests import RequestSpec
from store.registry.records import CommandRecord

AGAIN_S = 2.0  # after a link or the registry did not take what was to go
_GIVEN = "forward:"  # origin of frames that others made


class Dispatch:
    """Commands from the moment they are kept to their end.

    ``changed``: called with a record that changed; ``ended``: with one that came to its end, and
    whether a late answer only made the end another one; ``answered``: with each frame that
    answers one; ``objection``: why a command must not go out after all, "" when it may.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        book: Book,
        ear: EarService,
        sender: Sender,
        ways: Ways,
        knowing: Knowing,
        patiences: Patiences,
        settings: CommandsSettings,
        now_us: Callable[[], int],
        changed: Callable[[CommandRecord], None],
        ended: Callable[[CommandRecord, bool], None],
        answered: Callable[[CommandRecord, Heard], None],
        objection: Callable[[CommandRecord], str],
    ) -> None:
        self.settings = settings
        self.heard_all = False  # what came before this hub started was heard
        self._reactor = reactor
        self._book = book
        self._ear = ear
        self._ways = ways
        self._knowing = knowing
        self._patiences = patiences
        self._now_us = now_us
        self._changed = changed
        self._ended = ended
        self._objection = objection
        self._open = OpenCommands()
        self._flights = self._open.flights
        self._settling: Moments[str] = Moments()
        self._pausing: Moments[Key] = Moments()
        self._hearing = Hearing(self._flights, answered)
        self._sending = Sending(
            reactor,
            open_commands=self._open,
            book=book,
            ear=ear,
            sender=sender,
            ways=ways,
            knowing=knowing,
            patiences=patiences,
            now_us=now_us,
            save=self._save,
            changed=changed,
            not_taken=self._look_again,
        )

    @property
    def mns(self) -> Collection[str]:
        """MNs with a command under way."""
        return self._flights.mns

    def open_of(self, mn: str) -> int:
        """Commands of an MN that have not ended."""
        return self._open.of_mn(mn)

    def status(self) -> dict[str, int]:
        """Figures for the status object."""
        return {
            "queued": self._open.queued,
            "under_way": self._open.busy,
            "sent": len(self._flights),
            "unmatched": self._hearing.unmatched,
            "without_qn": self._hearing.without_qn,
        }

    def put(self, record: CommandRecord, spec: RequestSpec) -> None:
        """A command that is kept: send it as soon as it is its turn."""
        flight = Flight(record, spec, self.settings.execution_s)
        self._open.admit(flight, microseconds(record.expires_at))
        self._open.wait(flight)
        if self._sending.route(flight) is not None and record.mn not in self._settling:
            self._open_line(flight.key)
        self.pump()

    def restore(self, left: Left) -> None:
        """Take up what hubs before this one left; what ended already, for late replies."""
        for mn, found in left.patiences.items():
            self._patiences.learn(mn, found)
        for record in left.opened:
            if not record.origin.startswith(_GIVEN):  # those have QNs of other clocks
                self._sending.maker.used(record.qn)
            if record.state == "queued":
                self.put(record, _spec(record))
                continue
            flight = self._revived(record)
            self._open.admit(flight, microseconds(record.expires_at))
            self._open.set_out(flight)
            self._ear.watch_mn(record.mn)
            self._settling.look(record.mn, self._reactor.seconds())
        for record in left.past:
            if record.qn and record.finished_at is not None:
                flight = self._revived(record)
                flight.restored_us = microseconds(record.finished_at)
                self._flights.remember(flight)

    def cancel(self, number: int, why: str) -> bool:
        """Give it up; False when it is not open."""
        flight = self._open.get(number)
        if flight is None:
            return False
        flight.end("cancelled", why, self._now_us())
        self._save(flight)
        return True

    def identified(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """An MN spoke on a link."""
        if self._open.lines.count((mn, 0)) or self._flights.of(mn):
            self._settling.look(mn, self._reactor.seconds() + self.settings.settle_s)

    def left(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """A link of an MN is gone."""
        now_us = self._now_us()
        if self._ways.route(mn) is None:
            self._open.lines.shut((mn, 0))
        for flight in self._flights.of(mn):
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
            flight = self._hearing.hear(one, self._reactor.seconds())
            if flight is not None:
                touched[flight.record.id] = flight
        return DeferredList([self._save(flight) for flight in touched.values()])

    def tick(self) -> None:
        """Time has passed."""
        now_s, now_us = self._reactor.seconds(), self._now_us()
        for mn in self._settling.due(now_s):
            self._look(mn)
        for key in self._pausing.due(now_s):
            if key[1] or (self._ways.route(key[0]) is not None and key[0] not in self._settling):
                self._open_line(key)
        for flight in self._open.aloft:
            raw = flight.tick(now_s, now_us)
            if raw is not None or flight.ended:
                self._sending.go(flight, raw)
        if self.heard_all:
            self._expire(now_us)
        self.pump()

    def pump(self) -> None:
        """Send what may go now."""
        while self.heard_all and self._open.busy < self.settings.at_once:
            flight = self._open.take()
            if flight is None:
                return
            self._begin(flight)

    def _begin(self, flight: Flight) -> None:
        route = self._sending.route(flight)
        if route is None:
            self._open.wait(flight)
            return
        self._open.prepare(flight)
        objection = self._objection(flight.record)
        if objection:
            flight.end("cancelled", objection, self._now_us())
            self._save(flight)
            return
        self._sending.begin(flight, route)

    def _look(self, mn: str) -> None:
        """Send what there is for an MN, if it is there."""
        route = self._ways.route(mn)
        if route is None:
            return
        if not self.heard_all:
            self._settling.look(mn, self._reactor.seconds() + self.settings.settle_s)
            return
        for flight in self._flights.of(mn):
            if flight.away and not flight.key[1]:
                if self._open.busy >= self.settings.at_once:
                    self._look_again(mn)
                    return
                self._sending.take_way(flight, route)
                raw = flight.begin(self._reactor.seconds(), self._now_us())
                self._sending.go(flight, raw)
        self._open_line((mn, 0))

    def _look_again(self, mn: str) -> None:
        self._settling.look(mn, self._reactor.seconds() + AGAIN_S)

    def _open_line(self, key: Key) -> None:
        """Its next command may go, unless one is under way, or was a moment ago."""
        if key not in self._pausing and self._open.idle(key):
            self._open.lines.open(key)

    def _save(self, flight: Flight) -> Deferred[Any]:
        """Keep what changed, tell who wants to know, and close what came to its end."""
        changes, told = flight.taken()
        kept = self._book.save(flight.record.id, changes, told)
        self._open.note(flight)
        if changes:
            self._changed(flight.record)
        if flight.ended and not self._closed(flight) and "state" in changes:
            self._ended(flight.record, True)
        return kept

    def _closed(self, flight: Flight) -> bool:
        """Close one that ended; False when that was done before."""
        stood = self._open.end(flight)
        if not stood:
            return False
        key = flight.key
        if stood == "under way":
            self._ear.unwatch_mn(key[0])
        if flight.record.attempts and self.settings.pause_ms:
            self._pausing.look(key, self._reactor.seconds() + self.settings.pause_ms / 1000)
        elif stood != "waiting" and (key[1] or self._ways.route(key[0]) is not None):
            self._open.lines.open(key)
        self._ended(flight.record, False)
        self.pump()
        return True

    def _expire(self, now_us: int) -> None:
        for flight, was_sent in self._open.expired(now_us, now_us + round(AGAIN_S * 1e6)):
            if was_sent:
                why = "the link went away and did not come back before the command expired"
                flight.end("timeout", why, now_us)
            else:
                flight.end("expired", "the instrument was not there in time", now_us)
            self._save(flight)

    def _revived(self, record: CommandRecord) -> Flight:
        flight = Flight(record, _spec(record), self.settings.execution_s)
        args = {**record.args, **record.secret_args}
        flight.prepare(record.raw, record.qn, args, self._sending.waits(record.mn))
        flight.restore(self._reactor.seconds())
        return flight


def _spec(record: CommandRecord) -> RequestSpec:
    """What a record asks for."""
    spec = requests.find(record.name, record.version)
    return spec if spec is not None else spec_of(read(record.raw))
