"""alerts.incidents.maintenance: when a window holds and for whom, by Beijing time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.incidents.maintenance import BEIJING, covers, maintained_until, until
from store.registry.alert_records import MaintenanceRecord


def beijing(text: str) -> datetime:
    """A moment as people there write it."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def window(start: str, end: str, **more: Any) -> MaintenanceRecord:
    """A window of station A."""
    given = {"mns": ["A"], "start": beijing(start), "end": beijing(end)}
    return MaintenanceRecord(**(given | more))


ONCE = window("2026-11-21 14:00", "2026-11-21 15:00")
DAILY = window("2026-11-01 23:30", "2026-11-02 00:30", every="day")
WEEKLY = window("2026-11-02 08:00", "2026-11-02 10:00", every="week")  # a Monday
MONTHLY = window("2026-01-31 08:00", "2026-01-31 10:00", every="month")


@pytest.mark.parametrize(
    ("which", "at", "end"),
    [
        (ONCE, "2026-11-21 13:59:59", None),
        (ONCE, "2026-11-21 14:00:00", "2026-11-21 15:00"),
        (ONCE, "2026-11-21 14:59:59", "2026-11-21 15:00"),
        (ONCE, "2026-11-21 15:00:00", None),
        (ONCE, "2026-11-22 14:30:00", None),
        (DAILY, "2026-10-31 23:45:00", None),
        (DAILY, "2026-11-01 23:30:00", "2026-11-02 00:30"),
        (DAILY, "2026-11-21 00:29:59", "2026-11-21 00:30"),
        (DAILY, "2026-11-21 00:30:00", None),
        (DAILY, "2026-11-21 12:00:00", None),
        (WEEKLY, "2026-11-23 09:00:00", "2026-11-23 10:00"),
        (WEEKLY, "2026-11-24 09:00:00", None),
        (MONTHLY, "2026-01-31 09:00:00", "2026-01-31 10:00"),
        (MONTHLY, "2026-02-28 09:00:00", None),
        (MONTHLY, "2026-03-31 09:00:00", "2026-03-31 10:00"),
        (MONTHLY, "2026-04-30 09:00:00", None),
        (MONTHLY, "2027-01-31 09:59:59", "2027-01-31 10:00"),
    ],
)
def test_when_a_window_holds(which: MaintenanceRecord, at: str, end: str | None) -> None:
    """From its start on, not at its end; a month without the 31st has none."""
    assert until(which, beijing(at)) == (beijing(end) if end else None)


def test_a_window_longer_than_its_step_holds_on() -> None:
    """Each day for 30 hours: always, from its first beginning on."""
    always = window("2026-11-01 00:00", "2026-11-02 06:00", every="day")
    assert until(always, beijing("2026-11-09 05:00")) == beijing("2026-11-10 06:00")


def test_a_cancelled_window_holds_no_more() -> None:
    """From the moment on at which it was."""
    gone = window("2026-11-21 14:00", "2026-11-21 15:00", cancelled_at=beijing("2026-11-21 14:20"))
    assert until(gone, beijing("2026-11-21 14:19")) is not None
    assert until(gone, beijing("2026-11-21 14:20")) is None


@pytest.mark.parametrize(
    ("about", "held"),
    [
        ({"mns": ["A"]}, True),
        ({"mns": ["B"]}, False),
        ({"mns": [], "regions": ["330100"]}, True),
        ({"mns": ["B"], "regions": ["330106"]}, True),
        ({"mns": [], "regions": ["330200"]}, False),
        ({"mns": ["A"], "kinds": ["stuck"]}, False),
        ({"mns": ["A"], "factors": ["a34004"]}, True),
        ({"mns": ["A"], "factors": ["a34002"]}, False),
        ({"mns": [], "kinds": ["over_limit"]}, True),
    ],
)
def test_whom_a_window_is_about(about: dict[str, Any], held: bool) -> None:
    """Stations or regions; of these the kinds and factors that it names, or all."""
    one = window("2026-11-21 14:00", "2026-11-21 15:00", **about)
    alarm = {"mn": "A", "region": "330106", "factor": "a34004", "kind": "over_limit"}
    assert covers(one, **alarm) == held


def test_of_several_windows_the_last_end_counts() -> None:
    """Until then nothing opens."""
    longer = window("2026-11-21 14:30", "2026-11-21 16:00")
    at = beijing("2026-11-21 14:45")
    alarm = {"mn": "A", "region": "", "factor": "", "kind": "offline"}
    assert maintained_until([ONCE, longer], at, **alarm) == beijing("2026-11-21 16:00")
    assert maintained_until([ONCE], at + timedelta(hours=1), **alarm) is None
