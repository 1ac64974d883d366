"""Beijing days, and which of them are over: the rule by which hours are summed up in advance.

A day is open until two hours after its end: its aggregates are made when they are asked for. Six
hours after its end ``tidy`` makes its hours. What comes for a day that is not open is noted as
late, before it is written, and its hours are made anew; until then they are made when asked for.
Pure. Tests: tests/store/test_clickhouse_days.py.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
BEIJING_US = 8 * HOUR_US
OPEN_AFTER_US = 2 * HOUR_US
CLOSED_AFTER_US = 6 * HOUR_US

Times = NDArray[np.int64]


def day_of(at: Times) -> Times:
    """Beijing days since 1970 of instants (microseconds, UTC)."""
    days: Times = (at + BEIJING_US) // DAY_US
    return days


def start_of(day: int) -> int:
    """The instant at which a day begins, microseconds, UTC."""
    return day * DAY_US - BEIJING_US


def first_open(now_s: float) -> int:
    """The first day that is open now."""
    return int((now_s * 1e6 - OPEN_AFTER_US + BEIJING_US) // DAY_US)


def may_close(day: int, now_s: float) -> bool:
    """Whether the hours of a day may be made in advance now."""
    return now_s * 1e6 >= start_of(day + 1) + CLOSED_AFTER_US


def is_closed(at: Times, now_s: float) -> NDArray[np.bool_]:
    """Which instants lie in days that are not open any more."""
    closed: NDArray[np.bool_] = day_of(at) < first_open(now_s)
    return closed


def late_rows(days: Iterable[tuple[str, int]], node: str, batch: int) -> pa.Table:
    """Rows of the table of late days."""
    noted = sorted(days)
    count = len(noted)
    return pa.table(
        {
            "mn": pa.array([mn for mn, _ in noted], pa.string()),
            "day": pa.array([day for _, day in noted], pa.int64()),
            "node": pa.array([node] * count, pa.string()),
            "batch": pa.array([batch] * count, pa.uint64()),
            "version": pa.array([2 * batch] * count, pa.uint64()),
        }
    )
