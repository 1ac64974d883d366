"""The service: what is due is published once, corrected as such, caught up after a pause."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from bulletins_rig import CLEAN, DAY, HOUR, PLACES, Desk, beijing, us

from hj212d.hub.bulletins.service import AGAIN_S
from hj212d.hub.quality.questions import RankQuestion
from hj212d.hub.slow_work import Busy
from store.registry.bulletins import Published

NOON = beijing("2026-11-20T12:00")
LATER = beijing("2026-11-20T12:20")


def test_after_the_start_all_that_is_due(desk: Desk) -> None:
    """Hours and days of the windows and their rankings, each place once."""
    desk.turn()
    hours = [(place, NOON - n * HOUR, 1, False) for place in PLACES for n in range(1, 7)]
    assert desk.book("hour") == sorted(hours)
    days = [beijing(f"2026-11-{day}T00:00") for day in (17, 18, 19)]
    assert desk.book("day") == sorted((place, day, 1, False) for place in PLACES for day in days)
    assert [start for _, start, _, _ in desk.book("ranking")] == days
    found = desk.service.status()
    assert (found["published_total"], found["corrections_total"]) == (18 + 9 + 3, 0)
    assert found["hours_upto"] == "2026-11-20T04:00:00Z"


def test_next_hour_when_its_means_are_made(desk: Desk) -> None:
    """The calendar's call finds nothing before, and all places after."""
    desk.turn()
    before = len(desk.book("hour"))
    desk.now += timedelta(minutes=40)
    call, cron = desk.times.jobs["hour"]
    assert cron == {"minute": "6-59"}
    call()
    desk.turn(0)
    assert len(desk.book("hour")) == before
    desk.closed = NOON + HOUR
    call()
    desk.turn(0)
    assert len(desk.book("hour")) == before + len(PLACES)
    asked = len(desk.air.asked)
    call()
    desk.turn(0)
    assert len(desk.air.asked) == asked  # nothing new: nobody is asked


def test_late_data_are_a_correction(desk: Desk) -> None:
    """Only where a published number changed; the calendar looks each quarter of an hour."""
    desk.turn()
    desk.air.changed["A", NOON - 2 * HOUR] = CLEAN | {"PM2.5": 80.0}, LATER
    desk.air.changed["B", NOON - 2 * HOUR] = CLEAN | {"PM2.5": 20.3}, LATER
    call, cron = desk.times.jobs["corrections"]
    assert cron == {"minute": "*/15"}
    for _ in range(2):
        call()
        desk.turn(0)
    assert [one for one in desk.book("hour") if one[2] > 1] == [("A", NOON - 2 * HOUR, 2, True)]
    assert desk.service.status()["corrections_total"] == 1


def test_too_old_is_not_corrected(desk: Desk) -> None:
    """Beyond the window what was published stands."""
    desk.turn()
    desk.air.changed["A", NOON - 5 * HOUR] = CLEAN | {"PM2.5": 80.0}, LATER
    desk.now += 3 * HOUR
    desk.service.look_at_all()
    desk.turn(0)
    assert not [one for one in desk.book("hour") if one[2] > 1]


def test_catches_up_after_a_pause(desk: Desk) -> None:
    """What became due while no hub ran is published by the next one, once."""
    desk.turn()
    desk.service.stopService()
    desk.now += DAY
    desk.closed = NOON + DAY
    desk.make(hour_corrections_h=48)
    desk.turn()
    starts = {start for place, start, _, _ in desk.book("hour") if place == "A"}
    assert {NOON + n * HOUR for n in range(24)} <= starts
    assert {version for _, _, version, _ in desk.book("hour")} == {1}
    assert beijing("2026-11-20T00:00") in {start for _, start, _, _ in desk.book("day")}


def test_store_that_is_away(desk: Desk) -> None:
    """It is said, and tried again."""
    desk.air.away = "the store is locked"
    desk.turn()
    assert desk.service.status()["error"] == "the store is locked"
    assert desk.book("day") == []
    desk.air.away = ""
    desk.turn(AGAIN_S)
    assert len(desk.book("hour")) == 18
    assert desk.service.status()["error"] == ""
    assert desk.service.status()["faults_total"] == 0


def test_no_means_yet(desk: Desk) -> None:
    """Before the first roll-up nothing is over."""
    desk.closed = None
    desk.turn()
    assert desk.book("hour") == []


def test_switched_off_and_on(desk: Desk) -> None:
    """A reload counts; off: nothing is published."""
    desk.service.stopService()
    service = desk.make(on=False)
    desk.turn()
    assert desk.book("hour") == []
    service.configure(msgspec.structs.replace(service.settings, on=True, day_at="13:00"))
    desk.turn(0)
    assert len(desk.book("hour")) == 18
    assert desk.times.jobs["day"][1] == {"hour": "13", "minute": "00"}
    assert {start for _, start, _, _ in desk.book("day")} == {
        beijing(f"2026-11-{day}T00:00") for day in (17, 18)
    }


def test_forgotten_is_looked_at_again(desk: Desk) -> None:
    """After a change of sites rows count that are made of no new data."""
    desk.turn()
    desk.air.changed["A", NOON - 2 * HOUR] = CLEAN | {"PM2.5": 80.0}, beijing("2026-11-20T10:30")
    desk.service.look_at_all()
    desk.turn(0)
    assert desk.service.status()["corrections_total"] == 0
    desk.service.forget()
    desk.service.look_at_all()
    desk.turn(0)
    assert desk.service.status()["corrections_total"] == 1


def test_by_hand(desk: Desk) -> None:
    """Periods that are too old for the calendar; what is not over is refused."""
    start = beijing("2026-10-01T00:00")
    told: list[object] = []
    desk.service.publish("hour", us(start), us(start + 3 * HOUR)).addBoth(told.append)
    desk.service.publish("day", us(NOON), us(NOON + DAY)).addBoth(told.append)
    desk.turn(0)
    assert told[0] == Published(9, 0)
    assert "no whole period of that span is over" in str(told[1].value)  # type: ignore[attr-defined]
    desk.service.stopService()
    desk.service.publish("hour", 0, 1).addBoth(told.append)
    assert told[2].check(Busy)  # type: ignore[attr-defined]


def test_rankings_are_made_again_from_the_day_that_changed(desk: Desk) -> None:
    """A quarter of an hour in which no day changed asks for no ranking."""
    desk.turn()

    def rankings() -> list[object]:
        desk.air.asked.clear()
        desk.service.look_at_all()
        desk.turn(0)
        return [one.start for one in desk.air.asked if isinstance(one, RankQuestion)]

    rankings()  # what was published after the start was touched by it
    assert rankings() == []
    day = beijing("2026-11-18T00:00")
    desk.air.changed["A", day] = CLEAN | {"PM2.5": 20.2}, LATER
    month = beijing("2026-11-01T00:00")
    assert rankings() == [day, month, day + DAY, month]
    assert rankings() == []
