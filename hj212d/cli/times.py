"""Times as people write them on the command line, and as they read them: Beijing time.

The clock is an argument. Tests: tests/cli/test_times.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import click

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_AGO = re.compile(r"-(\d{1,5})([smhdw])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_WIRE = re.compile(r"\d{14}")


def parse_time(text: str, now: datetime) -> datetime:
    """The instant that ``text`` means, in UTC.

    ISO 8601, Beijing time when it has no zone; 14 digits as in DataTime; ``now``; ``today``,
    ``yesterday`` (0:00 in Beijing); ``-2h`` (s, m, h, d, w before ``now``, which is aware).
    ValueError says what is allowed.
    """
    word = text.strip().lower()
    if ago := _AGO.fullmatch(word):
        return (now - int(ago[1]) * _UNITS[ago[2]]).astimezone(UTC)
    midnight = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    if word in named:
        return named[word].astimezone(UTC)
    try:
        if _WIRE.fullmatch(word):
            found = datetime.strptime(word, "%Y%m%d%H%M%S")
        else:
            found = datetime.fromisoformat(word.upper())
        if found.tzinfo is None:
            found = found.replace(tzinfo=BEIJING)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f'"{text}" is no time: write 2026-01-31, 2026-01-31T08:30, today, yesterday or -2h'
        ) from error


def show_time(moment: datetime | None) -> str:
    """Beijing time without a zone, ``2026-01-31 08:30:00``; naive times are UTC; "" for None.

    A fraction of a second is shown in milliseconds when there is one.
    """
    if moment is None:
        return ""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    local = aware.astimezone(BEIJING)
    whole = local.strftime("%Y-%m-%d %H:%M:%S")
    return f"{whole}.{local.microsecond // 1000:03}" if local.microsecond else whole


def time_option(text: str) -> datetime:
    """Type of an option: a time as :func:`parse_time` reads it, against the machine's clock."""
    try:
        return parse_time(text, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


time_option.__name__ = "time"  # click shows it in the help, as TIME


def iso_beijing(time_us: int | None) -> str | None:
    """``2026-01-31T08:30:00+08:00`` of UTC microseconds since 1970; None for None."""
    if time_us is None:
        return None
    moment = _EPOCH + timedelta(microseconds=time_us)
    return moment.astimezone(BEIJING).isoformat()


def naive_utc(moment: datetime | None) -> datetime | None:
    """The same instant as the store has it: UTC without saying so."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def show_iso(text: str | None) -> str:
    """An ISO 8601 text of the daemon, as :func:`show_time` shows it."""
    return show_time(datetime.fromisoformat(text)) if text else ""


def show_us(time_us: int | None) -> str:
    """UTC microseconds since 1970, as :func:`show_time` shows them."""
    if time_us is None:
        return ""
    return show_time(_EPOCH + timedelta(microseconds=time_us))
