"""Beijing time as HJ 212 writes it, and the clock of a device. Moments are UTC seconds since 1970.

Tests: tests/bench/test_instruments.py, tests/bench/test_answering.py.
"""

from __future__ import annotations

import calendar
import math
import time

from bench.instruments.curves import BEIJING_S


def date_text(t: float) -> str:
    """DataTime: 14 digits, ``YYYYMMDDhhmmss``."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(math.floor(t) + BEIJING_S))


def qn_text(milliseconds: int) -> str:
    """QN: 17 digits, from milliseconds since 1970 (UTC)."""
    return f"{date_text(milliseconds // 1000)}{milliseconds % 1000:03d}"


def moment(text: str) -> float | None:
    """The moment that 14 digits mean, or 17 with milliseconds; None when they mean none."""
    if len(text) not in (14, 17) or not (text.isascii() and text.isdigit()):
        return None
    try:
        parsed = time.strptime(text[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return calendar.timegm(parsed) - BEIJING_S + int(text[14:] or 0) / 1000


class DeviceClock:
    """The clock of a logger: off by ``offset_s`` at ``since``, and drifting until it is set."""

    def __init__(self, since: float, offset_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        self._since, self._offset_s, self._drift_ppm = since, offset_s, drift_ppm
        self._last_qn = 0
        self.times_set = 0

    def read(self, now: float) -> float:
        """What it shows at the true time ``now``."""
        return now + self.offset_s(now)

    def offset_s(self, now: float) -> float:
        """What it shows less the true time."""
        return self._offset_s + (now - self._since) * self._drift_ppm / 1e6

    def set(self, now: float, shown: float) -> None:
        """It shows ``shown`` from ``now`` on; QNs follow it, backwards as well."""
        self._since, self._offset_s = now, shown - now
        self._last_qn = 0
        self.times_set += 1

    def qn(self, now: float) -> str:
        """Its time in milliseconds, never the same twice while it is not set."""
        self._last_qn = max(self._last_qn + 1, int(self.read(now) * 1000))
        return qn_text(self._last_qn)
