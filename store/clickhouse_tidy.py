"""What can wait: hours and counts of closed days made in advance, parts of past months merged.

Each step takes a few hundred MNs at the most. Two nodes may take the same step: they write the
same rows; of the nodes that are alive, the first by name does it.
Tests: tests/store/test_clickhouse_tidy.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from store import clickhouse_presence
from store.clickhouse_days import HOUR_US, may_close, start_of
from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_lookup import instant
from store.clickhouse_queries import SUMMARY
from store.clickhouse_schema import (
    DAYS,
    DERIVED,
    FRAMES,
    HOURS,
    SAMPLES,
    Table,
    on_cluster,
    stored_in,
)
from store.clickhouse_state import DONE, horizon, write_horizon

MNS_IN_A_STEP = 200
DAYS_IN_A_STEP = 100
_MOST_BYTES_MERGED = 1 << 30  # larger months are left to the engine's own merges
_ALIVE_S = 3600
_FORGOTTEN_BYTES = 4096
_MERGED_TABLES = (SAMPLES, FRAMES, HOURS, DAYS, DERIVED)


class Tidier:
    """Remembers how far the day that is being closed has come. ``late_after_s``: see lateness.py;
    it may be set at any time."""

    def __init__(self, engine: Engine, node: str, late_after_s: float) -> None:
        self.late_after_s = late_after_s
        self._engine = engine
        self._node = node
        self._day: int | None = None
        self._last_mn = ""

    def step(self, now_s: float, clock_s: float) -> bool:
        """One step; whether there is more to do. ``now_s``: what is said to be the time,
        ``clock_s``: the time by which commits tell which days are open."""
        if not self.is_first():
            return False
        if self._sum_up_late():
            return True
        day = horizon(self._engine)
        if may_close(day, min(now_s, clock_s)):
            self._close(day)
            return True
        return self._merge(now_s)

    def is_first(self) -> bool:
        """Whether no other node that is alive comes before this one."""
        rows = self._engine.query(
            "SELECT min(node) AS first, count() AS n FROM progress FINAL "
            f"WHERE node < {quoted(self._node)} AND at > now() - {_ALIVE_S}"
        )
        return bool(rows["n"][0].as_py() == 0)

    def _sum_up_late(self) -> bool:
        """Make the hours of late days anew, of batches that are finished; whether there were."""
        finished = [
            f"(node = {quoted(row['node'])} AND batch <= {row['batch']})"
            for row in self._engine.query(
                f"SELECT node, batch FROM progress FINAL WHERE step = {quoted(DONE)}"
            ).to_pylist()
        ]
        late = self._engine.query(
            "SELECT mn, day, node, batch, version FROM late FINAL "
            f"WHERE {' OR '.join(finished) or 'false'} "
            f"ORDER BY day, mn LIMIT {DAYS_IN_A_STEP}"
        ).to_pylist()
        by_day: dict[int, list[str]] = {}
        for row in late:
            by_day.setdefault(row["day"], []).append(row["mn"])
        for day, mns in by_day.items():
            self._sum_up(day, sorted(set(mns)))
        self._engine.insert(
            "late",
            pa.table(
                {
                    "mn": pa.array([row["mn"] for row in late], pa.string()),
                    "day": pa.array([row["day"] for row in late], pa.int64()),
                    "node": pa.array([row["node"] for row in late], pa.string()),
                    "batch": pa.array([row["batch"] for row in late], pa.uint64()),
                    "version": pa.array([row["version"] + 1 for row in late], pa.uint64()),
                    "removed": pa.array([1] * len(late), pa.uint8()),
                }
            ),
        )
        return bool(late)

    def _close(self, day: int) -> None:
        """Make the hours of the next MNs of a day; after the last of them the day is closed."""
        if self._day != day:
            self._day, self._last_mn = day, ""
        mns = self._engine.query(
            f"SELECT DISTINCT mn FROM devices WHERE mn > {quoted(self._last_mn)} "
            f"ORDER BY mn LIMIT {MNS_IN_A_STEP}"
        )["mn"].to_pylist()
        if mns:
            self._sum_up(day, mns)
            self._last_mn = mns[-1]
        if len(mns) < MNS_IN_A_STEP:
            write_horizon(self._engine, day + 1)

    def _sum_up(self, day: int, mns: list[str]) -> None:
        """Put what the samples say in the place of the hours and the counts that stand."""
        start, end = start_of(day), start_of(day + 1)
        roll = self._take_back(HOURS, start, end, mns)
        self._engine.run(
            "INSERT INTO hours (mn, factor, period, start, roll, n, n_marked, sum, low, high) "
            "SELECT mn, factor, period, fromUnixTimestamp64Micro(toUnixTimestamp64Micro(data_time)"
            f" - positiveModulo(toUnixTimestamp64Micro(data_time), {HOUR_US}), 'UTC') AS start, "
            f"{roll}, {SUMMARY} FROM samples FINAL PREWHERE mn IN {listed(mns)} "
            f"AND data_time >= {instant(start)} AND data_time < {instant(end)} "
            "GROUP BY mn, factor, period, start"
        )
        roll = self._take_back(DAYS, start, end, mns)
        clickhouse_presence.count_days(self._engine, start, end, mns, self.late_after_s, roll)

    def _take_back(self, table: Table, start: int, end: int, mns: list[str]) -> int:
        """Take back what stands made of a span; the ``roll`` of what is to stand instead."""
        chosen = f"mn IN {listed(mns)} AND start >= {instant(start)} AND start < {instant(end)}"
        roll: int = self._engine.query(
            f"SELECT max(roll) AS roll FROM {table.name} WHERE {chosen}"
        )["roll"][0].as_py()
        self._engine.run(
            f"INSERT INTO {table.name} (mn, factor, period, start, roll, removed) "
            f"SELECT mn, factor, period, start, {roll + 1}, 1 FROM {table.name} FINAL "
            f"WHERE {chosen}"
        )
        return roll + 2

    def _merge(self, now_s: float) -> bool:
        """Merge one past month that is in several parts, or forget the microseconds of its
        samples' receipt; whether there was one."""
        past = (
            f"active AND database = {quoted(self._engine.place.database)} "
            f"AND partition_id < {quoted(datetime.fromtimestamp(now_s, UTC).strftime('%Y%m'))}"
        )
        for table in _MERGED_TABLES:
            partitions = self._engine.query(
                "SELECT partition_id, count() AS parts FROM system.parts "
                f"WHERE {past} AND table = {quoted(self._stored_in(table))} GROUP BY partition_id "
                f"HAVING parts > 1 AND sum(bytes_on_disk) < {_MOST_BYTES_MERGED} "
                "ORDER BY partition_id LIMIT 1"
            )["partition_id"].to_pylist()
            if partitions:
                self._change(table, "OPTIMIZE TABLE {} PARTITION ID {} FINAL", partitions[0])
                return True
        partitions = self._engine.query(
            "SELECT partition_id FROM system.parts_columns "
            f"WHERE {past} AND table = {quoted(self._stored_in(SAMPLES))} "
            "AND column = 'rest_us' GROUP BY partition_id "
            f"HAVING sum(column_data_compressed_bytes) > {_FORGOTTEN_BYTES} + sum(rows) / 50 "
            "ORDER BY partition_id LIMIT 1"
        )["partition_id"].to_pylist()
        if partitions:
            # A seventh of the room, for what only tells apart two values of one second.
            self._change(
                SAMPLES, "ALTER TABLE {} CLEAR COLUMN rest_us IN PARTITION ID {}", partitions[0]
            )
        return bool(partitions)

    def _change(self, table: Table, statement: str, partition: str) -> None:
        where = self._stored_in(table) + on_cluster(self._engine.place.cluster)
        self._engine.run(statement.format(where, quoted(partition)))

    def _stored_in(self, table: Table) -> str:
        return stored_in(table, self._engine.place.cluster)
