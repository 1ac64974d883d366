"""The engines that ``python -m bench store`` measures: where they live, and their own bulk load.

Test: tests/bench/test_bench_store.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import chdb
import duckdb
import pyarrow as pa

from store.clickhouse_engine import Engine as ClickHouseEngine
from store.clickhouse_place import place
from store.duckdb_schema import create
from store.settings import MEMORY_LIMIT
from store.timeseries import FRAMES, SAMPLES


class Engine(Protocol):
    """An engine in a folder of its own. ``url`` is the store's; ``version`` is for the table."""

    url: str
    version: str

    def __init__(self, folder: Path) -> None: ...

    def load(self, frames: pa.Table, samples: pa.Table) -> None:
        """The yardstick: the engine's own way to write these tables to disk, all columns."""

    def settle(self, store: object) -> None:
        """Bring what ``store`` has committed into its final files, as ``load`` does."""

    def sizes(self) -> dict[str, int]:
        """Bytes on disk of the closed store: {"samples", "frames"}."""


class DuckDB:
    """One database file for the store, one for the yardstick."""

    version = f"DuckDB {duckdb.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "store.duckdb"
        self.url = f"duckdb:///{self._file}"
        self._plain: duckdb.DuckDBPyConnection | None = None

    def load(self, frames: pa.Table, samples: pa.Table) -> None:
        """Insert from Arrow, commit, checkpoint."""
        if self._plain is None:
            path = self._folder / "plain.duckdb"
            self._plain = duckdb.connect(
                str(path),
                config={"memory_limit": MEMORY_LIMIT, "checkpoint_threshold": "64MB"},
            )
            self._plain.execute(create("frames", FRAMES))
            self._plain.execute(create("samples", SAMPLES))
        self._plain.register("new_frames", frames)
        self._plain.register("new_samples", samples)
        self._plain.execute("BEGIN")
        self._plain.execute("INSERT INTO frames FROM new_frames")
        self._plain.execute("INSERT INTO samples FROM new_samples")
        self._plain.execute("COMMIT")
        self._plain.execute("CHECKPOINT")

    def settle(self, store: object) -> None:
        """Checkpoint."""
        with store._file.cursor() as connection:  # type: ignore[attr-defined]
            connection.execute("CHECKPOINT")

    def sizes(self) -> dict[str, int]:
        """Blocks in use, before and after the frames are dropped from a copy of the file."""
        copy = self._folder / "copy.duckdb"
        shutil.copy(self._file, copy)
        with duckdb.connect(str(copy)) as connection:
            connection.execute("CHECKPOINT")
            total = _used(connection)
            connection.execute("DROP VIEW frames")
            connection.execute("DROP TABLE frames_near")
            connection.execute("DROP TABLE frames_far")
            connection.execute("CHECKPOINT")
            samples = _used(connection)
        copy.unlink()
        return {"samples": samples, "frames": total - samples}


class ClickHouse:
    """Its engine in this process: one database for the store, one for the yardstick."""

    version = f"ClickHouse's engine, chdb {chdb.__version__}"

    def __init__(self, folder: Path) -> None:
        self.url = f"chdb:///{folder / 'store.chdb'}"
        self._place = place(self.url)
        self._plain = False

    def load(self, frames: pa.Table, samples: pa.Table) -> None:
        """Insert from Arrow into tables with the same keys and nothing else, to the disk."""
        with closing(ClickHouseEngine(self._place, _TIMEOUT_S)) as engine:
            if not self._plain:
                for statement in ("CREATE DATABASE plain", *_plain_tables()):
                    engine.run(statement)
                self._plain = True
            engine.insert("plain.frames", frames)
            engine.insert("plain.samples", samples)

    def settle(self, store: object) -> None:
        """Nothing: what is inserted is on disk."""

    def sizes(self) -> dict[str, int]:
        """Active parts, once the engine has merged all it would merge in the end."""
        with closing(ClickHouseEngine(self._place, _TIMEOUT_S)) as engine:
            for table in ("samples", "frames"):
                engine.run(f"OPTIMIZE TABLE {table} FINAL")
            rows = engine.query(
                "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts "
                f"WHERE active AND database = '{self._place.database}' GROUP BY table"
            ).to_pylist()
        found = {row["table"]: row["bytes"] for row in rows}
        return {"samples": found["samples"], "frames": found["frames"]}


_TIMEOUT_S = 600.0
_CLICKHOUSE_TYPES = {
    pa.timestamp("us"): "DateTime64(6)",
    pa.string(): "LowCardinality(String)",
    pa.binary(): "String",
    pa.bool_(): "Bool",
    pa.float64(): "Float64",
    pa.int16(): "Int16",
    pa.int32(): "Int32",
    pa.int64(): "Int64",
    pa.uint64(): "UInt64",
}


def _plain_tables() -> Iterator[str]:
    keys = {"frames": "(mn, received_at)", "samples": "(mn, factor, period, data_time)"}
    for name, schema in (("frames", FRAMES), ("samples", SAMPLES)):
        columns = ", ".join(f"`{field.name}` {_CLICKHOUSE_TYPES[field.type]}" for field in schema)
        yield (
            f"CREATE TABLE plain.{name} ({columns}) ENGINE = MergeTree ORDER BY {keys[name]} "
            "SETTINGS fsync_after_insert = 1"
        )


def _used(connection: duckdb.DuckDBPyConnection) -> int:
    ((blocks, size),) = connection.execute(
        "SELECT used_blocks, block_size FROM pragma_database_size()"
    ).fetchall()
    return int(blocks * size)


ENGINES: dict[str, type[Engine]] = {"duckdb": DuckDB, "clickhouse": ClickHouse}
