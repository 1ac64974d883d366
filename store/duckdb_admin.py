"""Making, checking and migrating a DuckDB store, while no hub holds its file.

Tests: tests/store/test_duckdb_admin.py.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from store import duckdb_migration, duckdb_presence
from store.duckdb_file import DuckDBFile, sentence
from store.duckdb_schema import VERSION, arrived_frames, readings
from store.lateness import LATE_AFTER_S
from store.settings import MEMORY_LIMIT
from store.timeseries import StoreUnavailable

_TWICE = "SELECT count(*) FROM (SELECT 1 FROM ({rows}) GROUP BY {key} HAVING count(*) > 1)"
# What counts what is wrong -> what it says, where {} is the number.
_PROBLEMS = {
    _TWICE.format(rows=readings(), key="device, channel, data_time"): (
        "{} values stand more than once for their time, MN, factor and period"
    ),
    _TWICE.format(
        rows=arrived_frames("key_time IS NOT NULL"), key="key_time, digest, device, reason, raw"
    ): "{} frames are stored more than once",
    """
    SELECT count(*) FROM (
        SELECT device, channel, max(data_time) AS data_time FROM samples_closed GROUP BY ALL
    ) AS newest FULL JOIN latest_closed AS known USING (device, channel, data_time)
    WHERE newest.device IS NULL OR known.device IS NULL
    """: "{} series of closed days have another newest value than the one that is noted",
    _TWICE.format(
        rows="FROM derived_hour UNION ALL FROM derived_hour_closed", key="start, device, item"
    ): "{} means of hours stand more than once",
    _TWICE.format(rows="FROM derived_day", key="start, device, item"): (
        "{} means of days stand more than once"
    ),
    duckdb_presence.miscounted(): "{} days of closed series are counted otherwise than they are",
    "SELECT n - (SELECT count(*) FROM frames) FROM totals WHERE name = 'frames'": (
        "the counter of frames differs by {}"
    ),
    f"SELECT n - (SELECT count(*) FROM ({readings()})) FROM totals WHERE name = 'samples'": (
        "the counter of samples differs by {}"
    ),
}


class DuckDBAdmin:
    """A :class:`store.admin.StoreAdmin` of one file."""

    def __init__(
        self,
        path: Path,
        memory_limit: str = MEMORY_LIMIT,
        late_after_s: float = LATE_AFTER_S,
    ) -> None:
        self._path = path
        self._memory_limit = memory_limit
        self._late_after_s = late_after_s

    def init(self) -> list[str]:
        """Make the file and its tables where there are none."""
        there = self._path.exists()
        with closing(DuckDBFile(self._path, self._memory_limit)) as file, file.cursor():
            pass
        return [f"{self._path} {'is there already' if there else 'was made'}, version {VERSION}"]

    def check(self) -> list[str]:
        """Read everything and count; nothing is changed."""
        problems = []
        file = DuckDBFile(self._path, self._memory_limit, read_only=True)
        with closing(file), file.cursor() as connection:
            for query, text in _PROBLEMS.items():
                for (count,) in connection.execute(query).fetchall():
                    if count:
                        problems.append(text.format(count))
        return problems

    def migrate(self) -> list[str]:
        """A file of an earlier version becomes one of this, in one transaction."""
        if not self._path.exists():
            raise StoreUnavailable(f"{self._path} does not exist; `hj212d store init` makes it")
        try:
            with duckdb.connect(
                str(self._path), config={"memory_limit": self._memory_limit}
            ) as connection:
                duckdb_presence.set_limit(connection, self._late_after_s)
                return duckdb_migration.migrate(connection, self._path)
        except duckdb.Error as problem:
            raise StoreUnavailable(sentence(self._path, problem)) from problem
