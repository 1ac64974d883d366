"""Alerts while the hub runs: look, hand over to the registry, take the steps that are due, again.

A look happens in a thread of its own (watch.py); the next one begins only when the registry has
all that the one before told: while the registry is away the journal waits, and nothing is lost.
The state on disk is written only then, too, so that after a kill the same signals come again and
the registry passes them over. Event loop only. Tests: tests/hub/alerts/test_alert_service.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from alerts.incidents import deeds
from alerts.incidents.terms import Terms
from alerts.rules.book import Rule
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alerts.checking import Checking
from hj212d.hub.alerts.ears import Ears
from hj212d.hub.alerts.means_feed import MeansFeed, wanted_by
from hj212d.hub.alerts.moments import aware
from hj212d.hub.alerts.news import News, figures_of, news
from hj212d.hub.alerts.system_rules import LOOK_EVERY_S, Figures
from hj212d.hub.alerts.volumes import volumes
from hj212d.hub.alerts.watch import Given, Looked, Watch
from hj212d.hub.completeness.expected import day_of
from hj212d.hub.times import iso
from store.registry.errors import Conflict, RegistryUnavailable

REST_S = 1.0  # after the registry did not serve, or our own code failed
TAKEN_AT_ONCE = 2_000  # signals
TICK_AT_LEAST_S = 5.0  # people change incidents, too
FIGURES_EVERY_S = 10.0
CLOCK_BACK_US = 5_000_000  # less is caught up with sooner than anybody waits for it

Steps = Generator[Deferred[Any], Any, Any]


class Keeping(Protocol):
    """The registry service."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in the registry's thread."""


class Limits(Protocol):
    """Who keeps the limits of stations (ground.py)."""

    def own_limits(self, records: Any) -> set[str]:
        """All of the registry; the MNs of which some are different."""


class AlertService(Service):
    """Owner of the thread of alerts. ``told``: called each time messages were put into the
    outbox. ``terms``: a moment and the rules in force -> what deeds go by."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        watch: Watch,
        registry: Keeping,
        terms: Callable[[datetime, dict[str, Rule]], Terms],
        limits: Limits,
        ears: Ears,
        feed: MeansFeed,
        checking: Checking,
        figures: Callable[[], Figures],
        folders: tuple[Path, ...],
        settings: AlertsSettings,
        now_us: Callable[[], int],
    ) -> None:
        """``figures``: of the platform, without its disks, which are those of ``folders``."""
        self.settings = settings
        self.told: list[Callable[[], object]] = []
        self.counts: Counter[str] = Counter()
        self._reactor = reactor
        self._watch = watch
        self._registry = registry
        self._make_terms = terms
        self._limits = limits
        self._ears = ears
        self._feed = feed
        self._checking = checking
        self._figures = figures
        self._folders = folders
        self._now_us = now_us
        self._threads = ThreadPool(1, 1, "alerts")
        self._rules: dict[str, Rule] = {}
        self._news = News()
        self._given = Given()
        self._pending: list[Signal] = []
        self._next: Any = None
        self._passing: Deferred[Any] | None = None
        self._opened = False
        self._tick_due_us = 0
        self._saved_us = 0
        self._looked_us = 0
        self._day = 0
        self._passed_us = 0
        self._settles = False
        self._shown: dict[str, dict[str, int]] = {"incidents": {}, "outbox": {}}
        self._shown_us = 0
        self._waits = ""

    def startService(self) -> None:
        """Begin as soon as the registry can be asked."""
        Service.startService(self)
        self._threads.start()
        self._soon(0)

    @inlineCallbacks
    def stopService(self) -> Steps:
        """Begin no further pass; keep the state on disk when all of it is in the registry."""
        Service.stopService(self)
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._passing is not None:
            yield self._passing
        if self._opened:
            if not self._pending:
                yield self._in_thread(self._watch.save).addErrback(self._not_saved)
            yield self._in_thread(self._watch.close)
        self._checking.close()
        self._feed.close()
        self._threads.stop()

    def configure(self, settings: AlertsSettings) -> None:
        """Other settings from now on, for what lasts already, too."""
        self.settings = settings
        self._settles = True

    def identified(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook of routes
        """A link of an MN is there."""
        self._given.found.append(link)

    def left(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook of routes
        """A link of an MN is gone, or its worker does not answer."""
        self._given.lost.append(link)

    def means_made(self) -> None:
        """Means are new."""
        self._feed.made()

    def different(self, mns: Any) -> None:
        """Sites of these MNs changed; empty: any."""
        known = self._given.different
        everybody = known == set() or not mns
        self._given.different = set() if everybody else {*(known or ()), *mns}

    def status(self) -> dict[str, Any]:
        """For the status object."""
        watch = self._watch
        return {
            "on": True,
            "state": "waiting" if self._waits else "ok" if self._opened else "starting",
            "error": self._waits,
            "rules": len(self._rules),
            "unusable_rules": self._news.unusable,
            "up_since": iso(watch.up_since_us or None),
            "frames_total": watch.frames,
            "samples_total": watch.samples,
            "lag_seconds": round(max(0.0, watch.lag_s), 3),
            "cpu_seconds_total": round(watch.cpu_s, 3),
            "skipped_bytes": watch.skipped_bytes,
            "signals_waiting": len(self._pending),
            "raised_total": self.counts["raised"],
            "ended_total": self.counts["ended"],
            "opened_total": self.counts["opened"],
            "recovered_total": self.counts["recovered"],
            "messages_total": self.counts["messages"],
            "checks_total": self.counts["checks"],
            "dropped_signals_total": self.counts["dropped"],
            "faults_total": self._faults(),
            "faults": watch.all_faults(),
            "state_bytes": watch.state_bytes,
            "state_seconds": round(watch.state_s, 3),
            **self._shown,
        }

    def _faults(self) -> int:
        parts = sum(self._watch.all_faults().values())
        return parts + self.counts["faults"] + self._feed.faults + self._checking.faults

    # One pass after the other.

    def _soon(self, pause_s: float) -> None:
        if self.running:
            self._next = self._reactor.callLater(pause_s, self._turn)

    def _turn(self) -> None:
        self._next = None
        self._passing = self._pass()
        self._passing.addCallbacks(self._passed, self._failed)
        self._passing.addCallback(self._ended)

    def _passed(self, more: bool) -> float:
        self._waits = ""
        return 0.0 if more else self.settings.look_every_s

    def _failed(self, failure: Failure) -> float:
        """The registry says itself that it is gone; others may be quicker than we at an incident;
        a fault of ours is logged once."""
        self._waits = failure.getErrorMessage()
        if not failure.check(RegistryUnavailable, Conflict):
            self.counts["faults"] += 1
            if self.counts["faults"] == 1:
                self._log.failure("a pass of alerts failed, it is tried again", failure)
        return REST_S

    def _ended(self, pause_s: float) -> None:
        self._passing = None
        self._soon(pause_s)

    @inlineCallbacks
    def _pass(self) -> Steps:
        self._look_at_clock()
        yield self._learn()
        yield self._hand_over()
        looked: Looked = yield self._in_thread(self._look, self._all_given())
        self._pending = looked.signals
        yield self._hand_over()
        more = yield self._tick()
        yield self._keep()
        return looked.more or more

    @inlineCallbacks
    def _learn(self) -> Steps:
        """What is in force now; the first time also what goes on."""
        found: News | None = yield self._registry.call(news, self._news)
        if found is not None:
            self._news = found
            self._rules = {rule.key: rule for rule in found.rules}
            self._feed.wants = wanted_by(found.rules)
            if limited := self._limits.own_limits(found.limits):
                self.different(limited)
        if not self._opened:
            active = yield self._registry.call(lambda registry: registry.alarms.active())
            self._pending = yield self._in_thread(
                self._watch.open, [*self._rules.values()], active
            )
            self._opened = True
            self._saved_us = self._now_us()
        elif found is not None:
            yield self._in_thread(self._watch.set_rules, [*self._rules.values()])
        self._settles |= found is not None
        if self._settles:
            self._settles = False  # somebody may want it again while it goes on
            try:
                taken = yield self._registry.call(deeds.settle_rules, self._terms())
            except Exception:
                self._settles = True
                raise
            self._note_taken(taken)

    def _look_at_clock(self) -> None:
        """What waits for a moment waits no longer when the clock was set back before it."""
        now = self._now_us()
        if now < self._passed_us - CLOCK_BACK_US:
            self._log.warn("event=clock_set_back")
            self._settles = True
            self._tick_due_us = self._saved_us = self._looked_us = self._shown_us = 0
        self._passed_us = now

    @inlineCallbacks
    def _hand_over(self) -> Steps:
        """All signals into the registry, in their order; those that it fails on are left out one
        by one, named and counted."""
        size = TAKEN_AT_ONCE
        while self._pending:
            some = self._pending[:size]
            try:
                taken = yield self._registry.call(deeds.take, some, self._terms())
            except (RegistryUnavailable, Conflict):
                raise
            except Exception:  # noqa: BLE001 - a fault of ours over some signal
                if len(some) > 1:
                    size = max(1, len(some) // 2)
                    continue
                self._drop(some[0])
            else:
                self._note_taken(taken)
            del self._pending[: len(some)]
            size = min(TAKEN_AT_ONCE, 2 * size)

    def _drop(self, signal: Signal) -> None:
        self.counts["dropped"] += 1
        if self.counts["dropped"] == 1:
            self._log.failure(
                "event=signal_dropped rule={rule} subject={subject}: our own code failed on it",
                rule=signal.rule,
                subject=signal.subject,
            )

    @inlineCallbacks
    def _tick(self) -> Steps:
        """Whether there is more to be done at once."""
        now = self._now_us()
        if now < self._tick_due_us:
            return False
        ticked = yield self._registry.call(deeds.tick, self._terms())
        self._tick_due_us = now + round(TICK_AT_LEAST_S * 1e6)
        self._due(ticked.next_at)
        for name in ("opened", "recovered"):
            self.counts[name] += getattr(ticked, name)
        self._tell(ticked.messages)
        return ticked.next_at is not None and ticked.next_at <= aware(now)

    @inlineCallbacks
    def _keep(self) -> Steps:
        """The state on disk, and the figures to show, each in its time."""
        now = self._now_us()
        if now - self._shown_us >= FIGURES_EVERY_S * 1e6:
            self._shown_us = now
            self._shown = yield self._registry.call(figures_of)
        if now - self._saved_us >= self.settings.snapshot_every_s * 1e6:
            self._saved_us = now
            yield self._in_thread(self._watch.save).addErrback(self._not_saved)

    def _not_saved(self, failure: Failure) -> None:
        """The older state is there still: after a kill more is judged again."""
        self.counts["faults"] += 1
        self._log.failure("the state of alerts could not be written", failure)

    # What a look is given, and what comes of it.

    def _all_given(self) -> Given:
        now = self._now_us()
        day = day_of(now)
        if day != self._day and self._day:
            self.different(())  # limits hold from a day on
        self._day = day
        given, self._given = self._given, Given()
        given.begun_us = self._ears.begun_us()
        self._feed.go_on()
        fed = self._feed.take()
        given.means, given.aqi = fed.means, fed.aqi
        if now - self._looked_us >= LOOK_EVERY_S * 1e6:
            self._looked_us = now
            given.figures = self._figures()
        rules = [rule for rule in self._rules.values() if rule.way == "check"]
        given.due = self._checking.begin(self._watch.checks, rules, self.settings, now)
        given.check = self._checking.take()
        self.counts["checks"] += given.check is not None
        return given

    def _look(self, given: Given) -> Looked:
        """In the thread."""
        if given.figures is not None:
            given.figures = given.figures._replace(volumes=volumes(self._folders))
        return self._watch.look(given)

    def _terms(self) -> Terms:
        return self._make_terms(aware(self._now_us()), self._rules)

    def _note_taken(self, taken: deeds.Taken) -> None:
        self.counts["raised"] += taken.raised
        self.counts["ended"] += taken.ended
        self._due(taken.next_at)
        self._tell(taken.messages)

    def _due(self, next_at: datetime | None) -> None:
        if next_at is not None:
            self._tick_due_us = min(self._tick_due_us, round(next_at.timestamp() * 1e6))

    def _tell(self, messages: int) -> None:
        self.counts["messages"] += messages
        if messages:
            for hook in self.told:
                hook()

    def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(self._reactor, self._threads, partial(work, *arguments))
