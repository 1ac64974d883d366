"""Publishes what is due, corrects what has changed, and catches up on what was missed.

The book alone remembers. After a start all periods that may still be published are looked at once;
from then on new ones, and of the others what was made of new data. Asking happens in a thread of
our own, writing in the registry's. Tests: tests/hub/bulletins/test_bulletin_service.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.bulletins.drafting import Draft, Drafting
from hj212d.hub.bulletins.due import KINDS, Span, due, whole
from hj212d.hub.bulletins.keeping import AT_ONCE, Standing, different, publish, standing
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.slow_work import Busy, TookTooLong
from hj212d.hub.times import iso
from store.registry.bulletins import Published
from store.registry.decisions import BulletinKind
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

FIRST_S = 10.0  # after the start: the registry opens, the store catches up
AGAIN_S = 60.0  # after store or registry did not serve
MOST_BY_HAND = 8
_NOT_NOW = (StoreUnavailable, RegistryUnavailable, Busy, TookTooLong)
_SECOND_US = 1_000_000

Steps = Generator[Deferred[Any], Any, Any]


class Times(Protocol):
    """Who calls at times of day (`Calendar`)."""

    def at(self, name: str, call: Callable[[], object], **cron: str) -> None:
        """Call at all these times."""

    def start(self) -> None:
        """From now on."""

    def stop(self) -> None:
        """No more."""


class Slow(Protocol):
    """A thread that asks (`SlowWork`)."""

    def defer(self, reactor: Any, work: Callable[[], Any]) -> Deferred[Any]:
        """Do something there."""

    def close(self) -> None:
        """Take no more."""


class Keeping(Protocol):
    """The registry (`RegistryService`)."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in its thread."""


class BulletinService(Service):
    """One piece of work at a time. ``closed_us``: means of all hours before are made, None when
    there are none yet; ``places``: how many there are; both block."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        drafting: Drafting,
        closed_us: Callable[[], int | None],
        places: Callable[[], int],
        registry: Keeping,
        slow: Slow,
        calendar: Times,
        settings: BulletinsSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._drafting = drafting
        self._closed_us = closed_us
        self._places = places
        self._registry = registry
        self._slow = slow
        self._calendar = calendar
        self._now_us = now_us
        self._due: dict[BulletinKind, bool] = {}  # kinds to look at; whether old periods, too
        self._by_hand: list[tuple[Span, Deferred[Published]]] = []
        self._working = False
        self._later: Any = None
        self._counts: Counter[str] = Counter()
        self._errors: dict[BulletinKind, str] = {}
        self._upto: dict[BulletinKind, int] = {}  # all periods before were looked at once
        self._seen: dict[BulletinKind, int] = {}  # as_of of the newest that a look came across
        self._touched: int | None = None  # the earliest day that is other than when last ranked
        self._forgotten = 0

    def forget(self) -> None:
        """Look at everything again that may still be corrected: sites or settings changed."""
        self._upto.clear()
        self._seen.clear()
        self._forgotten += 1

    def startService(self) -> None:
        """Begin; soon after the start all kinds are looked at."""
        Service.startService(self)
        self._plan()
        self._calendar.start()
        self._soon(FIRST_S)

    def stopService(self) -> None:
        """Begin nothing more. What is on its way is in the book or will be found missing."""
        Service.stopService(self)
        self._calendar.stop()
        if self._later is not None and self._later.active():
            self._later.cancel()
        while self._by_hand:
            self._by_hand.pop()[1].errback(Busy("the hub is closing"))
        self._slow.close()

    def configure(self, settings: BulletinsSettings) -> None:
        """Other settings from now on."""
        if settings != self.settings:
            self.settings = settings
            self.forget()
            self._plan()
            self.look_at_all()

    def look(self, kind: BulletinKind, corrections: bool = False) -> None:
        """Publish what of a kind is due; with ``corrections`` what of old periods changed, too."""
        self._due[kind] = self._due.get(kind, False) or corrections
        self._go_on()

    def look_at_all(self) -> None:
        """The same of all kinds, with corrections."""
        for kind in KINDS:
            self._due[kind] = True
        self._go_on()

    def publish(self, kind: BulletinKind, start_us: int, end_us: int) -> Deferred[Published]:
        """All whole periods of a span that are over, however old. Busy, ValueError: nothing there
        is over; StoreUnavailable, RegistryUnavailable."""
        done: Deferred[Published] = Deferred()
        if len(self._by_hand) >= MOST_BY_HAND or not self.running:
            done.errback(Busy("too many bulletins are asked for by hand"))
            return done
        self._by_hand.append((Span(kind, start_us, end_us), done))
        self._go_on()
        return done

    def status(self) -> dict[str, Any]:
        """For the status object; moments are ends of periods."""
        return {
            "on": self.settings.on,
            "working": self._working,
            "error": next(iter(self._errors.values()), ""),
            "published_total": self._counts["first"],
            "corrections_total": self._counts["corrections"],
            "looks_total": self._counts["looks"],
            "faults_total": self._counts["faults"],
            **{f"{kind}s_upto": iso(self._upto.get(kind)) for kind in KINDS},
        }

    # When.

    def _plan(self) -> None:
        settings = self.settings
        minutes = f"{settings.hour_minute}-59"
        self._calendar.at("hour", lambda: self.look("hour"), minute=minutes)
        for kind, clock in (("day", settings.day_at), ("ranking", settings.ranking_at)):
            hour, minute = clock.split(":")
            self._calendar.at(kind, self._looking(kind), hour=hour, minute=minute)
        every = f"*/{settings.corrections_minutes}"
        self._calendar.at("corrections", self.look_at_all, minute=every)

    def _looking(self, kind: Any) -> Callable[[], object]:
        return lambda: self.look(kind)

    def _soon(self, pause_s: float) -> None:
        if self._later is None or not self._later.active():
            self._later = self._reactor.callLater(pause_s, self.look_at_all)

    def _go_on(self) -> None:
        if self._working or not self.running:
            return
        if self._by_hand:
            span, done = self._by_hand.pop(0)
            self._begin(lambda: self._all_of(span)).chainDeferred(done)
        elif self._due and self.settings.on:
            kind = next(kind for kind in KINDS if kind in self._due)
            corrections = self._due.pop(kind)
            self._begin(lambda: self._look(kind, corrections)).addErrback(self._failed, kind)
        else:
            self._due.clear()

    def _begin(self, work: Callable[[], Deferred[Published]]) -> Deferred[Published]:
        self._working = True

        def end(result: object) -> object:
            self._working = False
            self._reactor.callLater(0, self._go_on)
            return result

        return maybeDeferred(work).addBoth(end)

    # What.

    @inlineCallbacks
    def _look(self, kind: BulletinKind, corrections: bool) -> Steps:
        settings = self.settings
        forgotten = self._forgotten
        closed = yield self._slowly(self._closed_us)
        span = None if closed is None else due(kind, self._now_us(), closed, settings)
        self._counts["looks"] += 1
        if span is None:
            self._errors.pop(kind, None)
            return Published()
        new = max(span.start, min(self._upto.get(kind, span.start), span.end))
        seen = self._seen.get(kind, 0)
        total, newest = yield self._publish(Span(kind, new, span.end), None)
        old = self._old(kind, span.start, new) if corrections else None
        if old is not None:
            more, latest = yield self._publish(old, None if kind == "ranking" else seen)
            total, newest = total.plus(more), max(newest, latest)
        self._errors.pop(kind, None)
        if forgotten == self._forgotten:
            self._upto[kind] = span.end
            if corrections or new == span.start:
                self._seen[kind] = max(seen, newest)
        if total.first or total.corrections:
            self._log.info(
                "event=published kind={kind} upto={upto} bulletins={first} corrections={again}",
                kind=kind,
                upto=iso(span.end),
                first=total.first,
                again=total.corrections,
            )
        return total

    def _old(self, kind: BulletinKind, start: int, end: int) -> Span | None:
        """What of the periods that were looked at before may need a correction. A ranking changes
        with its day and, by its month, with the days before: others are not made again."""
        if kind == "ranking":
            touched, self._touched = self._touched, None
            if touched is None:
                return None
            start = max(start, touched)
        return Span(kind, start, end) if start < end else None

    @inlineCallbacks
    def _all_of(self, span: Span) -> Steps:
        closed = yield self._slowly(self._closed_us)
        found = None if closed is None else whole(*span, closed)
        if found is None:
            raise ValueError("no whole period of that span is over and has its means")
        total, _ = yield self._publish(found, None)
        return total

    @inlineCallbacks
    def _publish(self, span: Span, since_us: int | None) -> Steps:
        """Publish a span piece by piece: how much was new, and the newest as_of."""
        total, newest = Published(), 0
        settings = self.settings
        pieces = yield self._slowly(lambda: list(span.pieces(self._places())))
        for piece in pieces:
            drafts: list[Draft] = yield self._slowly(self._drawing(piece, settings, since_us))
            if not drafts or not self.running:
                continue
            stand = yield self._registry.call(standing, piece)
            # Of a province that are a hundred thousand: not for the loop.
            weighed = yield self._slowly(partial(_weighed, drafts, stand, since_us))
            drafts, latest, begun = weighed
            newest = max(newest, latest)
            if piece.kind == "day" and begun is not None:
                self._touched = begun if self._touched is None else min(begun, self._touched)
            for first in range(0, len(drafts), AT_ONCE):
                done = yield self._registry.call(publish, drafts[first : first + AT_ONCE])
                self._counts.update(done._asdict())
                total = total.plus(done)
        return total, newest

    def _drawing(
        self, piece: Span, settings: BulletinsSettings, since_us: int | None
    ) -> Callable[[], list[Draft]]:
        return lambda: self._drafting.drafts(piece, settings, since_us)

    def _slowly(self, work: Callable[[], Any]) -> Deferred[Any]:
        return self._slow.defer(self._reactor, work)

    def _failed(self, failure: Failure, kind: BulletinKind) -> None:
        if not self.running:
            return
        self._upto.pop(kind, None)  # all of it again: nobody knows how far that came
        self._errors[kind] = str(failure.value)
        if failure.check(*_NOT_NOW):
            self._soon(AGAIN_S)
        else:
            self._counts["faults"] += 1
            self._log.failure("publishing of kind {kind} failed", failure, kind=kind)


def _weighed(
    drafts: Sequence[Draft], stand: Standing, since_us: int | None
) -> tuple[list[Draft], int, int | None]:
    """Those that differ from what stands; the latest as_of of all; and the first start of what
    differs or is newer than ``since_us``, None for none."""
    new = [one for one in drafts if since_us is not None and _us(one) > since_us]
    kept = different(drafts, stand)
    begun = min((_start_us(one) for one in (*new, *kept)), default=None)
    return kept, max(map(_us, drafts)), begun


def _us(draft: Draft) -> int:
    return round(draft.record.as_of.timestamp() * _SECOND_US)


def _start_us(draft: Draft) -> int:
    return round(draft.record.start.timestamp() * _SECOND_US)
