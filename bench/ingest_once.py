"""One way of a journal's rows into one engine, measured in a process of its own (bench/ingest.py).

``ingest`` is what the hub does: read, build columns, commit batch by batch with cursors, look for
duplicates. ``load`` is the engine's own bulk load: the same rows, ready in memory as Arrow, in one
insert a table into plain tables with the same columns. Both end with the rows in the engine's
files. Prints one JSON object. Test: tests/bench/test_bench_ingest.py.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from hj212d.hub.ingest import Ingest
from hj212d.wire.frame import Device
from store.clickhouse_engine import Engine
from store.clickhouse_place import place
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import Batch, Committed, TimeSeriesStore

ENGINES = ("duckdb", "chdb")
WAYS = ("ingest", "load")
TOLERANCE_S = 1e9  # the journal's frames are not of now

# What one would write by hand: the keys that readings are asked by, no codecs.
_PLAIN = {
    "plain_frames": "(mn, received_at)",
    "plain_samples": "(mn, factor, period, data_time)",
}


class Recorder:
    """A store that keeps the rows of each batch, as they are committed."""

    url = "memory:"

    def __init__(self) -> None:
        self.frames: list[pa.Table] = []
        self.samples: list[pa.Table] = []

    def cursors(self) -> dict[str, int]:
        """Nothing is in it at first."""
        return {}

    def planned(self) -> dict[str, int] | None:
        """It has transactions."""
        return None

    def commit(self, batch: Batch) -> Committed:
        """Keep the rows."""
        self.frames.append(batch.frames)
        self.samples.append(batch.samples)
        return Committed(batch.frames.num_rows, 0, batch.samples.num_rows, 0)


def url_of(engine: str, folder: Path) -> str:
    """The store of that engine in a folder."""
    if engine == "duckdb":
        return f"duckdb:///{folder / 'hj212d.duckdb'}"
    return f"chdb:///{folder / 'clickhouse'}"


def drain(journal: Path, store: Any, batch_bytes: int) -> int:
    """Bring a journal into a store, as the hub does; rows."""
    settings = StoreSettings(batch_bytes=batch_bytes)
    ingest = Ingest(
        journal, store, lambda _: Device(), settings, time.time, clock_tolerance_s=TOLERANCE_S
    )
    try:
        while True:
            step = ingest.step()
            if ingest.state != "ok":
                raise RuntimeError(ingest.error)
            if step.wait_s:
                return ingest.rows_total
    finally:
        ingest.close()


def ingest(engine: str, journal: Path, folder: Path, batch_bytes: int) -> tuple[int, float]:
    """Rows and seconds of the product's way."""
    store: TimeSeriesStore = open_store(url_of(engine, folder), StoreSettings())
    store.totals()  # tables are there
    began = time.perf_counter()
    rows = drain(journal, store, batch_bytes)
    store.close()
    return rows, time.perf_counter() - began


def load(engine: str, journal: Path, folder: Path, batch_bytes: int) -> tuple[int, float]:
    """Rows and seconds of the engine's own way."""
    recorder = Recorder()
    drain(journal, recorder, batch_bytes)
    tables = {
        "plain_frames": pa.concat_tables(recorder.frames),
        "plain_samples": pa.concat_tables(recorder.samples),
    }
    bulk = _into_duckdb if engine == "duckdb" else _into_clickhouse
    took = bulk(tables, folder)
    return sum(table.num_rows for table in tables.values()), took


def _into_duckdb(tables: dict[str, pa.Table], folder: Path) -> float:
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        for name, rows in tables.items():
            connection.register("rows", rows)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM rows LIMIT 0")
        began = time.perf_counter()
        connection.execute("BEGIN")
        for name, rows in tables.items():
            connection.register("rows", rows)
            connection.execute(f"INSERT INTO {name} SELECT * FROM rows")
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        return time.perf_counter() - began


def _into_clickhouse(tables: dict[str, pa.Table], folder: Path) -> float:
    engine = Engine(place(url_of("chdb", folder)), 600.0)
    try:
        engine.make_database()
        for name, rows in tables.items():
            columns = ", ".join(f"`{field.name}` {_type(field, name)}" for field in rows.schema)
            engine.run(
                f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {_PLAIN[name]}"
            )
        began = time.perf_counter()
        for name, rows in tables.items():
            engine.insert(name, rows)
        return time.perf_counter() - began
    finally:
        engine.close()


def _type(field: pa.Field, table: str) -> str:
    kinds: dict[pa.DataType, str] = {
        pa.timestamp("us"): "DateTime64(6)",
        pa.string(): "String",
        pa.binary(): "String",
        pa.bool_(): "Bool",
        pa.float64(): "Float64",
        pa.int16(): "Int16",
        pa.int32(): "Int32",
        pa.int64(): "Int64",
        pa.uint64(): "UInt64",
    }
    kind = kinds[field.type]
    return kind if field.name in _PLAIN[table] else f"Nullable({kind})"


def main(argv: list[str]) -> None:
    engine, way, journal, folder, batch_bytes = argv
    run: Callable[..., tuple[int, float]] = ingest if way == "ingest" else load
    rows, seconds = run(engine, Path(journal), Path(folder), int(batch_bytes))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    json.dump({"rows": rows, "seconds": seconds, "peak_bytes": peak}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
