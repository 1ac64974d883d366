"""From warnings of regions to signals, in the face of those that are in force. Pure.

An alarm begins with the forecast that first gave it, so evaluating the same forecast again names
the same alarm. Tests: tests/alerts/warnings/test_warning_signals.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from alerts.signals import Signal
from alerts.warnings.level import Warning
from alerts.warnings.table import PLAN_LEVEL_OF, SEVERITY_OF
from store.registry.alert_records import AlarmRecord

RULE = "heavy-pollution"
KIND = "heavy_pollution"


class Evaluated(NamedTuple):
    """What was found for a region. ``issued``: of the forecast, None when there is none that can
    be gone by; ``why``: why nothing can be said, or "" ."""

    region: str
    issued: datetime | None
    warning: Warning | None
    why: str = ""


def signals(
    evaluated: Iterable[Evaluated], active: Sequence[AlarmRecord], now: datetime
) -> list[Signal]:
    """What has to be told. Where nothing can be said a warning stays until its time is over; so
    does that of a region that was not looked at."""
    standing = {alarm.subject: alarm for alarm in active}
    found = []
    for one in evaluated:
        alarm = standing.pop(f"region:{one.region}", None)
        if one.warning is not None and one.issued is not None:
            found += _given(one, one.issued, one.warning, alarm, now)
        elif alarm is not None and (not one.why or _over(alarm, now)):
            found.append(_cleared(alarm, one.issued, now))
    found += [_cleared(alarm, None, now) for alarm in standing.values() if _over(alarm, now)]
    return found


def _given(
    one: Evaluated, issued: datetime, warning: Warning, alarm: AlarmRecord | None, now: datetime
) -> list[Signal]:
    detail = detail_of(warning, issued)
    if alarm is not None and _same(alarm.detail, detail):
        return []
    return [
        Signal(
            rule=RULE,
            kind=KIND,
            subject=f"region:{one.region}",
            what="raised" if alarm is None else "changed",
            began=issued if alarm is None else alarm.began,
            at=issued,
            seen_at=now,
            severity=SEVERITY_OF[warning.level],
            value=float(warning.peak),
            limit=float(warning.conditions[0].above),
            unit="",
            detail=detail,
        )
    ]


def detail_of(warning: Warning, issued: datetime) -> dict[str, Any]:
    """What is told of a warning: level, the time it is for, what makes it, how good the forecast
    has been. Moments in ISO 8601, UTC."""
    return {
        "level": warning.level,
        "plan_level": PLAN_LEVEL_OF[warning.level],
        "from": _iso(datetime.fromtimestamp(warning.begins_s, UTC)),
        "until": _iso(datetime.fromtimestamp(warning.until_s, UTC)),
        "peak_aqi": warning.peak,
        "primary": list(warning.primary),
        "skill": None if warning.skill is None else round(warning.skill, 3),
        "because": " and ".join(
            f"AQI > {one.above} for {one.hours} h" for one in warning.conditions
        ),
        "table": warning.table,
        "issued": _iso(issued),
    }


def _cleared(alarm: AlarmRecord, issued: datetime | None, now: datetime) -> Signal:
    return Signal(
        rule=RULE,
        kind=KIND,
        subject=alarm.subject,
        what="cleared",
        began=alarm.began,
        at=issued if issued is not None and issued > alarm.began else now,
        seen_at=now,
        severity=alarm.severity,
        value=alarm.value,
        limit=alarm.limit,
        detail=alarm.detail,
    )


def _same(kept: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether nothing is different that people go by: a forecast each day says slightly other
    numbers."""
    return all(kept.get(name) == new[name] for name in ("level", "from", "until", "table"))


def _over(alarm: AlarmRecord, now: datetime) -> bool:
    until = alarm.detail.get("until")
    return isinstance(until, str) and datetime.fromisoformat(until) <= now


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
