"""A report as data: title, facts, tables, charts, texts. What every format renders.

It knows no format, no query and no template. Moments in cells are Beijing time without a zone.
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from aqi.rounding import round_half_even

Value = float | int | str | date | datetime | None
Kind = Literal["text", "number", "date", "hour", "moment"]

NOTHING = "—"
SUSPECT = "*"  # behind a number that does not count; the mark says why


class Cell(NamedTuple):
    """One value. ``mark``: why it does not count, in words; without a value it stands in its
    place, so that a gap is never empty. ``decimals``: other than the column's; ``fill``:
    background, "#RRGGBB"."""

    value: Value = None
    mark: str = ""
    decimals: int | None = None
    fill: str = ""


class Column(msgspec.Struct, frozen=True):
    """``kind`` "hour" is a number from 1 to 24, the label that people see. ``decimals`` None:
    as the number is; ``fixed``: they count for every cell. ``width`` in half-width characters,
    0: by what is in it."""

    key: str
    label: str
    kind: Kind = "text"
    decimals: int | None = None
    width: int = 0
    fixed: bool = False


class Table(msgspec.Struct):
    """Rows under columns; notes stand below them."""

    name: str
    heading: str
    columns: list[Column]
    rows: list[list[Cell]]
    notes: list[str] = []
    break_before: bool = False


class Series(msgspec.Struct):
    """Values along the labels of a chart. ``colours``: one for each value, else ``colour``."""

    name: str
    values: list[float | None]
    colour: str = ""
    colours: list[str] = []


class Chart(msgspec.Struct):
    """Lines, bars beside or upon each other, or shares of a whole (one series)."""

    name: str
    heading: str
    kind: Literal["line", "bar", "stacked", "pie"]
    labels: list[str]
    series: list[Series]
    axis: str = ""
    notes: list[str] = []


class Text(msgspec.Struct):
    """A paragraph."""

    name: str
    heading: str
    text: str


Part = Table | Chart | Text


class Document(msgspec.Struct):
    """``facts``: what it was made of, label and text: period, places, standard, version of the
    data. ``fields``: the same and more by name, for templates of a deployment."""

    template: str
    title: str
    facts: list[tuple[str, str]]
    parts: list[Part]
    notes: list[str] = []
    fields: dict[str, str] = {}
    landscape: bool = False

    @property
    def tables(self) -> list[Table]:
        """Its tables, in order."""
        return [part for part in self.parts if isinstance(part, Table)]

    @property
    def charts(self) -> list[Chart]:
        """Its charts, in order."""
        return [part for part in self.parts if isinstance(part, Chart)]


def shown(cell: Cell, column: Column) -> str:
    """A cell as text, the same in every format that has no numbers of its own."""
    value = cell.value
    if value is None:
        return cell.mark or NOTHING
    text = _plain(value, cell.decimals if cell.decimals is not None else column.decimals)
    if column.kind == "hour":
        return f"{int(str(text)):02d}:00"
    return text + (SUSPECT if cell.mark else "")


def rounded(value: float, decimals: int | None) -> float:
    """Once, half to even (GB/T 8170-2008), as every format shows it."""
    if decimals is None or isinstance(value, int):
        return value
    return float(round_half_even(value, decimals))


def _plain(value: Value, decimals: int | None) -> str:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case float() if decimals is not None:
            return f"{value:.{decimals}f}"
        case float():
            return f"{value:.10g}"
    return str(value)
