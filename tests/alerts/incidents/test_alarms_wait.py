"""alerts.incidents.patience: how long an alarm waits before it is told by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from stage import START

from alerts.incidents.patience import ready_at
from store.registry.alert_records import AlarmRecord

WAIT = timedelta(seconds=60)
LATER = START + timedelta(hours=1)


def alarm(mn: str, seen_s: float, region: str = "330106", **more: Any) -> AlarmRecord:
    """One of a station that was seen so long after the start."""
    at = START + timedelta(seconds=seen_s)
    given = {"rule": "offline", "kind": "offline", "subject": f"mn:{mn}", "region": region}
    return AlarmRecord(**(given | {"mn": mn, "began": at, "seen_at": at} | more))


def waits(*alarms: AlarmRecord) -> list[float]:
    """Seconds after the start at which they are ready."""
    return [(at - START).total_seconds() for at in ready_at(alarms, WAIT, LATER)]


def test_one_by_itself_waits_once() -> None:
    """What comes of another city does not hold it up."""
    assert waits(alarm("A", 0), alarm("B", 50, "330203")) == [60, 110]


def test_while_more_of_its_city_come_it_waits_on() -> None:
    """Five times at the most."""
    assert waits(alarm("A", 0), alarm("B", 50, "330108")) == [110, 110]
    assert waits(*(alarm(f"S{one}", 50.0 * one) for one in range(9)))[:2] == [300, 350]


@pytest.mark.parametrize(
    ("severity", "ready"), [("notice", 110), ("warning", 110), ("severe", 60)]
)
def test_what_is_grave_waits_once(severity: Any, ready: float) -> None:
    """Whatever else comes."""
    assert waits(alarm("A", 0, severity=severity), alarm("B", 50))[0] == ready


def test_what_was_seen_in_the_future_is_ready() -> None:
    """Somebody set the clock back."""
    assert ready_at([alarm("A", 7200), alarm("B", 0)], WAIT, LATER) == [LATER, START + WAIT]
