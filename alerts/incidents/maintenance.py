"""When a maintenance window holds, and for which alarms. Pure; repeating windows by Beijing time.

A window holds from its start on; at its end it holds no more. A month that lacks the window's day
has none. Tests: tests/alerts/incidents/test_maintenance.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from alerts.rules.regions import holds
from store.registry.alert_records import MaintenanceRecord

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_STEP = {"day": timedelta(days=1), "week": timedelta(days=7)}


def until(window: MaintenanceRecord, at: datetime) -> datetime | None:
    """The end of the window that holds at a moment; None when none does.

    One that comes again may last longer than the time between two of it: then it holds on.
    """
    if window.cancelled_at is not None and at >= window.cancelled_at:
        return None
    length = window.end - window.start
    if at < window.start:
        return None
    if not window.every:
        return window.end if at < window.end else None
    start = _last_start(window, at)
    return start + length if start is not None and at < start + length else None


def covers(window: MaintenanceRecord, *, mn: str, region: str, factor: str, kind: str) -> bool:
    """Whether a window is about such an alarm."""
    if window.kinds and kind not in window.kinds:
        return False
    if window.factors and factor not in window.factors:
        return False
    if window.mns and mn in window.mns:
        return True
    if window.regions and region and any(holds(one, region) for one in window.regions):
        return True
    return not (window.mns or window.regions)


def maintained_until(
    windows: Iterable[MaintenanceRecord],
    at: datetime,
    *,
    mn: str,
    region: str,
    factor: str,
    kind: str,
) -> datetime | None:
    """Until when an alarm opens no incident; None: it may. Windows that follow each other are not
    joined: at the end of one it is asked again."""
    ends = [
        end
        for window in windows
        if covers(window, mn=mn, region=region, factor=factor, kind=kind)
        and (end := until(window, at)) is not None
    ]
    return max(ends, default=None)


def _last_start(window: MaintenanceRecord, at: datetime) -> datetime | None:
    """The latest beginning that is not after a moment."""
    if at < window.start:
        return None
    if window.every != "month":
        step = _STEP[window.every]
        return window.start + (at - window.start) // step * step
    first, here = window.start.astimezone(BEIJING), at.astimezone(BEIJING)
    months = 12 * (here.year - first.year) + here.month - first.month
    for back in range(months, -1, -1):
        found = _month_later(first, back)
        if found is not None and found <= at:
            return found.astimezone(window.start.tzinfo)
    return None


def _month_later(first: datetime, months: int) -> datetime | None:
    year, month = divmod(first.month - 1 + months, 12)
    try:
        return first.replace(year=first.year + year, month=month + 1)
    except ValueError:  # no such day in that month
        return None
