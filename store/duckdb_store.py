"""Time series in one DuckDB file: the store of a single machine.

Opened when first used, so that a locked or missing file is a state of the store and no obstacle
to start. One batch is written at a time; queries run beside it on connections of their own and
see the state after the last commit. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from store import duckdb_commit
from store.duckdb_file import DuckDBFile
from store.duckdb_schema import CURSORS, columns
from store.settings import MEMORY_LIMIT
from store.timeseries import (
    COUNTS,
    DEVICES,
    FRAMES,
    SAMPLES,
    Batch,
    Committed,
    FrameQuery,
    SampleQuery,
)

Parameters = dict[str, str | int | datetime]

_LATEST = f"""
    SELECT {columns(SAMPLES)} FROM samples SEMI JOIN (
        SELECT mn, factor, period, max(data_time) AS data_time FROM samples GROUP BY ALL
    ) USING (mn, factor, period, data_time)
    ORDER BY mn, factor, period
"""
_TOTALS = """
    SELECT
        (SELECT count(*) FROM frames),
        (SELECT count(*) FROM frames WHERE reason <> 'ok'),
        (SELECT count(*) FROM samples),
        (SELECT count(*) FROM devices)
"""


class DuckDBStore:
    """A :class:`store.timeseries.TimeSeriesStore` over one file.

    ``read_only`` opens a file that no hub holds, for a look at it.
    """

    def __init__(
        self, path: Path, memory_limit: str = MEMORY_LIMIT, *, read_only: bool = False
    ) -> None:
        self.url = f"duckdb:///{path}"
        self._file = DuckDBFile(path, memory_limit, read_only=read_only)
        self._writing = threading.Lock()

    def cursors(self) -> dict[str, int]:
        """Lane -> journal position up to which everything is in the store."""
        rows = self._table(f"SELECT {columns(CURSORS)} FROM cursors", CURSORS).to_pylist()
        return {row["lane"]: row["position"] for row in rows}

    def commit(self, batch: Batch) -> Committed:
        """Write rows and cursors in one transaction; a second caller waits for the first."""
        with self._writing, self._file.cursor() as connection:
            return duckdb_commit.write(connection, batch)

    def frames(self, query: FrameQuery) -> pa.Table:
        """Rows of FRAMES in order of receipt, the newest ``limit`` of them."""
        wanted = _Conditions()
        wanted.add("mn = $mn", mn=query.mn)
        wanted.add("received_at >= $start", start=query.start)
        wanted.add("received_at < $end", end=query.end)
        wanted.add("reason = $reason", reason=query.reason)
        wanted.add("cn = $cn", cn=query.cn)
        if query.errors:
            wanted.add("reason <> $good", good="ok")
        # The time of the last row wanted is found first, on one narrow column: to carry whole rows
        # through the search for the newest 10,000 of 2 million takes six times as long.
        oldest = (
            f"SELECT received_at FROM frames {wanted.where} "
            f"ORDER BY received_at DESC LIMIT {query.limit:d}"
        )
        wanted.add_term(f"received_at >= (SELECT min(received_at) FROM ({oldest}))")
        newest = (
            f"SELECT {columns(FRAMES)} FROM frames {wanted.where} "
            f"ORDER BY received_at DESC, lane DESC, position DESC LIMIT {query.limit:d}"
        )
        return self._table(
            f"FROM ({newest}) ORDER BY received_at, lane, position", FRAMES, wanted.parameters
        )

    def samples(self, query: SampleQuery) -> pa.Table:
        """Rows of SAMPLES in order of data_time, mn, factor, the newest ``limit`` of them."""
        wanted = _Conditions()
        wanted.add("mn = $mn", mn=query.mn)
        wanted.add("period = $period", period=query.period)
        wanted.add("factor = $factor", factor=query.factor)
        wanted.add("data_time >= $start", start=query.start)
        wanted.add("data_time < $end", end=query.end)
        newest = (
            f"SELECT {columns(SAMPLES)} FROM samples {wanted.where} "
            f"ORDER BY data_time DESC, mn DESC, factor DESC LIMIT {query.limit:d}"
        )
        return self._table(
            f"FROM ({newest}) ORDER BY data_time, mn, factor", SAMPLES, wanted.parameters
        )

    def latest(self) -> pa.Table:
        """For each (mn, factor, period) the row of SAMPLES with the newest data_time."""
        return self._table(_LATEST, SAMPLES)

    def devices(self) -> pa.Table:
        """Rows of DEVICES in order of MN."""
        return self._table(f"SELECT {columns(DEVICES)} FROM devices ORDER BY mn", DEVICES)

    def counts(self) -> pa.Table:
        """COUNTS, summed since the store was made."""
        return self._table(
            f"SELECT {columns(COUNTS)} FROM device_counts ORDER BY mn, what, name", COUNTS
        )

    def totals(self) -> dict[str, int]:
        """Rows: {"frames", "frames_bad", "samples", "devices"}."""
        with self._file.cursor() as connection:
            (row,) = connection.execute(_TOTALS).fetchall()
        return dict(zip(("frames", "frames_bad", "samples", "devices"), row, strict=True))

    def close(self) -> None:
        """Bring the log into the file and close it, after the commit that is under way."""
        with self._writing:
            self._file.close()

    def _table(
        self, query: str, schema: pa.Schema, parameters: Parameters | None = None
    ) -> pa.Table:
        with self._file.cursor() as connection:
            return connection.sql(query, params=parameters).to_arrow_table().cast(schema)


class _Conditions:
    """A WHERE clause and its parameters; what is None asks for nothing."""

    def __init__(self) -> None:
        self._terms: list[str] = []
        self.parameters: Parameters = {}

    def add(self, term: str, **parameter: Any) -> None:
        """A term with a parameter."""
        for name, value in parameter.items():
            if value is not None:
                self.add_term(term)
                self.parameters[name] = value

    def add_term(self, term: str) -> None:
        """A term of its own."""
        self._terms.append(term)

    @property
    def where(self) -> str:
        """The clause, empty when nothing is asked for."""
        return "WHERE " + " AND ".join(self._terms) if self._terms else ""
