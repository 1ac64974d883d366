"""What was made of samples and is kept in the DuckDB store: derived rows, their state, forecasts.

New hours are appended in order of device; a row that changes is deleted and comes anew. Hours of
days that are over move into a table in order of device and item, so that a year of one station is
a few places of each day. Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from typing import Any

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

from store import duckdb_means_changed
from store.duckdb_schema import STORED_DERIVED, columns, second
from store.means import (
    CONTENT,
    DERIVED,
    FORECASTS,
    Cursors,
    DerivedQuery,
    ForecastQuery,
    MeansState,
    Put,
)

# Tables of a level: where new rows go, and where they go once their day is over.
_TABLES = {"hour": ("derived_hour", "derived_hour_closed"), "day": ("derived_day",)}
# So many hours of days that are over are worth to be put in order; the rest may wait.
CLOSING_ROWS = 200_000
_SLICE_ROWS = 500_000

_NEW_ITEMS = """
    INSERT INTO items
    SELECT (SELECT coalesce(max(item), 0) FROM items) + row_number() OVER (ORDER BY place),
        factor, stat
    FROM wanted ANTI JOIN items USING (factor, stat)
"""
_NEW_MNS = """
    INSERT INTO mns
    SELECT (SELECT coalesce(max(device), 0) FROM mns) + row_number() OVER (ORDER BY mn), mn
    FROM (SELECT DISTINCT mn FROM new_derived ANTI JOIN mns USING (mn))
"""
_NUMBERED = f"""
    CREATE OR REPLACE TEMP TABLE coming AS
    SELECT start::TIMESTAMP_S AS start, device, item, {
    ", ".join(f'"{name}"' for name in STORED_DERIVED.names[3:])
}
    FROM new_derived JOIN mns USING (mn) JOIN items USING (factor, stat)
    WHERE level = $level
"""
_SAME = " AND ".join(f'old."{name}" IS NOT DISTINCT FROM new."{name}"' for name in CONTENT)
# Rows that stand where one is coming: which of them says the same or is newer.
_STANDING = f"""
    CREATE OR REPLACE TEMP TABLE standing AS
    SELECT new.start, new.device, new.item, old.rowid AS row, old.revision,
        old.as_of > new.as_of OR ({_SAME}) AS stays
    FROM coming AS new JOIN {{table}} AS old USING (start, device, item)
    WHERE old.start BETWEEN {{first}} AND {{last}} AND old.device BETWEEN {{low}} AND {{high}}
"""
_DROP_COMING = """
    DELETE FROM coming USING standing AS old WHERE stays AND coming.start = old.start
        AND coming.device = old.device AND coming.item = old.item
"""
_RAISE_REVISION = """
    UPDATE coming SET revision = old.revision + 1 FROM standing AS old
    WHERE coming.start = old.start AND coming.device = old.device AND coming.item = old.item
"""
_DELETE_OLD = "DELETE FROM {table} WHERE rowid IN (SELECT row FROM standing WHERE NOT stays)"
_BOUNDS = """
    SELECT count(*), epoch(min(start))::BIGINT, epoch(max(start))::BIGINT, min(device), max(device)
    FROM coming
"""
_INSERT = (
    f"INSERT INTO {{table}} SELECT {columns(STORED_DERIVED)} FROM coming "
    "ORDER BY start, device, item"
)
_DERIVED = f"""
    SELECT '{{level}}' AS level, start::TIMESTAMP AS start, mn, factor, stat, {
    ", ".join(f'"{name}"' for name in DERIVED.names[5:])
}
    FROM ({{rows}}) JOIN mns USING (device) JOIN items USING (item)
    ORDER BY start, mn, factor, stat LIMIT {{limit}}
"""
_OVER = "SELECT device, count(*) AS n FROM derived_hour WHERE {chosen} GROUP BY ALL ORDER BY ALL"
_CLOSE = f"""
    INSERT INTO derived_hour_closed SELECT {columns(STORED_DERIVED)} FROM derived_hour
    WHERE {{chosen}} ORDER BY device, item, start
"""
_FORECAST_KEY = ("issued", "model", "place", "factor", "level", "start")


def unknown_mns(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> bool:
    """Whether a table of DERIVED has MNs without a number; nobody else may give numbers
    meanwhile."""
    connection.register("new_derived", table.select(["mn"]))
    rows = connection.execute("SELECT mn FROM new_derived ANTI JOIN mns USING (mn) LIMIT 1")
    return bool(rows.fetchall())


def put_derived(
    connection: duckdb.DuckDBPyConnection, table: pa.Table, state: MeansState | None
) -> Put:
    """Rows and state in one transaction."""
    connection.execute("BEGIN")
    try:
        changed = 0
        if table.num_rows:
            connection.register("new_derived", table)
            connection.execute(_NEW_MNS)
            _number_items(connection, table)
            changed = sum(_put_level(connection, level) for level in _TABLES)
        if state is not None:
            _put_state(connection, state)
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return Put(table.num_rows, changed)


def means_state(connection: duckdb.DuckDBPyConnection) -> MeansState | None:
    """The state that was put last."""
    rows = connection.execute("SELECT closed_upto, cursors, reviewed FROM means_state").fetchall()
    if not rows:
        return None
    closed_upto, cursors, reviewed = rows[0]
    return MeansState(closed_upto, msgspec.json.decode(cursors, type=Cursors), reviewed)


def derived(connection: duckdb.DuckDBPyConnection, query: DerivedQuery) -> pa.Table:
    """Rows of DERIVED."""
    terms = ["true"]
    if query.start is not None:
        terms.append(f"start >= '{query.start}'::TIMESTAMP_S")
    if query.end is not None:
        terms.append(f"start < '{query.end}'::TIMESTAMP_S")
    if query.mns is not None:
        terms.append(_numbers(connection, "device", "mns", mn=query.mns))
    if query.factors is not None or query.stats is not None:
        terms.append(_numbers(connection, "item", "items", factor=query.factors, stat=query.stats))
    chosen = " AND ".join(terms)
    rows = " UNION ALL ".join(
        f"SELECT * FROM {table} WHERE {chosen}" for table in _TABLES[query.level]
    )
    text = _DERIVED.format(level=query.level, rows=rows, limit=query.limit)
    return connection.sql(text).to_arrow_table().cast(DERIVED)


def close_hours(connection: duckdb.DuckDBPyConnection, until_s: int) -> bool:
    """Put a slice of the hours of days that end by ``until_s`` in order; whether there is more
    to do."""
    over = f"start < {second(until_s)}"
    connection.execute("BEGIN")
    try:
        found: dict[str, Any] = connection.execute(_OVER.format(chosen=over)).fetchnumpy()
        total = int(found["n"].sum())
        if total >= CLOSING_ROWS:
            upto = int(np.searchsorted(np.cumsum(found["n"]), _SLICE_ROWS))
            last = found["device"][min(upto, len(found["device"]) - 1)]
            slice_ = f"{over} AND device <= {last}"
            connection.execute(_CLOSE.format(chosen=slice_))
            connection.execute(f"DELETE FROM derived_hour WHERE {slice_}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return total >= CLOSING_ROWS


def put_forecasts(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Rows of FORECASTS, in the place of those of the same keys."""
    connection.register("new_forecasts", table)
    connection.execute("BEGIN")
    try:
        key = ", ".join(_FORECAST_KEY)
        connection.execute(
            f"DELETE FROM forecasts WHERE ({key}) IN (SELECT ({key}) FROM new_forecasts)"
        )
        connection.execute(
            f"INSERT INTO forecasts SELECT {columns(FORECASTS)} FROM new_forecasts ORDER BY {key}"
        )
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def forecasts(connection: duckdb.DuckDBPyConnection, query: ForecastQuery) -> pa.Table:
    """Rows of FORECASTS."""
    bounds = {
        "place = $place": query.place,
        "model = $model": query.model,
        "factor = $factor": query.factor,
        "level = $level": query.level,
        "issued >= $issued_from": query.issued_from,
        "issued < $issued_before": query.issued_before,
        "start >= $start": query.start,
        "start < $end": query.end,
    }
    asked = {term: value for term, value in bounds.items() if value is not None}
    newest = "QUALIFY issued = max(issued) OVER (PARTITION BY model, place)"
    text = (
        f"SELECT {columns(FORECASTS)} FROM forecasts WHERE {' AND '.join(asked) or 'true'} "
        f"{newest if query.newest else ''} ORDER BY {', '.join(_FORECAST_KEY)} "
        f"LIMIT {query.limit:d}"
    )
    parameters = {term.split("$")[1]: value for term, value in asked.items()}
    return connection.sql(text, params=parameters).to_arrow_table().cast(FORECASTS)


def _number_items(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    pairs = table.select(["factor", "stat"]).group_by(["factor", "stat"]).aggregate([])
    connection.register("wanted", pairs.append_column("place", pa.array(range(pairs.num_rows))))
    connection.execute(_NEW_ITEMS)


def _put_level(connection: duckdb.DuckDBPyConnection, level: str) -> int:
    """The rows of a level; how many are new or have changed."""
    connection.execute(_NUMBERED, {"level": level})
    connection.execute("UPDATE coming SET revision = 1")
    for table in _TABLES[level]:
        (row,) = connection.execute(_BOUNDS).fetchall()
        if not row[0]:
            return 0
        _, first, last, low, high = row
        connection.execute(
            _STANDING.format(
                table=table, first=second(first), last=second(last), low=low, high=high
            )
        )
        connection.execute(_DROP_COMING)
        connection.execute(_RAISE_REVISION)
        connection.execute(_DELETE_OLD.format(table=table))
    (row,) = connection.execute(_BOUNDS).fetchall()
    connection.execute(_INSERT.format(table=_TABLES[level][0]))
    return int(row[0])


def _put_state(connection: duckdb.DuckDBPyConnection, state: MeansState) -> None:
    connection.execute("DELETE FROM means_state")
    connection.execute(
        "INSERT INTO means_state VALUES ($closed_upto, $cursors, $noted, $reviewed)",
        {
            "closed_upto": state.closed_upto,
            "cursors": msgspec.json.encode(state.cursors).decode(),
            "noted": state.cursors.noted,
            "reviewed": state.reviewed,
        },
    )
    duckdb_means_changed.forget_noted(connection, state.cursors.noted)


def _numbers(
    connection: duckdb.DuckDBPyConnection,
    number: str,
    table: str,
    **names: tuple[str, ...] | None,
) -> str:
    """A condition on the numbers of names."""
    terms = [
        f"{name} IN (SELECT unnest(${name}))" for name, given in names.items() if given is not None
    ]
    rows = connection.execute(
        f"SELECT {number} FROM {table} WHERE {' AND '.join(terms)}",
        {name: list(given) for name, given in names.items() if given is not None},
    ).fetchall()
    if not rows:
        return "false"
    return f"{number} IN ({', '.join(str(found) for (found,) in rows)})"


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Undo what there is to undo; a commit that failed has done so itself."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        pass
