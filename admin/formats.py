"""How values look on a page: Beijing time, grouped numbers, bytes as readable text.

Pure functions, used as template filters; the templates escape what they return.
Tests: tests/admin/test_formats.py.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
RAW_LIMIT = 1200

_PASSWORD = re.compile(r"(PW=)[^;&]*", re.IGNORECASE)


def beijing(text: str | None) -> str:
    """``2026-01-01T00:00:00Z`` as ``2026-01-01 08:00:00``; a dash when there is none."""
    if not text:
        return "–"
    return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def grouped(number: int | float | None) -> str:
    """``1234567`` as ``1,234,567``; a dash when there is none."""
    return "–" if number is None else f"{number:,}"


def reading(value: float | None, extra: str = "") -> str:
    """A measured value without noise digits; its text when it is no number."""
    if value is None:
        return extra or "–"
    return f"{value:.10g}"


def seconds(number: float | None) -> str:
    """A duration in the largest fitting unit: ``42 s``, ``7 min``, ``3 h``, ``2 d``."""
    if number is None:
        return "–"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if number >= 2 * size:
            return f"{number / size:.0f} {unit}"
    return f"{number:.0f} s"


def size(number: int | None) -> str:
    """Bytes in the largest fitting unit: ``1.5 MB``."""
    if number is None:
        return "–"
    amount = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def raw_text(raw: bytes) -> str:
    """A frame for reading: text where it is text, ``\\xNN`` elsewhere, password hidden, cut at
    1200 bytes."""
    text = raw[:RAW_LIMIT].decode("utf-8", "backslashreplace")
    shown = "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text
    )
    more = f" … (+{len(raw) - RAW_LIMIT} B)" if len(raw) > RAW_LIMIT else ""
    return _PASSWORD.sub(r"\1******", shown) + more


def raw_hex(raw: bytes) -> str:
    """The first 64 bytes in hexadecimal, in groups of two."""
    return raw[:64].hex(" ") + (" …" if len(raw) > 64 else "")
