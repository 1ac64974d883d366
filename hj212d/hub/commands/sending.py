"""A command's way out: the frame is made, kept, and then sent; back into its line when it could
not go.

Event loop only. Tests: tests/hub/commands/test_command_service.py, test_command_weather.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.around import Knowing, Sender, Ways
from hj212d.hub.commands.book import Book
from hj212d.hub.commands.ear import EarService
from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.making import Maker
from hj212d.hub.commands.open_commands import OpenCommands
from hj212d.hub.commands.patience import Patience, Patiences
from hj212d.hub.keys.policy import NoKey
from hj212d.hub.routes import Route
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord

_SLOT_BITS = 0xFF  # of a link's number: the worker it is on (link/numbers.py)
_CONGESTED = "congested"
_PERHAPS = "no_answer"  # of the worker: the bytes may have gone out


class Sending:
    """Takes commands from "about to be sent" to "under way".

    ``save``: keeps what changed of one, and closes it when it came to its end; ``changed``: tells
    who wants to know; ``not_taken``: a link did not take one.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        open_commands: OpenCommands,
        book: Book,
        ear: EarService,
        sender: Sender,
        ways: Ways,
        knowing: Knowing,
        patiences: Patiences,
        now_us: Callable[[], int],
        save: Callable[[Flight], Deferred[Any]],
        changed: Callable[[CommandRecord], None],
        not_taken: Callable[[str], None],
    ) -> None:
        self.maker = Maker(book, knowing, now_us)
        self._reactor = reactor
        self._open = open_commands
        self._book = book
        self._ear = ear
        self._sender = sender
        self._ways = ways
        self._knowing = knowing
        self._patiences = patiences
        self._now_us = now_us
        self._save = save
        self._changed = changed
        self._not_taken = not_taken

    def route(self, flight: Flight) -> Route | None:
        """The way to its instrument now."""
        mn, link = flight.key
        return Route(link & _SLOT_BITS, link) if link else self._ways.route(mn)

    def waits(self, mn: str) -> Patience:
        """How long its answer may take, as far as is known at once."""
        return self._patiences.of(mn, self._knowing.facts(mn).medium)

    def begin(self, flight: Flight, route: Route) -> None:
        """Send a command for the first time; it stands among those about to be sent."""
        self._prepare(flight, route).addErrback(self._not_begun, flight)

    def go(self, flight: Flight, raw: bytes | None) -> None:
        """Keep what changed of one that is under way; then send, over the newest link."""
        route = self.route(flight)
        if route is not None and raw is not None:
            self.take_way(flight, route)
        kept = self._save(flight)
        if raw is not None:
            kept.addCallback(lambda _: self._send(flight, raw))

    def take_way(self, flight: Flight, route: Route) -> None:
        """Over this link from now on; that others carry the same MN is said."""
        if flight.link == route.link:
            return
        flight.slot, flight.link = route.slot, route.link
        others = len(self._ways.links_of(flight.record.mn)) - 1
        if others > 0 and not flight.key[1]:
            detail = f"{others + 1} links carry this MN, sent over the newest ({route.peer})"
            flight.tell(self._now_us(), "conflict", detail)

    @inlineCallbacks
    def _prepare(self, flight: Flight, route: Route) -> Any:
        """Make the frame, keep it, send it: in this order."""
        record = flight.record
        if not self._patiences.knows(record.mn):
            self._patiences.learn(record.mn, (yield self._book.patience(record.mn)))
        made = record.raw, record.qn, record.args
        if not record.raw:
            made = yield self.maker.make(record, flight.spec)
        if flight.ended:
            return
        flight.prepare(*made, self.waits(record.mn))
        self.take_way(flight, route)
        raw = flight.begin(self._reactor.seconds(), self._now_us())
        changes, told = flight.taken()
        yield self._book.must_save(record.id, changes, told)
        if flight.ended:
            return
        self._open.drop_prepared(flight)
        self._open.set_out(flight)
        self._ear.watch_mn(record.mn)
        self._changed(flight.record)
        self._send(flight, raw or b"")

    def _not_begun(self, failure: Failure, flight: Flight) -> None:
        """It did not go out: later, or never."""
        if not self._open.drop_prepared(flight):
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
        self._open.prepare(flight)
        flight.end("failed", why, self._now_us())
        self._save(flight)

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
            self._open.turn_back(flight)
            self._ear.unwatch_mn(flight.record.mn)
            self._unsent(flight, f"the link did not take it ({why})")
        else:
            flight.left(now_us)
            self._save(flight)
            self._not_taken(flight.record.mn)

    def _unsent(self, flight: Flight, why: str) -> None:
        """Back into its line, as if nothing had been."""
        fresh = flight.unsent(self._now_us(), why)
        self._open.wait(fresh)
        self._save(fresh)
        self._not_taken(fresh.record.mn)
