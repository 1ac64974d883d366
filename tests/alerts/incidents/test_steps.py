"""alerts.incidents.steps: which step is due when, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.incidents.steps import (
    escalation_at,
    level_due,
    look_at,
    rebased,
    reminded_by,
    reminder_at,
    reminder_due,
)
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
HOURLY = AlertsSettings()


def after(seconds: float = 0, **more: float) -> datetime:
    """So long after the incident opened."""
    return NOW + timedelta(seconds=seconds, **more)


def incident(**more: Any) -> IncidentRecord:
    """One that opened at NOW."""
    given = {"rule": "offline", "kind": "offline", "place": "mn:A", "mn": "A"}
    return IncidentRecord(**(given | {"began": NOW, "opened_at": NOW} | more))


@pytest.mark.parametrize(
    ("at", "number"),
    [(after(3599.999), 0), (after(3600), 1), (after(7199), 1), (after(7200), 2)],
)
def test_a_reminder_is_due_at_the_hour_itself(at: datetime, number: int) -> None:
    """59:59 is too early, 60:00 is not."""
    assert reminder_due(incident(), HOURLY, at) == number


def test_after_a_time_without_the_platform_there_is_one_reminder() -> None:
    """Five hours down: the fifth is told, those before it are not made up for."""
    one = incident()
    assert reminder_due(one, HOURLY, after(hours=5, minutes=10)) == 5
    told = incident(reminded=5)
    assert reminder_due(told, HOURLY, after(hours=5, minutes=10)) == 0
    assert reminder_at(told, HOURLY) == after(hours=6)


def test_a_clock_that_was_set_back_repeats_nothing() -> None:
    """Nor does it make a reminder of a time before the incident."""
    assert reminder_due(incident(reminded=3), HOURLY, after(hours=1)) == 0
    assert reminder_due(incident(), HOURLY, after(hours=-5)) == 0
    assert level_due(incident(level=1), HOURLY, after(hours=-5)) == 1


def test_who_was_reminded_for_days_is_reminded_daily() -> None:
    """Each hour for a day, then once a day: a station that is gone for a month makes 54."""
    settings = AlertsSettings(most_reminders=24)
    told, one = [], incident()
    for hour in range(1, 24 * 31 + 1):
        number = reminder_due(one, settings, after(hours=hour))
        if number:
            assert reminder_at(one, settings) == after(hours=hour)
            told.append(number)
            one = incident(reminded=number)
    assert told == [*range(1, 25), *range(48, 24 * 31 + 1, 24)]
    assert len(told) == 54


def test_after_a_long_time_without_the_platform_sparse_reminders_go_on() -> None:
    """The last of those that were due, once."""
    settings = AlertsSettings(most_reminders=24)
    assert reminder_due(incident(reminded=24), settings, after(hours=47)) == 0
    assert reminder_due(incident(reminded=24), settings, after(hours=75)) == 72
    assert reminder_due(incident(), settings, after(hours=75)) == 72
    hourly = AlertsSettings(most_reminders=0)
    assert reminder_due(incident(reminded=24), hourly, after(hours=75)) == 75


@pytest.mark.parametrize(
    ("at", "level"),
    [
        (after(minutes=29, seconds=59), 0),
        (after(minutes=30), 1),
        (after(minutes=119, seconds=59), 1),
        (after(minutes=120), 2),
        (after(hours=9), 2),
    ],
)
def test_what_nobody_acknowledged_goes_to_operator_and_chief(at: datetime, level: int) -> None:
    """After 30 minutes and after two hours; after a time without the platform to both at once."""
    assert level_due(incident(), HOURLY, at) == level
    assert level_due(incident(state="acknowledged"), HOURLY, at) == 0
    assert level_due(incident(severity="notice"), HOURLY, at) == 0


def test_when_it_is_escalated_next() -> None:
    """Never after the chief, nor while somebody takes care of it."""
    assert escalation_at(incident(), HOURLY) == after(minutes=30)
    assert escalation_at(incident(level=1), HOURLY) == after(hours=2)
    assert escalation_at(incident(level=2), HOURLY) is None
    assert escalation_at(incident(state="acknowledged"), HOURLY) is None
    assert escalation_at(incident(), AlertsSettings(escalate_after_s=[])) is None


def test_the_clock_looks_at_what_is_due_first() -> None:
    """The escalation, then the reminder; a silence until its end; never at what is closed."""
    one = incident()
    assert look_at(None, one, HOURLY, NOW) == after(minutes=30)
    assert look_at(None, incident(level=1), HOURLY, NOW) == after(hours=1)
    silenced = incident(state="silenced", silenced_until=after(hours=9))
    assert look_at(one, silenced, HOURLY, NOW) == after(hours=9)
    over = incident(state="recovered", recovered_at=after(hours=1), active=0)
    assert look_at(one, over, HOURLY, NOW) == after(hours=25)
    assert look_at(over, incident(state="closed", active=0), HOURLY, NOW) is None


def test_what_is_over_must_stay_so() -> None:
    """The time begins when it is over, and not anew with each further station of a group."""
    at = after(minutes=10)
    lasting = incident(place="region:3301", told=100, count=100, active=6)
    back = incident(place="region:3301", told=100, count=100, active=5)
    assert look_at(lasting, back, HOURLY, at) == at + timedelta(seconds=120)
    held = incident(place="region:3301", told=100, count=100, active=5, next_at=after(720))
    fewer = incident(place="region:3301", told=100, count=100, active=0, next_at=after(720))
    assert look_at(held, fewer, HOURLY, after(700)) == after(720)
    assert look_at(held, lasting, HOURLY, at) == after(minutes=30)


def test_what_flaps_must_be_calm() -> None:
    """Each change of it begins the time anew, whatever it comes to."""
    off = incident(active=0, flapping=True, next_at=after(100))
    on = incident(active=1, flapping=True, next_at=after(100))
    assert look_at(on, off, HOURLY, after(50)) == after(50 + 1800)
    assert look_at(off, on, HOURLY, after(50)) == after(50 + 1800)
    assert look_at(on, on, HOURLY, after(50)) == after(100)


def test_reminders_begin_anew_with_what_is_told_of_again() -> None:
    """The next is half a period away at least."""
    one = incident()
    for minutes in (0, 29, 31, 59, 61, 200):
        at = after(minutes=minutes)
        again = incident(reminded=reminded_by(one, HOURLY, at))
        assert timedelta(minutes=30) <= reminder_at(again, HOURLY) - at
        assert reminder_at(again, HOURLY) - at <= timedelta(minutes=90)


def test_what_a_wrong_clock_put_in_the_future_is_brought_back() -> None:
    """A machine that began in 2036 has its next reminder an hour after its clock was set."""
    ahead = incident(opened_at=NOW.replace(year=2036), reminded=4)
    again = incident(reminded=4, **rebased(ahead, HOURLY, NOW))
    assert reminder_at(again, HOURLY) == after(hours=1)
    over = incident(state="recovered", recovered_at=NOW.replace(year=2036))
    assert rebased(over, HOURLY, NOW) == {"recovered_at": NOW}
    assert rebased(incident(), HOURLY, after(1)) == {}
