"""Once a day, in time, also after a pause, and not twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from hj212d.hub.forecasts.schedule import AGAIN_S, FIRST_S, ForecastSchedule
from hj212d.hub.forecasts.settings import ForecastSettings
from hj212d.hub.jobs.room import Full
from store.timeseries import StoreUnavailable

# 2026-11-20 17:10 in Beijing: when the forecast is due.
DUE_US = int(datetime(2026, 11, 20, 9, 10, tzinfo=UTC).timestamp()) * 1_000_000
HOUR_US = 3_600_000_000


class Wall:
    """A calendar that calls when the test says so."""

    def __init__(self) -> None:
        self.times: dict[str, dict[str, str]] = {}
        self.call: Callable[[], object] = lambda: None

    def at(self, name: str, call: Callable[[], object], **cron: str) -> None:
        """Keep it."""
        self.times[name] = cron
        self.call = call

    def start(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class Desk:
    """A schedule, what it submitted, and what the store knows."""

    def __init__(self, now_us: int, newest_us: int | None = None) -> None:
        self.clock = Clock()
        self.wall = Wall()
        self.now_us = now_us
        self.newest_us = newest_us
        self.submitted = 0
        self.trouble: list[Exception] = []
        self.schedule = ForecastSchedule(
            self.clock,
            calendar=self.wall,
            newest_us=self._newest,
            submit=self._submit,
            settings=ForecastSettings(),
            now_us=lambda: self.now_us,
        )
        self.schedule.startService()

    def _newest(self) -> Deferred[int | None]:
        if self.trouble and isinstance(self.trouble[0], StoreUnavailable):
            return fail(self.trouble.pop(0))
        return succeed(self.newest_us)

    def _submit(self, who: str) -> None:
        assert who == "schedule"
        if self.trouble:
            raise self.trouble.pop(0)
        self.submitted += 1


def test_made_when_it_is_time() -> None:
    """At the time of the settings, when yesterday's is the newest."""
    desk = Desk(DUE_US, newest_us=DUE_US - 24 * HOUR_US)
    assert desk.wall.times == {"forecast": {"hour": "17", "minute": "10"}}
    desk.wall.call()
    assert desk.submitted == 1


def test_a_missed_one_is_made_after_the_start_and_none_twice() -> None:
    """The hub was away at 17:10 and comes back at 20:10; made at 18:00, it is not made again."""
    late = Desk(DUE_US + 3 * HOUR_US)
    late.clock.advance(FIRST_S)
    assert late.submitted == 1
    done = Desk(DUE_US + 3 * HOUR_US, newest_us=DUE_US + HOUR_US)
    done.clock.advance(FIRST_S)
    done.wall.call()
    assert done.submitted == 0


def test_not_before_its_time_and_not_when_it_is_off() -> None:
    """A start in the morning makes nothing; neither does a hub that shall not."""
    early = Desk(DUE_US - HOUR_US)
    early.clock.advance(FIRST_S)
    off = Desk(DUE_US)
    off.schedule.configure(ForecastSettings(on=False))
    off.wall.call()
    assert (early.submitted, off.submitted) == (0, 0)


def test_what_cannot_be_done_now_is_tried_again() -> None:
    """A store that is away, then a job room that is full."""
    desk = Desk(DUE_US)
    desk.trouble = [StoreUnavailable("away"), Full("8 jobs wait already")]
    desk.clock.advance(FIRST_S)
    desk.clock.advance(AGAIN_S)
    assert desk.submitted == 0
    desk.clock.advance(AGAIN_S)
    assert desk.submitted == 1


def test_other_settings_plan_anew_and_a_stop_ends_it() -> None:
    """The time of the calendar follows; after the stop nothing is begun."""
    desk = Desk(DUE_US)
    desk.schedule.configure(ForecastSettings(at="06:30"))
    assert desk.wall.times["forecast"] == {"hour": "06", "minute": "30"}
    desk.schedule.stopService()
    desk.wall.call()
    assert desk.submitted == 0
    assert not desk.clock.getDelayedCalls()
