"""Rows of samples and of aggregates as a table, CSV, JSON lines or Parquet; times in Beijing time.

Tests: tests/cli/test_commands_live.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from hj212d.cli.refusal import Refusal
from hj212d.cli.tables import print_table
from hj212d.cli.times import show_time
from store.lateness import LENGTHS_S, MINUTE, MINUTE_LENGTHS_S

_ZONE = "+08:00"  # needs no time zone files on the machine
_SECOND_US = 1_000_000
_TIMES = ("data_time", "received_at", "start", "end", "last", "as_of")
# In this order, as far as they are there; what else there is follows.
_FIRST = (
    *("data_time", "start", "end", "mn", "factor", "stat", "value"),
    *("rtd", "n", "n_marked", "mean", "min", "avg", "max", "cou", "flag"),
)
# People see these, and of the others those that hold anything.
_ALWAYS = ("data_time", "start", "mn", "factor")
_NEVER = ("received_at",)


def write(table: pa.Table, form: str, output: str | None) -> None:
    """Write the rows to a file, or to standard output when ``output`` is None; a table goes to
    standard output only. The first columns are always the same (``_FIRST``)."""
    first = [name for name in _FIRST if name in table.column_names]
    others = [name for name in table.column_names if name not in _FIRST]
    table = table.select([*first, *others])
    if form == "table":
        _print(table)
        return
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise Refusal("Parquet is nothing for a terminal: name a file with --output")
    if output is None:
        _WRITERS[form](table, sys.stdout.buffer)
        return
    try:
        with open(output, "wb") as sink:
            _WRITERS[form](table, sink)
    except OSError as error:
        raise Refusal(f"{output}: {error.strerror}") from error


def with_late(table: pa.Table, late_after_s: float) -> pa.Table:
    """Samples with one more column: whether each came late, as store/lateness.py has it."""
    minutes = pc.take(pa.array(MINUTE_LENGTHS_S), pc.minute(table["data_time"]))
    number = pc.index_in(table["period"], pa.array(LENGTHS_S))
    lengths_s = pc.take(pa.array(LENGTHS_S.values()), number)
    length_s = pc.if_else(pc.equal(table["period"], MINUTE), minutes, lengths_s)
    ages = pc.subtract(pc.floor_temporal(table["received_at"], unit="second"), table["data_time"])
    age_s = pc.divide(ages.cast(pa.int64()), _SECOND_US)
    late = pc.greater(pc.subtract(age_s, length_s), late_after_s)
    return table.append_column("late", pc.fill_null(late, False))


def in_beijing(table: pa.Table) -> pa.Table:
    """The same instants with the zone that people read them in."""
    for name in _times(table):
        number = table.schema.get_field_index(name)
        aware = table[name].cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", _ZONE))
        table = table.set_column(number, name, aware)
    return table


def _times(table: pa.Table) -> list[str]:
    return [name for name in _TIMES if name in table.column_names]


def _print(table: pa.Table) -> None:
    shown = [
        name
        for name in table.column_names
        if name in _ALWAYS or (name not in _NEVER and _holds_anything(table[name]))
    ]
    rows = table.select(shown).to_pylist()
    numbers = [name for name in shown if _is_number(table.schema.field(name).type)]
    print_table(shown, ([_cell(row[name]) for name in shown] for row in rows), right=numbers)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _holds_anything(column: pa.ChunkedArray) -> bool:
    return any(value not in (None, "", False) for value in column.unique().to_pylist())


def _cell(value: Any) -> object:
    if isinstance(value, bool):
        return "yes" if value else ""
    if hasattr(value, "tzinfo"):
        return show_time(value)
    return f"{value:.15g}" if isinstance(value, float) else value


def _csv(table: pa.Table, sink: BinaryIO) -> None:
    """RFC 4180; times as ISO 8601, +08:00; empty where there is no value."""
    for name in _times(table):
        number = table.schema.get_field_index(name)
        local = pc.add(table[name], pa.scalar(timedelta(hours=8)))
        digits = pc.strftime(local.cast(pa.timestamp("s"), safe=False), "%Y-%m-%dT%H:%M:%S")
        iso = pc.binary_join_element_wise(digits, _ZONE, "")
        table = table.set_column(number, name, iso)
    pyarrow.csv.write_csv(table, sink)


def _json(table: pa.Table, sink: BinaryIO) -> None:
    """One object a line."""
    for batch in in_beijing(table).to_batches(10_000):
        sink.writelines(msgspec.json.encode(row) + b"\n" for row in batch.to_pylist())


def _parquet(table: pa.Table, sink: BinaryIO) -> None:
    pyarrow.parquet.write_table(in_beijing(table), sink, compression="zstd")


_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
