"""Which data came late, by CN: the rule of :mod:`store.lateness`, for frames.

The compiled twin is in _columns.pyx; the stores count by the same table.
Tests: tests/hub/test_lateness.py.
"""

from __future__ import annotations

from store.lateness import LENGTHS_S, MINUTE_LENGTHS_S
from store.timeseries import PERIODS

LATE = "late"

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
MINUTE_DATA = "2051"

# Minute of the hour -> microseconds of the longest interval that can begin there.
MINUTE_PERIODS_US = tuple(length_s * SECOND_US for length_s in MINUTE_LENGTHS_S)

# CN -> microseconds from DataTime to the end of what it stands for.
_CNS = {period: cn for cn, period in PERIODS.items()}
PERIODS_US = {
    _CNS.get(period, period.removeprefix("cn")): length_s * SECOND_US
    for period, length_s in LENGTHS_S.items()
}


def is_late(cn: str, data_time_us: int, received_us: int, late_after_s: float) -> bool:
    """Whether data of this CN came later than ``late_after_s`` after their period; never for a CN
    that carries none. Times are UTC microseconds since 1970; of receipt the second counts."""
    if cn == MINUTE_DATA:
        period_us: int | None = MINUTE_PERIODS_US[data_time_us // MINUTE_US % 60]
    else:
        period_us = PERIODS_US.get(cn)
    if period_us is None:
        return False
    second_us = received_us - received_us % SECOND_US
    return second_us - data_time_us - period_us > late_after_s * SECOND_US
