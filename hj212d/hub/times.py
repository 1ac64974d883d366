"""Instants as the hub's answers write them: ISO 8601 in UTC with a Z.

Inside everything is an integer of microseconds since 1970; what reads the answer decides on the
zone of the screen. Tests: tests/hub/test_hub_times.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(time_us: int | None) -> str | None:
    """``2026-01-01T00:00:00.250Z``: to the millisecond when there are any; None stays None."""
    if time_us is None:
        return None
    moment = _EPOCH + timedelta(microseconds=time_us)
    precision = "milliseconds" if time_us % 1_000_000 else "seconds"
    return moment.isoformat(timespec=precision)[:-6] + "Z"


def parse(text: str) -> datetime:
    """An ISO 8601 text as a naive UTC datetime, the store's form; no zone means Beijing time.

    ValueError when the text is no time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BEIJING)
    return moment.astimezone(UTC).replace(tzinfo=None)


def microseconds(moment: datetime) -> int:
    """A naive UTC datetime, as the store gives it, in microseconds since 1970."""
    return (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
