"""Rows of air quality for people and for files. Tests: tests/cli/test_quality_commands.py."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import click
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from aqi.factors import POLLUTANTS
from aqi.rounding import round_half_even
from hj212d.cli.refusal import Refusal
from hj212d.cli.tables import print_table

_BEIJING = timedelta(hours=8)
_ZONE = "+08:00"
NOTHING = (
    "nothing was measured there in that time; `hj212d site list --medium air` shows which "
    "stations and regions there are"
)
_COLUMNS = {one: one.lower().replace(".", "") for one in POLLUTANTS}
_CONCENTRATIONS = tuple(_COLUMNS.values())


def write(table: pa.Table, form: str, output: str | None) -> None:
    """CSV, JSON lines or Parquet, in Beijing time, to a file or to standard output."""
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise Refusal("Parquet is nothing for a terminal: name a file with --output")
    writer = {"csv": _csv, "json": _json, "parquet": _parquet}[form]
    if output is None:
        writer(table, sys.stdout.buffer)
        return
    try:
        with open(output, "wb") as sink:
            writer(table, sink)
    except OSError as error:
        raise Refusal(f"{output}: {error.strerror}") from error


def print_aqi(table: pa.Table, level: str) -> None:
    """One line an hour or day and place. An index that may not be published is in brackets."""
    columns = ("time", "place", "name", "aqi", "category", "primary", *_CONCENTRATIONS, "mark")
    rows = table.to_pylist()
    print_table(
        columns,
        [
            (
                _label(row, level),
                row["place"],
                row["name"] if row["name"] != row["place"] else "",
                _published(row),
                row["category"],
                row["primary"],
                *(_concentration(row, name) for name in POLLUTANTS),
                _marks(row["mark"]),
            )
            for row in rows
        ],
        right=("aqi", *_CONCENTRATIONS),
        short="mark",
    )
    _say("standard", rows)
    _say_nothing(rows, ("aqi", *_CONCENTRATIONS))


def print_evaluation(table: pa.Table) -> None:
    """One line a place and statistic."""
    columns = ("place", "pollutant", "statistic", "value", "limit", "meets", "multiple", "days")
    rows = table.to_pylist()
    both = len({row["events"] for row in rows}) > 1
    print_table(
        [*columns, *(["events"] if both else []), "main", "mark"],
        [
            (
                row["place"],
                row["pollutant"],
                row["statistic"],
                _number(row["value"]),
                _number(row["limit"]),
                {None: "", True: "yes", False: "no"}[row["meets"]],
                _number(row["multiple"]),
                f"{row['n']}/{row['need']}",
                *([row["events"]] if both else []),
                row["main"] or "",
                row["mark"],
            )
            for row in rows
        ],
        right=("value", "limit", "multiple", "days"),
        short="mark",
    )
    _say_span(rows)
    _say("standard", rows)
    _say("method", rows)
    _say_nothing(rows, ("value",))


def print_ranking(table: pa.Table, *, over_time: bool = False) -> None:
    """One line a place, or a span."""
    rows = table.to_pylist()
    compared = any(row["previous"] is not None or row["last_year"] is not None for row in rows)
    changed = any(row["change_rank"] is not None for row in rows)
    several = len({row["standard"] for row in rows}) > 1
    columns = [
        "rank",
        *(["from", "to"] if over_time else []),
        *(["region"] if any(row["region"] for row in rows) else []),
        *("place", "name", "value"),
        *(["before", "change %", "last year", "change %"] if compared else []),
        *(["change rank", "worst"] if changed else []),
        *("main", *_CONCENTRATIONS, "good %", "days"),
        *(["standard"] if several else []),
        "mark",
    ]
    shown = {name: _even([row[name] for row in rows]) for name in ("value", *_CONCENTRATIONS)}
    cells = []
    for at, row in enumerate(rows):
        cells.append(
            [
                row["rank"] or "-",
                *(_days(row) if over_time else ()),
                *([row["region"]] if "region" in columns else []),
                row["place"],
                row["name"] if row["name"] != row["place"] else "",
                shown["value"][at],
                *(_compared(row) if compared else ()),
                *((row["change_rank"] or "", row["worst_rank"] or "") if changed else ()),
                row["main"],
                *(shown[name][at] for name in _CONCENTRATIONS),
                _number(row["good_share"]),
                f"{row['n']}/{row['need']}",
                *([row["standard"]] if several else []),
                _marks(row["mark"]),
            ]
        )
    numbers = (
        "rank",
        "value",
        "before",
        "change %",
        "last year",
        "good %",
        "days",
        *_CONCENTRATIONS,
    )
    print_table(columns, cells, right=numbers, short="mark")
    if over_time:
        _say_trends(rows)
    else:
        _say_span(rows)
    for name in ("key", "standard", "method"):
        _say(name, rows)
    _say_nothing(rows, ("value", *_CONCENTRATIONS))


def _compared(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        _with_rank(row["previous"], row["previous_rank"]),
        _number(row["previous_change"]),
        _with_rank(row["last_year"], row["last_year_rank"]),
        _number(row["last_year_change"]),
    )


def _with_rank(value: float | None, rank: int | None) -> str:
    return _number(value) if rank is None else f"{_number(value)} ({rank})"


def _published(row: dict[str, Any]) -> str:
    if row["aqi"] is None:
        return "-"
    return str(row["aqi"]) if row["published_aqi"] != "NA" else f"({row['aqi']})"


def _concentration(row: dict[str, Any], pollutant: str) -> str:
    """As reports show it: whole ug/m3, CO to 0.1 mg/m3."""
    value = row[_COLUMNS[pollutant]]
    return "" if value is None else str(round_half_even(value, 1 if pollutant == "CO" else 0))


def _label(row: dict[str, Any], level: str) -> str:
    """An hour by its end, 01:00 to 24:00, a day by its date."""
    begun: datetime = row["start"] + _BEIJING
    return f"{begun:%Y-%m-%d}" + (f" {begun.hour + 1:02d}:00" if level == "hour" else "")


def _days(row: dict[str, Any]) -> tuple[str, str]:
    last = row["end"] + _BEIJING - timedelta(days=1)
    return f"{row['start'] + _BEIJING:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def _say_span(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        print()
        print("{} to {}".format(*_days(rows[0])))


def _say_trends(rows: Sequence[dict[str, Any]]) -> None:
    """The course of each place over its spans (Spearman, 5 %)."""
    words = {"rising": "rises", "falling": "falls", "none": "neither rises nor falls"}
    print()
    for place, row in {row["place"]: row for row in rows}.items():
        if row["trend"] in words:
            print(f"{place}: {words[row['trend']]} (r = {row['trend_r']:.3f})")


def _say(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Below the table: by what it was reckoned."""
    found = sorted({row[name] for row in rows})
    if found:
        print(f"{name}: {', '.join(found)}")


def _say_nothing(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    """A table without a single figure is more often a wrong name than a silent county."""
    if all(row[name] is None for row in rows for name in names):
        click.echo(NOTHING, err=True)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _even(values: Sequence[float | None]) -> list[str]:
    """Numbers of one column with as many decimals as the one that has most."""
    texts = [_number(value) for value in values]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return ["" if value is None else f"{value:.{decimals}f}" for value in values]


def _marks(marks: str) -> str:
    """Marks of a row; one that all six pollutants have is said once: all:none."""
    every = marks.split(";")
    for mark in {one.partition(":")[2] for one in every}:
        six = [f"{pollutant}:{mark}" for pollutant in POLLUTANTS]
        if set(six) <= set(every):
            every = [f"all:{mark}", *(one for one in every if one not in six)]
    return ";".join(every)


def _times(table: pa.Table) -> list[str]:
    return [field.name for field in table.schema if pa.types.is_timestamp(field.type)]


def _csv(table: pa.Table, sink: BinaryIO) -> None:
    """RFC 4180; times as ISO 8601, +08:00."""
    for name in _times(table):
        local = pc.add(table[name], pa.scalar(_BEIJING)).cast(pa.timestamp("s"), safe=False)
        digits = pc.strftime(local, "%Y-%m-%dT%H:%M:%S")
        iso = pc.binary_join_element_wise(digits, _ZONE, "")
        table = table.set_column(table.schema.get_field_index(name), name, iso)
    pyarrow.csv.write_csv(table, sink)


def _json(table: pa.Table, sink: BinaryIO) -> None:
    """One object a line."""
    for batch in _in_beijing(table).to_batches(10_000):
        sink.writelines(msgspec.json.encode(row) + b"\n" for row in batch.to_pylist())


def _parquet(table: pa.Table, sink: BinaryIO) -> None:
    pyarrow.parquet.write_table(_in_beijing(table), sink, compression="zstd")


def _in_beijing(table: pa.Table) -> pa.Table:
    for name in _times(table):
        aware = table[name].cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", _ZONE))
        table = table.set_column(table.schema.get_field_index(name), name, aware)
    return table
