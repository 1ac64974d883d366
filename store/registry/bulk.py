"""Thousands of rows in a statement or two: inserted, changed, found by their names.

SQLite takes rows one by one quickly. To PostgreSQL they go as one JSON text, which it unpacks
itself: with a parameter for each value 5,000 alarms take five to ten times as long.
Tests: tests/store/registry/test_alarms_book.py, tests/store/registry/test_bulk.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect

V = TypeVar("V")
Row = Mapping[str, Any]
Columns = Sequence[sa.Column[Any]]

AT_ONCE = 500  # values in one IN (...)

_FEW = 10  # PostgreSQL sees by an index at once which rows these are
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # PostgreSQL takes none, not even in JSON


def insert_new(
    connection: Connection, table: sa.Table, rows: Sequence[Row]
) -> Sequence[sa.RowMapping]:
    """Insert rows, but those that some unique key of the table knows; the new ones, in order of
    their numbers. All rows have the same columns."""
    if not rows:
        return []
    if connection.dialect.name == "sqlite":
        plain = sqlite.insert(table).on_conflict_do_nothing().returning(*table.columns)
        made = connection.execute(plain, [dict(row) for row in rows])
    else:
        columns = [table.c[name] for name in rows[0]]
        packed = sa.select(_packed(connection.dialect, columns, rows))
        insert = postgresql.insert(table).from_select([one.name for one in columns], packed)
        made = connection.execute(insert.on_conflict_do_nothing().returning(*table.columns))
    return sorted(made.mappings().all(), key=_number)


def update(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Change rows by their ``id``. All have the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    if connection.dialect.name == "sqlite":
        plain = sa.update(table).where(table.c.id == sa.bindparam("_id"))
        values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
        renamed = [{**{name: row[name] for name in names}, "_id": row["id"]} for row in rows]
        connection.execute(plain.values(values), renamed)
    else:
        columns = [table.c[name] for name in rows[0]]
        new = _packed(connection.dialect, columns, rows)
        packed = sa.update(table).where(table.c.id == new.c.id)
        connection.execute(packed.values({name: new.c[name] for name in names}))


def named(
    connection: Connection,
    columns: Columns,
    names: Sequence[tuple[Any, ...]],
    query: sa.Select[Any],
) -> Iterator[sa.RowMapping]:
    """The rows of a query whose columns are among many names."""
    place = sa.tuple_(*columns)
    if connection.dialect.name == "sqlite" or len(names) <= _FEW:
        for some in pieces(names):
            yield from connection.execute(query.where(place.in_(some))).mappings()
    else:
        keys = [column.name for column in columns]
        rows = [dict(zip(keys, name, strict=True)) for name in names]
        wanted = sa.select(_packed(connection.dialect, columns, rows))
        yield from connection.execute(query.where(place.in_(wanted))).mappings()


def pieces(values: Sequence[V], most: int = AT_ONCE) -> Iterator[Sequence[V]]:
    """The values, at most so many at a time."""
    for start in range(0, len(values), most):
        yield values[start : start + most]


def _packed(dialect: Dialect, columns: Columns, rows: Sequence[Row]) -> sa.TableValuedAlias:
    """Rows as a table that PostgreSQL unpacks from one text."""
    kept = {
        column.name: column.type.process_bind_param
        for column in columns
        if isinstance(column.type, sa.types.TypeDecorator)
    }
    plain = [
        {
            name: kept[name](value, dialect) if name in kept else value
            for name, value in row.items()
        }
        for row in rows
    ]
    text = msgspec.json.encode(plain)
    if b"\\u0000" in text:
        text = _NUL.sub(rb"\1\\ufffd", text)
    table = sa.func.json_to_recordset(
        sa.cast(sa.literal(text.decode(), sa.Text), postgresql.JSON)
    ).table_valued(*(sa.column(column.name, column.type) for column in columns), name="given")
    return table.render_derived(with_types=True)


def _number(row: sa.RowMapping) -> int:
    number: int = row["id"]
    return number
