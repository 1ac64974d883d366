"""Counts of the closed days of a store that has none: of an earlier version, or lost.

A month and some hundred MNs at a time; what was interrupted may begin again.
Tests: tests/store/test_clickhouse_admin.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

from store.clickhouse_days import BEIJING_US, start_of
from store.clickhouse_engine import Engine
from store.clickhouse_lookup import instant
from store.clickhouse_presence import count_days
from store.clickhouse_state import has_horizon, horizon

_MNS_AT_ONCE = 1000
_ROLL = 1  # below all that tidy makes from now on


def count_closed(engine: Engine, late_after_s: float) -> None:
    """Count all days that are closed."""
    if not has_horizon(engine):
        return
    behind = start_of(horizon(engine))
    mns = engine.query("SELECT DISTINCT mn FROM devices ORDER BY mn")["mn"].to_pylist()
    for start, end in _months(engine, behind):
        for first in range(0, len(mns), _MNS_AT_ONCE):
            some = mns[first : first + _MNS_AT_ONCE]
            count_days(engine, start, min(end, behind), some, late_after_s, _ROLL)


def _months(engine: Engine, behind: int) -> list[tuple[int, int]]:
    """Bounds of the Beijing months that have samples before an instant; microseconds."""
    shifted = f"fromUnixTimestamp64Micro(toUnixTimestamp64Micro(data_time) + {BEIJING_US}, 'UTC')"
    found = engine.query(
        f"SELECT DISTINCT toYYYYMM({shifted}, 'UTC') AS month FROM samples "
        f"WHERE data_time < {instant(behind)} ORDER BY month"
    )["month"].to_pylist()
    months = [month // 100 * 12 + month % 100 - 1 for month in found]
    return [(_begin(month), _begin(month + 1)) for month in months]


def _begin(month: int) -> int:
    """Where a month begins, counted from the year 0."""
    begin = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return int(begin.timestamp()) * 1_000_000 - BEIJING_US
