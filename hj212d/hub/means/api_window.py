"""Means as the API sees them: :class:`admin.means.MeansWindow` in the page threads.

Tests: tests/hub/means/test_means_desk.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
from twisted.internet.defer import execute

from admin.commands import Declined
from admin.source import NotAvailable, Row
from hj212d.hub.loop_call import ask_loop
from hj212d.hub.means.desk import MeansDesk
from hj212d.hub.means.requests import Means, MeansRecompute
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.times import BEIJING
from store.timeseries import StoreUnavailable

MOST_ROWS = 100_000

_LATER = "请稍后再试 · "


class ApiWindow:
    """What the API may ask."""

    def __init__(self, reactor: Any, desk: MeansDesk, slow: SlowWork) -> None:
        self._reactor = reactor
        self._desk = desk
        self._slow = slow

    def means(self, asked: Row) -> list[Row]:
        """Rows of MEANS; moments in ISO 8601, Beijing time. Declined, NotAvailable."""
        request = msgspec.convert(asked, Means)
        try:
            found: pa.Table = self._slow.call(lambda: self._desk.table(request))
        except ValueError as problem:
            raise Declined(str(problem), "from") from problem
        except (Busy, TookTooLong, StoreUnavailable) as problem:
            raise NotAvailable(f"{_LATER}{problem}") from problem
        if found.num_rows > MOST_ROWS:
            raise Declined(
                f"{found.num_rows} rows are more than {MOST_ROWS}: ask for less at once", "to"
            )
        return [{name: _value(value) for name, value in row.items()} for row in found.to_pylist()]

    def recompute(self, asked: Row) -> Row:
        """How many hours are made anew. Declined."""
        request = msgspec.convert(asked, MeansRecompute)
        try:
            done: Row = ask_loop(self._reactor, lambda: execute(self._desk.recompute, request))
        except ValueError as problem:
            raise Declined(str(problem), "from") from problem
        return done


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(BEIJING).isoformat()
    return value
