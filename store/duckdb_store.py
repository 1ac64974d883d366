"""Time series in one DuckDB file: the store of a single machine.

Opened when first used, so that a locked or missing file is a state of the store and no obstacle
to start. One batch is written at a time; queries and tidying run beside it on connections of their
own and see the state after the last commit. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from store import (
    duckdb_commit,
    duckdb_means_changed,
    duckdb_means_kept,
    duckdb_means_sums,
    duckdb_presence,
    duckdb_queries,
    duckdb_tidy,
)
from store.duckdb_file import DuckDBFile
from store.lateness import LATE_AFTER_S
from store.means import (
    Cursors,
    DerivedQuery,
    ForecastQuery,
    HourSumsQuery,
    MeansState,
    Put,
)
from store.settings import CLOSE_AFTER_H, MEMORY_LIMIT
from store.timeseries import (
    AggregateQuery,
    Batch,
    Committed,
    FrameQuery,
    PresenceQuery,
    SampleQuery,
    SlotQuery,
    StoreUnavailable,
)

T = TypeVar("T")

# Longer than a caller waits (hub.query_timeout_s): what runs on then runs for nobody.
QUERY_LIMIT_S = 60.0

_EPOCH = datetime(1970, 1, 1)
_DAY_S = 86_400
_BEIJING_S = 8 * 3600


class DuckDBStore:
    """A :class:`store.means.Store` over one file.

    ``read_only`` opens a file that no hub holds, for a look at it. A query of samples, frames or
    aggregates that runs longer than ``query_limit_s`` is ended.
    """

    def __init__(
        self,
        path: Path,
        memory_limit: str = MEMORY_LIMIT,
        *,
        read_only: bool = False,
        close_after_h: float = CLOSE_AFTER_H,
        late_after_s: float = LATE_AFTER_S,
        query_limit_s: float = QUERY_LIMIT_S,
    ) -> None:
        self.url = f"duckdb:///{path}"
        self._file = DuckDBFile(path, memory_limit, read_only=read_only, late_after_s=late_after_s)
        self._close_after_s = close_after_h * 3600
        self._query_limit_s = query_limit_s
        self._writing = threading.Lock()
        self._tidying = threading.Lock()

    @property
    def late_after_s(self) -> float:
        """Longer than this after the end of its period a value is late."""
        return self._file.late_after_s

    @late_after_s.setter
    def late_after_s(self, seconds: float) -> None:
        self._file.late_after_s = seconds

    def cursors(self) -> dict[str, int]:
        """Lane -> journal position up to which everything is in the store."""
        with self._file.cursor() as connection:
            return duckdb_queries.cursors(connection)

    def planned(self) -> dict[str, int] | None:
        """None: a commit is there or not."""
        return None

    def commit(self, batch: Batch) -> Committed:
        """Write rows and cursors in one transaction; a second caller waits for the first."""
        with self._writing, self._file.cursor() as connection:
            try:
                return duckdb_commit.write(connection, batch)
            except duckdb.TransactionException:
                # A value that this batch replaces is just being moved: once that is done, again.
                with self._tidying:
                    return duckdb_commit.write(connection, batch)

    def frames(self, query: FrameQuery) -> pa.Table:
        """Rows of FRAMES in order of receipt, the newest ``limit`` of them."""
        return self._ask(lambda connection: duckdb_queries.frames(connection, query))

    def samples(self, query: SampleQuery) -> pa.Table:
        """Rows of READINGS in order of data_time, mn, factor, the newest ``limit`` of them."""
        return self._ask(lambda connection: duckdb_queries.samples(connection, query))

    def aggregates(self, query: AggregateQuery) -> pa.Table:
        """Rows of AGGREGATES, computed from the rows as they stand."""
        return self._ask(lambda connection: duckdb_queries.aggregates(connection, query))

    def presence(self, query: PresenceQuery) -> pa.Table:
        """Rows of PRESENCE in order of day, mn, factor, period."""
        return self._ask(lambda connection: duckdb_presence.presence(connection, query))

    def spacings(self, query: PresenceQuery) -> pa.Table:
        """Rows of SPACINGS in order of day, mn, period."""
        return self._ask(lambda connection: duckdb_presence.spacings(connection, query))

    def slots(self, query: SlotQuery) -> pa.Table:
        """Rows of SLOTS, ascending."""
        return self._ask(lambda connection: duckdb_presence.slots(connection, query))

    def latest(self) -> pa.Table:
        """For each (mn, factor, period) the row of READINGS with the newest data_time."""
        with self._file.cursor() as connection:
            return duckdb_queries.latest(connection)

    def devices(self) -> pa.Table:
        """Rows of DEVICES in order of MN."""
        with self._file.cursor() as connection:
            return duckdb_queries.devices(connection)

    def counts(self) -> pa.Table:
        """COUNTS, summed since the store was made."""
        with self._file.cursor() as connection:
            return duckdb_queries.counts(connection)

    def totals(self) -> dict[str, int]:
        """Rows: {"frames", "frames_bad", "samples", "devices"}."""
        with self._file.cursor() as connection:
            return duckdb_queries.totals(connection)

    def hour_sums(self, query: HourSumsQuery) -> pa.Table:
        """Rows of HOUR_SUMS in order of start, mn, factor, period."""
        with self._file.cursor() as connection:
            return duckdb_means_sums.hour_sums(connection, query)

    def minute_sums(self, query: HourSumsQuery) -> pa.Table:
        """The same of each minute of real-time values."""
        return self._ask(lambda connection: duckdb_means_sums.minute_sums(connection, query))

    def day_reports(self, query: HourSumsQuery) -> pa.Table:
        """The instruments' own day values."""
        with self._file.cursor() as connection:
            return duckdb_means_sums.day_reports(connection, query)

    def cursors_now(self) -> Cursors:
        """Cursors at the present end."""
        with self._file.cursor() as connection:
            return duckdb_means_changed.cursors_now(connection)

    def changed(
        self, cursors: Cursors, before: datetime, end_stamped: tuple[str, ...] = ()
    ) -> tuple[pa.Table, Cursors]:
        """Hours before ``before`` that something stored since ``cursors`` touched."""
        with self._file.cursor() as connection:
            return duckdb_means_changed.changed(connection, cursors, before, end_stamped)

    def put_derived(self, table: pa.Table, state: MeansState | None = None) -> Put:
        """Rows of DERIVED and the state, in one transaction."""
        with ExitStack() as held:
            connection = held.enter_context(self._file.cursor())
            if duckdb_means_kept.unknown_mns(connection, table):
                held.enter_context(self._writing)  # commits give numbers to MNs, too
            held.enter_context(self._tidying)
            return duckdb_means_kept.put_derived(connection, table, state)

    def means_state(self) -> MeansState | None:
        """The state that was put last."""
        with self._file.cursor() as connection:
            return duckdb_means_kept.means_state(connection)

    def derived(self, query: DerivedQuery) -> pa.Table:
        """Rows of DERIVED in order of start, mn, factor, stat."""
        return self._ask(lambda connection: duckdb_means_kept.derived(connection, query))

    def put_forecasts(self, table: pa.Table) -> None:
        """Rows of FORECASTS, in the place of those of the same keys."""
        with self._tidying, self._file.cursor() as connection:
            duckdb_means_kept.put_forecasts(connection, table)

    def forecasts(self, query: ForecastQuery) -> pa.Table:
        """Rows of FORECASTS."""
        return self._ask(lambda connection: duckdb_means_kept.forecasts(connection, query))

    def is_first(self) -> bool:
        """Yes: nobody else writes into the file."""
        return True

    def tidy(self, now: datetime) -> bool:
        """Close a slice of what is over at ``now``; whether there is more to do."""
        until_s = int((now - _EPOCH) // timedelta(seconds=1) - self._close_after_s)
        with self._tidying, self._file.cursor() as connection:
            try:
                if duckdb_tidy.step(connection, until_s):
                    return True
                day_s = until_s - (until_s + _BEIJING_S) % _DAY_S
                return duckdb_means_kept.close_hours(connection, day_s)
            except duckdb.TransactionException:
                return True  # a commit was quicker to replace one of the values: the next time

    def close(self) -> None:
        """Bring the log into the file and close it, after the work that is under way."""
        with self._writing, self._tidying:
            self._file.close()

    def _ask(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        with self._file.cursor() as connection:
            limit = threading.Timer(self._query_limit_s, connection.interrupt)
            limit.daemon = True
            limit.start()
            try:
                return question(connection)
            except duckdb.InterruptException as problem:
                raise StoreUnavailable(
                    f"the query was ended after {self._query_limit_s:g} s; ask for less"
                ) from problem
            finally:
                limit.cancel()
