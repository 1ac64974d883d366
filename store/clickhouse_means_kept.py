"""What was made of samples and is kept in the ClickHouse store: derived rows, state, forecasts.

What stands is read before it is written anew, so that a row keeps its revision while it says the
same. Two nodes may put the same rows: the one that considered more stays.
Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.clickhouse_days import BEIJING_US, DAY_US
from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_lookup import instant
from store.means import (
    CONTENT,
    DERIVED,
    FORECASTS,
    LEVELS,
    Cursors,
    DerivedQuery,
    ForecastQuery,
    Level,
    MeansState,
    Put,
)
from store.time_ranges import ranges

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_TIME = pa.timestamp("us")
_STATE = "means"
_KEY = ["level", "start", "mn", "factor", "stat"]
_ORDER = ["start", "mn", "factor", "stat"]
# So many MNs are named in a statement; of more, all are asked for.
_NAMED_MNS = 5000
_COLUMNS = ", ".join(f"`{name}`" for name in DERIVED.names)
_FORECAST_ORDER = "issued, model, place, factor, level, start"


def put_derived(engine: Engine, table: pa.Table) -> Put:
    """Rows of DERIVED that are new or say something else."""
    changed = 0
    table = table.cast(DERIVED)
    for level in LEVELS:
        coming = table.filter(pc.equal(table["level"], level))
        if not coming.num_rows:
            continue
        rows = _with_revisions(coming, _standing(engine, level, coming))
        days = _days(rows["start"].cast(pa.int64()).to_numpy())
        engine.insert("derived", rows.append_column("day", pa.array(days, pa.int32())))
        changed += rows.num_rows
    return Put(table.num_rows, changed)


def put_state(engine: Engine, state: MeansState) -> None:
    """Say how far rolling up has come."""
    found = engine.query("SELECT max(version) AS version FROM means_state")["version"]
    engine.insert(
        "means_state",
        pa.table(
            {
                "name": [_STATE],
                "version": pa.array([found[0].as_py() + 1], pa.uint64()),
                "closed_upto": pa.array([state.closed_upto], _TIME),
                "cursors": [msgspec.json.encode(state.cursors).decode()],
                "reviewed": pa.array([state.reviewed], pa.int64()),
            }
        ),
    )


def means_state(engine: Engine) -> MeansState | None:
    """The state that was put last."""
    found = engine.query("SELECT closed_upto, cursors, reviewed FROM means_state FINAL")
    if not found.num_rows:
        return None
    closed_upto = found["closed_upto"].cast(pa.int64()).cast(_TIME)[0].as_py()
    cursors = msgspec.json.decode(found["cursors"][0].as_py(), type=Cursors)
    return MeansState(closed_upto, cursors, found["reviewed"][0].as_py())


def derived(engine: Engine, query: DerivedQuery) -> pa.Table:
    """Rows of DERIVED."""
    terms = [f"level = {quoted(query.level)}"]
    for sign, bound in ((">=", query.start), ("<", query.end)):
        if bound is not None:
            at = _at(bound)
            day = (at + BEIJING_US) // DAY_US
            terms += [f"start {sign} {instant(at)}", f"day {sign[0]}= {day}"]
    for name, given in (("mn", query.mns), ("factor", query.factors), ("stat", query.stats)):
        if given is not None:
            terms.append(f"{name} IN {listed(sorted(given))}" if given else "false")
    found = engine.query(
        f"SELECT {_COLUMNS} FROM derived FINAL PREWHERE {' AND '.join(terms)} "
        f"ORDER BY {', '.join(_ORDER)} LIMIT {query.limit:d}"
    )
    return _as(found, DERIVED)


def put_forecasts(engine: Engine, table: pa.Table) -> None:
    """Rows of FORECASTS; the row that came last stays."""
    engine.insert("forecasts", table)


def forecasts(engine: Engine, query: ForecastQuery) -> pa.Table:
    """Rows of FORECASTS."""
    terms = ["true"]
    for name in ("place", "model", "factor", "level"):
        if (value := getattr(query, name)) is not None:
            terms.append(f"{name} = {quoted(value)}")
    bounds = {
        "issued >=": query.issued_from,
        "issued <": query.issued_before,
        "start >=": query.start,
        "start <": query.end,
    }
    terms += [f"{term} {instant(_at(at))}" for term, at in bounds.items() if at is not None]
    chosen = " AND ".join(terms)
    newest = (
        f"AND (model, place, issued) IN (SELECT model, place, max(issued) FROM forecasts "
        f"WHERE {chosen} GROUP BY model, place)"
    )
    found = engine.query(
        f"SELECT {', '.join(FORECASTS.names)} FROM forecasts FINAL WHERE {chosen} "
        f"{newest if query.newest else ''} ORDER BY {_FORECAST_ORDER} LIMIT {query.limit:d}"
    )
    return _as(found, FORECASTS)


def _standing(engine: Engine, level: Level, coming: pa.Table) -> pa.Table:
    """What stands at the times and MNs of rows that come, and little else."""
    found = [
        derived(engine, DerivedQuery(level, first, last + _MICROSECOND, mns=mns, limit=1 << 62))
        for first, last, mns in _stretches(coming)
    ]
    return pa.concat_tables([DERIVED.empty_table(), *found])


def _stretches(
    rows: pa.Table,
) -> Iterator[tuple[datetime, datetime, tuple[str, ...] | None]]:
    starts = rows["start"].cast(pa.int64()).to_numpy()
    for first, last in ranges(np.unique(starts).tolist(), DAY_US):
        held = pa.array((starts >= first) & (starts <= last))
        mns = pc.unique(rows["mn"].filter(held)).to_pylist()
        named = tuple(mns) if len(mns) <= _NAMED_MNS else None
        yield _EPOCH + first * _MICROSECOND, _EPOCH + last * _MICROSECOND, named


def _with_revisions(coming: pa.Table, standing: pa.Table) -> pa.Table:
    """The rows that are new or say something else than what stands, with their revisions."""
    count = coming.num_rows
    if not standing.num_rows:
        return _revised(coming, np.ones(count, np.int32))
    pairs = _numbered(coming, "new").join(_numbered(standing, "old"), _KEY, join_type="inner")
    new, old = coming.take(pairs["new"]), standing.take(pairs["old"])
    same = np.ones(pairs.num_rows, bool)
    for name in CONTENT:
        equal = pc.fill_null(pc.equal(new[name], old[name]), False)
        neither = pc.and_(pc.is_null(new[name]), pc.is_null(old[name]))
        same &= pc.or_(equal, neither).to_numpy()
    stays = same | pc.greater(old["as_of"], new["as_of"]).to_numpy()
    at = pairs["new"].to_numpy()
    revisions = np.ones(count, np.int32)
    revisions[at] = old["revision"].to_numpy() + 1
    kept = np.ones(count, bool)
    kept[at[stays]] = False
    return _revised(coming, revisions).filter(pa.array(kept))


def _numbered(rows: pa.Table, name: str) -> pa.Table:
    """The keys of rows, and their numbers."""
    return rows.select(_KEY).append_column(name, pa.array(np.arange(rows.num_rows)))


def _revised(rows: pa.Table, revisions: NDArray[np.int32]) -> pa.Table:
    return rows.set_column(
        rows.column_names.index("revision"), "revision", pa.array(revisions, pa.int32())
    )


def _days(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    days: NDArray[np.int64] = (starts + BEIJING_US) // DAY_US
    return days


def _at(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _as(found: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        column = found[field.name]
        if field.type == _TIME:
            column = column.cast(pa.int64())
        elif pa.types.is_floating(field.type):
            column = pc.if_else(pc.is_nan(column), None, column)
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=schema)
