"""Where a node stands in ClickHouse: its plan, its cursors, and what a writer must know.

A node is a journal: lanes are numbered within it, and only it moves its cursors.
Tests: tests/store/test_clickhouse_weather.py.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pyarrow as pa

from store import clickhouse_schema as schema
from store.clickhouse_commit import CountKey, Writer
from store.clickhouse_days import first_open
from store.clickhouse_engine import Engine, quoted
from store.clickhouse_marks import Marks
from store.timeseries import StoreUnavailable

PLANNED, DONE = "planned", "done"
_HORIZON = "horizon"
_VERSION = "schema_version"
_LANES = pa.map_(pa.string(), pa.int64())


class Progress(msgspec.Struct, frozen=True):
    """The last batch of a node that is finished, and the one that was begun after it, if any."""

    batch: int
    lanes: dict[str, int]
    planned: dict[str, int] | None

    @property
    def next(self) -> int:
        """The number of the batch that is written now."""
        return self.batch + 1


def progress(engine: Engine, node: str) -> Progress:
    """Where a node stands."""
    rows = engine.query(
        f"SELECT step, batch, lanes FROM progress FINAL WHERE node = {quoted(node)}"
    ).to_pylist()
    found = {row["step"]: row for row in rows}
    done, planned = found.get(DONE), found.get(PLANNED)
    batch = done["batch"] if done else 0
    begun = planned is not None and planned["batch"] > batch
    return Progress(
        batch,
        dict(done["lanes"]) if done else {},
        dict(planned["lanes"]) if planned and begun else None,
    )


def write_step(engine: Engine, node: str, step: str, batch: int, lanes: dict[str, int]) -> None:
    """Say where a node stands. Taking the same step twice changes nothing."""
    engine.insert(
        "progress",
        pa.table(
            {
                "node": pa.array([node], pa.string()),
                "step": pa.array([step], pa.string()),
                "batch": pa.array([batch], pa.uint64()),
                "lanes": pa.array([list(lanes.items())], _LANES),
            }
        ),
    )


def writer(engine: Engine, node: str, at: Progress, now: Callable[[], float]) -> Writer:
    """A writer that knows what the store has."""
    frame_marks, sample_marks = Marks("frames"), Marks("samples")
    known = engine.query("SELECT mn, kind, name, newest, ahead FROM marks FINAL")
    for marks in (frame_marks, sample_marks):
        marks.load(_numbers(known))
    counts: dict[CountKey, int] = {}
    half_counted: dict[CountKey, int] = {}
    rows = engine.query(
        f"SELECT mn, what, name, batch, before, n FROM counts FINAL WHERE node = {quoted(node)}"
    )
    for row in rows.to_pylist():
        key = (row["mn"], row["what"], row["name"])
        if row["batch"] > at.batch:
            half_counted[key] = row["before"]
        counts[key] = row["n"]
    return Writer(engine, node, frame_marks, sample_marks, counts, half_counted, now)


def prepare(
    engine: Engine, now: Callable[[], float], *, frames_days: int = 0, samples_days: int = 0
) -> None:
    """See that the tables are there and of this version. On a single node they are made when
    there are none; on a cluster that is for ``hj212d store init``."""
    place = engine.place
    if not place.cluster:
        make(engine, frames_days=frames_days, samples_days=samples_days)
    found = stored_version(engine)
    if found != str(schema.VERSION):
        raise StoreUnavailable(
            f"{place.shown} has schema version {found or 'none'}, "
            f"this program reads {schema.VERSION}; run `hj212d store migrate`"
        )
    if not has_horizon(engine):
        write_horizon(engine, first_open(now()))


def make(engine: Engine, *, frames_days: int = 0, samples_days: int = 0) -> bool:
    """Make what is missing of database and tables; whether anything was."""
    place = engine.place
    engine.make_database(schema.on_cluster(place.cluster))
    tables = engine.query(
        f"SELECT name FROM system.tables WHERE database = {quoted(place.database)}"
    )["name"].to_pylist()
    if schema.META.name in tables and _VERSION in meta(engine):
        return False
    for statement in schema.statements(
        place.database, place.cluster, frames_days=frames_days, samples_days=samples_days
    ):
        define(engine, statement)
    write_version(engine)
    return True


def has_alp(engine: Engine) -> bool:
    """Whether the engine has the codec that tables prefer."""
    return bool(
        engine.query("SELECT name FROM system.settings WHERE name = 'enable_alp_codec'").num_rows
    )


def define(engine: Engine, statement: str) -> None:
    """Make or change a table, with the codecs that the engine has."""
    if has_alp(engine):
        engine.run(statement, enable_alp_codec=1)
    else:
        engine.run(schema.without_alp(statement))


def stored_version(engine: Engine) -> str:
    """The version of the tables; empty when none was written yet."""
    return meta(engine).get(_VERSION, "")


def write_version(engine: Engine) -> None:
    """Say that the tables are of this version."""
    write_meta(engine, _VERSION, str(schema.VERSION), schema.VERSION)


def meta(engine: Engine) -> dict[str, str]:
    """What the store says of itself."""
    rows = engine.query("SELECT name, value FROM meta FINAL").to_pylist()
    return {row["name"]: row["value"] for row in rows}


def write_meta(engine: Engine, name: str, value: str, order: int) -> None:
    """Keep a value; of several the one with the highest order counts."""
    engine.insert(
        "meta",
        pa.table({"name": [name], "value": [value], "written": pa.array([order], pa.uint64())}),
    )


def has_horizon(engine: Engine) -> bool:
    """Whether a hub has written here: only then are there closed days."""
    return _HORIZON in meta(engine)


def horizon(engine: Engine) -> int:
    """The first Beijing day whose hours and counts are not made in advance."""
    return int(meta(engine)[_HORIZON])


def write_horizon(engine: Engine, day: int) -> None:
    """Move the horizon; it only moves on."""
    write_meta(engine, _HORIZON, str(day), day)


def _numbers(marks: pa.Table) -> pa.Table:
    """Marks with times as microseconds."""
    for name in ("newest", "ahead"):
        column = marks[name].cast(pa.int64())
        marks = marks.set_column(marks.column_names.index(name), name, column)
    return marks
