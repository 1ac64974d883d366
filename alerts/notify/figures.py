"""Numbers, moments and spans as people write them.

Moments are shown in Beijing time. Tests: tests/alerts/notify/test_written_figures.py.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal

BEIJING = timezone(timedelta(hours=8), "Beijing")
_UNITS = {
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "ng/m3": "ng/m³",
    "1": "",
    "degC": "°C",
    "m3/s": "m³/s",
}
_MOST_DIGITS = 12
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)  # holds any float


def number(value: float, digits: int = 3) -> str:
    """At least ``digits`` significant ones, one decimal of what is larger, no trailing zeros:
    0.01234 -> "0.0123", 12.345 -> "12.3", 1234.56 -> "1234.6". No exponents."""
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(float(value)))
    if not exact:
        return "0"
    decimals = min(max(digits - 1 - exact.adjusted(), digits - 2), _MOST_DIGITS)
    text = f"{_CONTEXT.quantize(exact, Decimal(1).scaleb(-decimals)):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def told_apart(value: float, limit: float) -> tuple[str, str]:
    """Both, with so many digits that a value which is not the limit does not look like it."""
    digits = 3
    while (
        digits < _MOST_DIGITS and value != limit and number(value, digits) == number(limit, digits)
    ):
        digits += 1
    return number(value, digits), number(limit, digits)


def unit(name: str) -> str:
    """A unit as it is printed: ug/m3 -> µg/m³."""
    return _UNITS.get(name, name)


def moment(at: datetime) -> str:
    """2026-11-21 15:04, Beijing time."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def span(seconds: float, language: str) -> str:
    """How long: "2 天 3 小时", "1 h 5 min"; the two largest parts, "<1" minute below one."""
    days, hours, minutes = _WORDS[language]
    whole = int(max(seconds, 0) // 60)
    parts = [
        f"{count} {word}"
        for count, word in (
            (whole // 1440, days),
            (whole // 60 % 24, hours),
            (whole % 60, minutes),
        )
        if count
    ]
    return " ".join(parts[:2]) or f"<1 {minutes}"


_WORDS = {"zh": ("天", "小时", "分钟"), "en": ("d", "h", "min")}
