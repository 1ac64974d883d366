"""Texts of the wire as numbers and times, and times as texts of the wire.

The wire keeps texts (``1.230`` is not ``1.23``); this is for those who calculate. The wire's times
are Beijing time, UTC+8 the whole year; ours are UTC. Tests: tests/wire/test_values.py.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite

_BEIJING_US = 8 * 3600 * 1_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_US = 86400 * 1_000_000
_EPOCH = datetime(1970, 1, 1)
_NUMBER = re.compile(r"[0-9+\-.eE]+")


def number(text: str) -> float | None:
    """The value as a number; None for empty, ``--``, ``NaN``, infinite and other texts."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


@lru_cache(maxsize=1024)
def _day_us(text: str) -> int | None:
    """YYYYMMDD as microseconds from 1970 to that day's midnight in Beijing."""
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return (day.toordinal() - _EPOCH_DAY) * _DAY_US - _BEIJING_US


def time_us(text: str) -> int | None:
    """UTC microseconds since 1970 of ``YYYYMMDDhhmmss`` or ``YYYYMMDDhhmmsszzz`` in Beijing time.

    None when it is not such a text, or no day of the calendar or time of the clock.
    """
    size = len(text)
    if (size != 14 and size != 17) or not (text.isascii() and text.isdigit()):
        return None
    day = _day_us(text[:8])
    clock = int(text[8:])
    if size == 14:
        clock *= 1000
    rest, millisecond = divmod(clock, 1000)
    rest, second = divmod(rest, 100)
    hour, minute = divmod(rest, 100)
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day + ((hour * 60 + minute) * 60 + second) * 1_000_000 + millisecond * 1000


def time_text(us: int, *, milliseconds: bool = False) -> str:
    """The Beijing time of UTC microseconds since 1970, cut to seconds (14 digits, DataTime) or to
    milliseconds (17 digits, QN). OverflowError outside of the years 1 to 9999."""
    at = _EPOCH + timedelta(microseconds=us + _BEIJING_US)
    text = f"{at.year:04d}{at:%m%d%H%M%S}"
    return f"{text}{at.microsecond // 1000:03d}" if milliseconds else text
