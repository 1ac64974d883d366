"""Completeness as the API sees it: :class:`admin.completeness.Completeness` in the page threads.

Rates are reckoned in the threads of queries, gaps read in the registry's; both are waited for, not
longer than is bearable. Tests: tests/hub/completeness/test_completeness_desk.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from twisted.internet.defer import maybeDeferred

from admin.commands import Declined
from admin.source import NotAvailable, Row
from hj212d.hub.completeness.desk import CompletenessDesk
from hj212d.hub.completeness.requests import Completeness, Gaps
from hj212d.hub.loop_call import ask_loop
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.times import BEIJING
from store.timeseries import StoreUnavailable

_LATER = "请稍后再试 · "


class ApiWindow:
    """What the API may ask."""

    def __init__(self, reactor: Any, desk: CompletenessDesk, slow: SlowWork) -> None:
        self._reactor = reactor
        self._desk = desk
        self._slow = slow

    def rates(self, asked: dict[str, Any]) -> list[Row]:
        """Rates; moments in ISO 8601, Beijing time."""
        request = Completeness(**asked)
        try:
            request.meaning()
        except ValueError as problem:
            raise Declined(str(problem), "from") from problem
        try:
            found = self._slow.call(lambda: self._desk.rates(request).to_pylist())
        except (Busy, TookTooLong, StoreUnavailable) as problem:
            raise NotAvailable(f"{_LATER}{problem}") from problem
        return [{name: _value(value) for name, value in row.items()} for row in found]

    def gaps(self, asked: dict[str, Any]) -> list[Row]:
        """Rows of the book."""
        found = ask_loop(self._reactor, lambda: maybeDeferred(self._desk.gaps, Gaps(**asked)))
        rows: list[Row] = found["gaps"]
        return rows


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(BEIJING).isoformat()
    return value
