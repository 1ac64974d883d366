"""Warnings become signals: raised, changed and cleared against what is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.signals import Signal
from alerts.warnings.level import Day, Warning, level
from alerts.warnings.signals import Evaluated, signals
from alerts.warnings.table import national
from store.registry.alert_records import AlarmRecord

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ISSUED = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
START_S = int(datetime(2026, 11, 21, 16, tzinfo=UTC).timestamp())


def warning(*indices: int) -> Warning | None:
    """By the table of 2024, of days from tomorrow on."""
    days = [Day(START_S + n * 86400, aqi, ("PM2.5",), 0.25) for n, aqi in enumerate(indices)]
    return level(national()["2024"], days)


def alarm_of(signal: Signal, **more: Any) -> AlarmRecord:
    """What the registry keeps of a signal."""
    kept = AlarmRecord(
        rule=signal.rule,
        kind=signal.kind,
        subject=signal.subject,
        severity=signal.severity,  # type: ignore[arg-type]
        began=signal.began,
        seen_at=signal.seen_at,
        value=signal.value,
        detail=signal.detail,
    )
    return msgspec.structs.replace(kept, **more)


def given(*indices: int, issued: datetime = ISSUED) -> Evaluated:
    """Hangzhou with a warning by these days."""
    return Evaluated("330100", issued, warning(*indices))


def test_raised() -> None:
    """With the level as severity, and all that is told of it, the skill among it."""
    (signal,) = signals([given(210, 230)], [], NOW)
    assert (signal.what, signal.subject, signal.severity) == ("raised", "region:330100", "severe")
    assert (signal.began, signal.at, signal.seen_at) == (ISSUED, ISSUED, NOW)
    assert signal.detail == {
        "level": "orange",
        "plan_level": "II",
        "from": "2026-11-21T16:00:00Z",
        "until": "2026-11-23T16:00:00Z",
        "peak_aqi": 230,
        "primary": ["PM2.5"],
        "skill": 0.25,
        "because": "AQI > 200 for 48 h",
        "table": "2024",
        "issued": "2026-11-21T09:00:00Z",
    }
    assert (signal.value, signal.limit) == (230.0, 200.0)
    assert signals([given(210, 230)], [], NOW) == [signal]


def test_the_same_again_and_changed() -> None:
    """Other numbers of the same level and days say nothing new; another level does."""
    (raised,) = signals([given(210, 230)], [], NOW)
    kept = [alarm_of(raised)]
    later = ISSUED + timedelta(hours=1)
    assert signals([given(215, 222, issued=later)], kept, NOW) == []
    (changed,) = signals([given(210, 230, 310, issued=later)], kept, NOW)
    assert (changed.what, changed.severity, changed.began) == ("changed", "critical", ISSUED)
    (lower,) = signals([given(210, issued=later)], kept, NOW)
    assert (lower.what, lower.severity) == ("changed", "warning")


def test_cleared() -> None:
    """By a forecast that gives none; not where nothing can be said, until its time is over."""
    (raised,) = signals([given(210, 230)], [], NOW)
    kept = [alarm_of(raised)]
    later = ISSUED + timedelta(days=1)
    (cleared,) = signals([Evaluated("330100", later, None)], kept, later)
    assert (cleared.what, cleared.began, cleared.at) == ("cleared", ISSUED, later)
    unknown = Evaluated("330100", None, None, "no forecast")
    assert signals([unknown], kept, later) == []
    assert signals([], kept, later) == []
    over = datetime(2026, 11, 23, 16, tzinfo=UTC)
    for evaluated in ([unknown], []):
        assert signals(evaluated, kept, over - timedelta(seconds=1)) == []
        (cleared,) = signals(evaluated, kept, over)
        assert (cleared.what, cleared.at) == ("cleared", over)


def test_nothing_to_tell() -> None:
    """No warning, none in force."""
    assert signals([Evaluated("330100", ISSUED, None), given(100)], [], NOW) == []
