"""How long an alarm waits before it is told by itself: longer while more of its city keep coming,
since an outage trickles in as slowly as stations report. Pure.

An outage that is seen as one is told at once; only what would be single waits.
Tests: tests/alerts/incidents/test_alarms_wait.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.rules.regions import chain
from store.registry.alert_records import AlarmRecord, Severity

MOST_WAITS = 5
PATIENT: tuple[Severity, ...] = ("notice", "warning")


def ready_at(alarms: Sequence[AlarmRecord], wait: timedelta, now: datetime) -> list[datetime]:
    """When each of some alarms of a rule has waited long enough to be single: ``wait`` after the
    latest of its city, MOST_WAITS of it at the most; what is graver waits once. One that was seen
    in the future, before somebody set the clock back, is ready."""
    latest: dict[str, datetime] = {}
    for alarm in alarms:
        if alarm.mn and alarm.seen_at <= now:
            city = _city(alarm)
            latest[city] = max(alarm.seen_at, latest.get(city, alarm.seen_at))
    return [_ready_at(alarm, latest.get(_city(alarm)), wait, now) for alarm in alarms]


def _ready_at(
    alarm: AlarmRecord, latest: datetime | None, wait: timedelta, now: datetime
) -> datetime:
    if alarm.seen_at > now:
        return now
    if latest is None or not alarm.mn or alarm.severity not in PATIENT:
        return alarm.seen_at + wait
    return min(latest, alarm.seen_at + (MOST_WAITS - 1) * wait) + wait


def _city(alarm: AlarmRecord) -> str:
    above = chain(alarm.region)[:2]
    return above[-1] if above else ""
