"""Beijing time as HJ 212 writes it. Moments are UTC seconds since 1970.

Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

import math
import time

from bench.instruments.curves import BEIJING_S


def date_text(t: float) -> str:
    """DataTime: 14 digits, ``YYYYMMDDhhmmss``."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(math.floor(t) + BEIJING_S))


def qn_text(milliseconds: int) -> str:
    """QN: 17 digits, from milliseconds since 1970 (UTC)."""
    return f"{date_text(milliseconds // 1000)}{milliseconds % 1000:03d}"
