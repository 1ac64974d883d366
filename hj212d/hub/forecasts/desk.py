"""Answers to the requests about forecasts, for the control socket and the API.

Tests: tests/hub/forecasts/test_forecast_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from twisted.internet.defer import Deferred

from admin.commands import Declined
from admin.source import NotAvailable, Row
from hj212d.hub.desk import ipc
from hj212d.hub.forecasts.keeping import answered, put_file
from hj212d.hub.forecasts.requests import ForecastPut, Forecasts
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.times import BEIJING
from store.means import MeansStore
from store.timeseries import StoreUnavailable

MOST_ROWS = 200_000


class ForecastDesk:
    """Reads in the threads of queries, writes in one of its own. ``arrived``: called on the loop
    each time forecasts were put."""

    def __init__(
        self, reactor: Any, store: MeansStore, data_dir: Path, slow: SlowWork, writing: SlowWork
    ) -> None:
        self.arrived: list[Callable[[], object]] = []
        self._reactor = reactor
        self._store = store
        self._data_dir = data_dir
        self._slow = slow
        self._writing = writing

    def forecasts(self, request: Forecasts) -> Deferred[pa.Buffer]:
        """Arrow IPC stream. ValueError, StoreUnavailable."""
        return self._slow.defer(self._reactor, lambda: ipc(answered(self._store, request)))

    def put(self, request: ForecastPut) -> Deferred[dict[str, Any]]:
        """How many rows were put. ValueError, StoreUnavailable."""
        return self._writing.defer(
            self._reactor,
            lambda: {"rows": put_file(self._store, Path(request.path), self._data_dir)},
        ).addCallback(self._arrived)

    def _arrived(self, done: dict[str, Any]) -> dict[str, Any]:
        for hook in self.arrived:
            hook()
        return done

    def rows(self, asked: dict[str, Any]) -> list[Row]:
        """For the page threads (:class:`admin.forecast_api.Forecasts`)."""
        try:
            request = msgspec.convert(asked, Forecasts, strict=False)
            table = self._slow.call(lambda: answered(self._store, request))
        except (msgspec.ValidationError, ValueError) as problem:
            raise Declined(str(problem), "level") from problem
        except (Busy, TookTooLong, StoreUnavailable) as problem:
            raise NotAvailable(str(problem)) from problem
        if table.num_rows > MOST_ROWS:
            raise Declined(f"{table.num_rows} rows are more than {MOST_ROWS}", "limit")
        return [{name: _shown(value) for name, value in row.items()} for row in table.to_pylist()]


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(BEIJING).isoformat()
    return value
