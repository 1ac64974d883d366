"""Which data came late: longer after the end of their period than the platform allows.

DataTime is the start of the period (HJ 212-2017, 6.6.4; 2025 the same), so hours and days have
their time to end first. How long a minute period is no frame says; it is taken for the longest
that can begin at its DataTime, so that nobody is called late who was not. The compiled twin of
this rule is in _columns.pyx. Tests: tests/hub/test_lateness.py.
"""

from __future__ import annotations

LATE = "late"

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US

# The intervals of minute data, in minutes (HJ 212-2017, CN 1064).
INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)

# Minute of the hour -> microseconds of the longest interval that can begin there.
MINUTE_PERIODS_US = tuple(
    max(interval for interval in INTERVALS if minute % interval == 0) * MINUTE_US
    for minute in range(60)
)

# CN -> microseconds from DataTime to the end of what it stands for. Measurements whose length the
# standard leaves open (2013, 2052, 2062) have an hour.
PERIODS_US = {
    "2011": 0,
    "2013": 60 * MINUTE_US,
    "2021": 0,
    "2031": 24 * 60 * MINUTE_US,
    "2041": 24 * 60 * MINUTE_US,
    "2052": 60 * MINUTE_US,
    "2061": 60 * MINUTE_US,
    "2062": 60 * MINUTE_US,
    "2111": 5 * MINUTE_US,
}
MINUTE_DATA = "2051"


def is_late(cn: str, data_time_us: int, received_us: int, late_after_s: float) -> bool:
    """Whether data of this CN came later than ``late_after_s`` after their period; never for a CN
    that carries none. Times are UTC microseconds since 1970."""
    if cn == MINUTE_DATA:
        period_us: int | None = MINUTE_PERIODS_US[data_time_us // MINUTE_US % 60]
    else:
        period_us = PERIODS_US.get(cn)
    if period_us is None:
        return False
    return received_us - data_time_us - period_us > late_after_s * SECOND_US
