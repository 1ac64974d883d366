"""When means are made: the service over its thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from field import DAY, HOUR, MIDNIGHT, PM25, Field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from waiting import wait_until

from hj212d.hub.means.marking import Marks
from hj212d.hub.means.service import REST_S, MeansService
from hj212d.hub.means.settings import MeansSettings
from store.means import Store
from store.registry.decisions import ReviewRecord
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable


class Threads(Clock):
    """A clock that also runs what threads hand over, when it is turned."""

    def __init__(self) -> None:
        super().__init__()
        self._handed: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def callFromThread(self, function: Callable[..., Any], *args: Any, **named: Any) -> None:
        """Later."""
        self._handed.append((function, args, named))

    def turn(self) -> bool:
        """Do what was handed over; whether there was anything."""
        some, self._handed = self._handed, []
        for function, args, named in some:
            function(*args, **named)
        return bool(some)


class Reviews:
    """A registry that keeps marks, or is gone."""

    def __init__(self) -> None:
        self.marks: list[ReviewRecord] = []
        self.gone = False
        self.reviews = self

    def since(self, change: int, limit: int) -> list[ReviewRecord]:
        """In order."""
        return [mark for mark in self.marks if mark.change > change][:limit]

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """At once."""
        if self.gone:
            return fail(RegistryUnavailable("the registry is not open"))
        return succeed(work(self, *args))


class Running:
    """A service over a store, its clock and its registry."""

    def __init__(self, store: Store, settings: MeansSettings) -> None:
        self.field = Field(store, settings)
        self.field.marks = Marks()
        self.field.start()
        self.reactor = Threads()
        self.registry = Reviews()
        self.service = MeansService(
            self.reactor,
            rolling=self.field.rolling,
            marks=self.field.marks,
            registry=self.registry,
            settings=settings,
            now_us=lambda: round(self.field.now.replace(tzinfo=UTC).timestamp() * 1e6),
        )

    def until(self, found: Callable[[], bool], what: str = "") -> None:
        """Turn until something is so."""

        def turned() -> bool:
            self.reactor.turn()
            self.reactor.advance(0)
            return found()

        wait_until(turned, what, 20)

    def idle(self) -> bool:
        """Whether the next turn is some time away."""
        return any(
            call.getTime() > self.reactor.seconds() for call in self.reactor.getDelayedCalls()
        )

    def stop(self) -> None:
        """Stop, and wait for it."""
        done: list[object] = []
        self.service.stopService().addBoth(done.append)
        self.until(lambda: bool(done), "the end")


def test_hours_are_made_as_they_end(store: Store) -> None:
    """Whoever waits for means hears of it; the next turn comes when the next hour may be made."""
    running = Running(store, MeansSettings(first_days=1, every_s=3600, grace_s=60))
    heard: list[object] = []
    running.service.made.append(lambda: heard.append(running.service.rolling.closed_upto))
    running.field.hour("A", MIDNIGHT, 20.0)
    running.field.arrive()
    running.field.now = MIDNIGHT + HOUR + timedelta(minutes=30)
    running.service.startService()
    running.until(running.idle, "an idle service")
    assert heard == [MIDNIGHT + HOUR]
    (turn,) = running.reactor.getDelayedCalls()
    assert turn.getTime() - running.reactor.seconds() == 31 * 60
    found = running.service.status()
    assert (found["hours_total"], found["changed_total"], found["lag_s"]) == (25, 1, 0.0)
    assert found["closed_upto"] == "2026-10-08T17:00:00Z"
    running.field.now += HOUR
    assert running.service.status()["lag_s"] == 29 * 60
    running.stop()


def test_marks_of_the_registry_are_followed(store: Store) -> None:
    """Those that are new since the last turn; without any known nothing is made."""
    running = Running(store, MeansSettings(first_days=1, every_s=5))
    running.field.send("A", MIDNIGHT, {PM25: 20.0}, "hour")
    running.field.arrive()
    running.field.now = MIDNIGHT + 2 * HOUR
    running.registry.gone = True
    running.service.startService()
    running.until(running.idle)
    assert running.service.steps == 0
    running.registry.gone = False
    running.reactor.advance(REST_S)
    running.until(lambda: bool(running.field.derived()), "the hour")
    running.until(running.idle)
    mark = ReviewRecord(
        id=1,
        mn="A",
        start=MIDNIGHT.replace(tzinfo=UTC),
        end=(MIDNIGHT + HOUR).replace(tzinfo=UTC),
        change=1,
    )
    running.registry.marks.append(mark)
    running.reactor.advance(5)
    running.until(lambda: running.field.derived()[0]["mark"] == "review", "the mark")
    running.until(running.idle)
    running.registry.gone = True  # those that are known do
    running.reactor.advance(5)
    steps = running.service.steps
    running.until(lambda: running.service.steps > steps)
    assert running.service.faults == 0
    running.stop()


def test_late_data_are_gathered(store: Store) -> None:
    """What comes late waits for ``late_every_s``, through turns that look for reviews."""
    running = Running(store, MeansSettings(first_days=1, every_s=5, late_every_s=60))
    running.field.send("A", MIDNIGHT, {PM25: 20.0}, "hour")
    running.field.arrive()
    running.field.now = MIDNIGHT + HOUR + timedelta(minutes=30)
    running.service.startService()
    running.until(lambda: len(running.field.derived()) == 1, "the hour")
    running.until(running.idle)
    running.field.send("B", MIDNIGHT, {PM25: 30.0}, "hour")
    running.field.arrive()
    steps = running.service.steps
    running.reactor.advance(5)
    running.until(lambda: running.service.steps > steps, "a turn")
    running.until(running.idle)
    assert len(running.field.derived()) == 1
    running.reactor.advance(55)
    running.until(lambda: len(running.field.derived()) == 2, "the late hour")
    running.stop()


def test_settings_are_exchanged_while_it_runs(store: Store) -> None:
    """It can be turned off and on."""
    running = Running(store, MeansSettings(on=False, first_days=1, every_s=5))
    running.field.send("A", MIDNIGHT, {PM25: 20.0}, "hour")
    running.field.arrive()
    running.field.now = MIDNIGHT + DAY + HOUR
    running.service.startService()
    running.until(running.idle)
    assert running.service.steps == 0
    running.service.settings = msgspec.structs.replace(running.service.settings, on=True)
    running.until(lambda: len(running.field.derived("day")) == 1, "the day")
    running.stop()


def test_a_store_that_is_gone_and_a_fault_of_ours_are_tried_again(store: Store) -> None:
    """The first is no fault; the second is counted."""
    running = Running(store, MeansSettings(first_days=1, every_s=5))
    faults: list[Exception] = [StoreUnavailable("gone"), ZeroDivisionError("ours")]
    step = running.field.rolling.step

    def failing(now: datetime, *, late: bool) -> bool:
        if faults:
            raise faults.pop(0)
        return step(now, late=late)

    running.field.rolling.step = failing
    running.service.startService()
    running.until(running.idle)
    assert running.service.faults == 0
    running.reactor.advance(REST_S)
    running.until(running.idle)
    assert running.service.faults == 1
    running.reactor.advance(REST_S)
    running.until(lambda: running.service.steps > 0, "a step")
    running.stop()
