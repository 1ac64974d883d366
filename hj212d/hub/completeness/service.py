"""Gaps that fill themselves: looks over the devices, keeps the book of gaps.

An instrument that is back is looked at when it has settled, all of them once in a round. What is
decided stands in fill.py, who is asked in asking.py; here is when. The store answers in a thread
of our own, the registry in its. Tests: tests/hub/completeness/test_filling.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.completeness.asking import Asker, Asking, Keeping
from hj212d.hub.completeness.book import Seen, written
from hj212d.hub.completeness.expected import HOUR_S, SECOND_US
from hj212d.hub.completeness.fill import ORIGIN, REQUESTS
from hj212d.hub.completeness.patients import Patient, Patients
from hj212d.hub.completeness.reckoning import Missing, Reckoning
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.completeness.watching import next_look_us
from hj212d.hub.times import iso
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord, GapRecord
from store.timeseries import StoreUnavailable

TICK_S = 1.0
FIRST_ROUND_S = 60.0  # after the start: links come back, the store catches up
MNS_AT_ONCE = 100  # of a round, in one question to the store
REST = 3  # times as long as such a question took nothing more of the round is asked
ANSWERS_S = 2.0  # from the end of a command until its last answers are looked for
WAIT_S = 1.0  # for the store to catch up, before it is asked again whether it has
AGAIN_S = 60.0  # after the store or the registry did not serve
PERIODS = tuple(REQUESTS)
MOST_AWAY = 300_000  # MNs whose return is noticed; others wait for the round

_OF_GAPS = ("gaps_open", "values_missing", "mns_with_gaps", "asked")
_TOTALS = ("filled", "unavailable", "given_up", "rounds", "faults")


class Slow(Protocol):
    """A thread that asks the store (`SlowWork`)."""

    def defer(self, reactor: Any, work: Callable[[], Any]) -> Deferred[Any]:
        """Do something there."""

    def close(self) -> None:
        """Take no more."""


class FillService(Service):
    """Owner of the thread that asks the store. Event loop only.

    ``store_at_us``: all that was received before this is in the store. ``connected``: whether an
    instrument can be asked. ``settings`` may be exchanged at any time.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        reckoning: Reckoning,
        registry: Keeping,
        commands: Asking,
        connected: Callable[[str], bool],
        store_at_us: Callable[[], int],
        slow: Slow,
        settings: CompletenessSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._reckoning = reckoning
        self._registry = registry
        self._connected = connected
        self._store_at_us = store_at_us
        self._now_us = now_us
        self._slow = slow
        self._patients = Patients()
        self._asker = Asker(
            self._patients,
            registry=registry,
            commands=commands,
            connected=connected,
            look_in=self._look_in,
            fault=self._fault,
            settings=lambda: self.settings,
            now_us=now_us,
        )
        self._due: list[tuple[int, str]] = []
        self._left_us: dict[str, int] = {}
        self._working = False
        self._round: list[str] = []
        self._round_us: int | None = None
        self._next_round_us = 0
        self._rest_until_us = 0
        self._loaded = False
        self._counts: Counter[str] = Counter()
        self._loop = LoopingCall(self._tick)
        self._loop.clock = reactor
        commands.finished.append(self._finished)

    def startService(self) -> None:
        """Begin; the first round comes a little later."""
        Service.startService(self)
        self._next_round_us = self._now_us() + int(FIRST_ROUND_S * SECOND_US)
        self._loop.start(TICK_S, now=False).addErrback(self._stopped)

    def stopService(self) -> None:
        """Ask for nothing more; commands that are under way go on."""
        Service.stopService(self)
        if self._loop.running:
            self._loop.stop()
        self._slow.close()

    def identified(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """A hook of the routes: an MN spoke on a link."""
        left = self._left_us.pop(mn, None)
        quiet_us = self.settings.quiet_s * SECOND_US
        if mn in self._patients or (left is not None and self._now_us() - left >= quiet_us):
            self._look_in(mn, self.settings.settle_s)
            self._patients[mn].back_us = self._now_us()

    def left(self, mn: str, link: int, slot: int) -> None:  # noqa: ARG002 - a hook's form
        """A hook of the routes: a link of an MN is gone."""
        if not self._connected(mn):
            if len(self._left_us) < MOST_AWAY:
                self._left_us[mn] = self._now_us()
            patient = self._patients.get(mn)
            if patient is not None:
                patient.settled, patient.lacked, patient.back_us = False, None, None

    def begin_round(self) -> None:
        """Look all devices over from the next tick on."""
        self._next_round_us = self._now_us()

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "fill": self.settings.fill,
            **{name: self._patients.figures[name] for name in _OF_GAPS},
            "requests_total": self._asker.requests,
            **{f"{name}_total": self._counts[name] for name in _TOTALS},
            "round_began_at": iso(self._round_us),
            "round_mns_left": len(self._round),
        }

    def _tick(self) -> None:
        if not self._loaded:
            self._load()
            return
        now = self._now_us()
        if not self._round and now >= self._next_round_us:
            self._next_round_us = now + int(self._round_s() * SECOND_US)
            self._begin_round(now)
        elif not self._working:
            self._work(now)
        self._asker.give(now, TICK_S)

    # Looking.

    def _round_s(self) -> float:
        """From one round to the next. What was lost shortly before the start is not owed yet when
        the first one comes."""
        usual_s = self.settings.round_h * HOUR_S
        return usual_s if self._round_us else min(usual_s, self.settings.grace_s + FIRST_ROUND_S)

    def _load(self) -> None:
        """Whose gaps the book has: they are looked at first."""
        self._loaded = True

        def found(gaps: list[GapRecord]) -> None:
            for mn in {gap.mn for gap in gaps}:
                self._look_in(mn, 0.0)

        def failed(failure: Failure) -> None:
            self._loaded = False
            failure.trap(RegistryUnavailable)

        reading = self._registry.call(lambda registry: registry.gaps.open())
        reading.addCallbacks(found, failed)
        reading.addErrback(self._fault, "the book of gaps")

    def _begin_round(self, now: int) -> None:
        self._round_us = now

        def found(mns: list[str]) -> None:
            self._round = mns
            self._counts["rounds"] += 1

        def failed(_: Failure) -> None:
            self._next_round_us = self._now_us() + int(AGAIN_S * SECOND_US)

        self._slowly(lambda: self._reckoning.mns(anew=True), found, "all devices", failed)

    def _work(self, now: int) -> None:
        """The next thing to look at: a device that is due, else some more of the round."""
        while self._due and self._due[0][0] <= now:
            due_us, mn = heappop(self._due)
            patient = self._patients.get(mn)
            if patient is not None and patient.due_us == due_us:
                patient.due_us = None
                self._look(patient)
                return
        if self._round and now >= self._rest_until_us:
            self._go_on_with_round(now)

    def _go_on_with_round(self, began: int) -> None:
        """Look some more over. Between them the store and the processor are left to others."""
        some = self._round[:MNS_AT_ONCE]
        settings = self.settings

        def found(mns: list[str]) -> None:
            del self._round[:MNS_AT_ONCE]
            for mn in mns:
                self._look_in(mn, 0.0)
            now = self._now_us()
            self._rest_until_us = now + REST * (now - began)

        def failed(failure: Failure) -> None:
            if not failure.check(StoreUnavailable):
                del self._round[:MNS_AT_ONCE]  # a fault of ours: the others have their turn
            self._rest_until_us = self._now_us() + int(AGAIN_S * SECOND_US)

        self._slowly(
            lambda: self._reckoning.incomplete(some, PERIODS, settings), found, "a round", failed
        )

    def _look_in(self, mn: str, pause_s: float) -> None:
        """Look at a device after a pause, unless that is to happen earlier anyway."""
        patient = self._patients.of(mn)
        due_us = self._now_us() + int(pause_s * SECOND_US)
        if patient.due_us is None or due_us < patient.due_us:
            patient.due_us = due_us
            heappush(self._due, (due_us, mn))

    def _look(self, patient: Patient) -> None:
        settings = self.settings

        def found(missing: dict[str, Missing]) -> Deferred[Any]:
            writing = self._registry.call(
                written, patient.mn, missing, self._reckoning.to_fill(settings)[0], now, settings
            )
            return writing.addCallback(lambda seen: self._seen(patient, seen, missing))

        now = self._now_us()
        self._slowly(
            lambda: self._reckoning.missing(patient.mn, PERIODS, settings),
            found,
            patient.mn,
            lambda _: self._look_in(patient.mn, AGAIN_S),
        )

    def _seen(self, patient: Patient, seen: Seen, missing: dict[str, Missing]) -> None:
        now = self._now_us()
        self._patients.take(patient, seen.gaps)
        patient.patience = seen.patience
        patient.interval_s = {
            period: one.rhythm.last.interval_s for period, one in missing.items()
        }
        for state, count in seen.closed.items():
            self._counts[state] += count
        self._watch(patient, now)
        if not patient.gaps:
            if patient.due_us is None:
                del self._patients[patient.mn]
            return
        lacks = sum(gap.missing for gap in patient.gaps)
        settle_us = self.settings.settle_s * SECOND_US
        if patient.lacked is None or lacks < patient.lacked:
            patient.lacked, patient.lacked_us = lacks, now
        elif now - patient.lacked_us >= settle_us:
            patient.settled = True
        if patient.settled:
            self._asker.line_up(patient.mn)
        elif self._connected(patient.mn):
            self._look_in(patient.mn, (patient.lacked_us + settle_us - now) / SECOND_US)

    def _watch(self, patient: Patient, now: int) -> None:
        """Look again at one that is back while more of its silence may show."""
        if patient.back_us is None:
            return
        next_us = next_look_us(patient.back_us, now, patient.interval_s, self.settings)
        if next_us is None:
            patient.back_us = None
        else:
            self._look_in(patient.mn, (next_us - now) / SECOND_US)

    def _finished(self, record: CommandRecord) -> None:
        """A command came to its end: once its answers are in the store, its gaps are judged."""
        if record.origin == ORIGIN and self.running:
            self._await(record.mn, self._now_us())

    def _await(self, mn: str, ended_us: int) -> None:
        if not self.running:
            return
        if self._store_at_us() >= ended_us + ANSWERS_S * SECOND_US:
            self._look_in(mn, 0.0)
        else:
            self._reactor.callLater(WAIT_S, self._await, mn, ended_us)

    # Threads and faults.

    def _slowly(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], Any],
        what: str,
        failed: Callable[[Failure], None],
    ) -> None:
        """Do something in our thread, one at a time, and go on with what it gave."""
        self._working = True

        def end(_: object) -> None:
            self._working = False

        def refuse(failure: Failure) -> None:
            failed(failure)
            if not failure.check(StoreUnavailable, RegistryUnavailable):
                self._fault(failure, what)

        doing = self._slow.defer(self._reactor, work)
        doing.addCallback(then).addErrback(refuse).addBoth(end)

    def _fault(self, failure: Failure, what: str) -> None:
        self._counts["faults"] += 1
        if self.running:
            self._log.failure("looking for gaps of {what} failed", failure, what=what)

    def _stopped(self, failure: Failure) -> None:
        self._fault(failure, "all devices")
        if self.running:
            self._loop.start(TICK_S, now=False).addErrback(self._stopped)
