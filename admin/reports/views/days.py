"""What became of the days of a period: days by level, primary pollutants, days without a value.

Made of the daily AQI of places. A day counts when its AQI may be published; the others are
counted as not valid and named, never left out in silence.
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from admin.reports.data import COLUMNS, ReportData
from admin.reports.document import Cell
from admin.reports.views.view import PLACE, Row, View, columns, number, of_place, text
from admin.reports.words import LEVEL_NAMES, beijing, mark_words
from aqi.rounding import round_half_even

# Of a year of 300 places there are 110,000 rows: what is not counted is not fetched.
_USED = [
    *("place", "name", "start", "aqi", "published_aqi", "level", "primary", "missing", "mark"),
]
_GOOD = 2  # levels 1 and 2: 优良, AQI up to 100
_HEAVY = 5

_COUNTED = (
    number("valid", "有效天数", 0),
    *(number(f"level{n}", name, 0) for n, name in enumerate(LEVEL_NAMES, 1)),
    number("good", "优良天数", 0),
    number("good_share", "优良天数\n比例 %", 1),
    number("heavy", "重度及以上\n天数", 0),
    number("invalid", "无效天数", 0),
)
_LEVELS = columns(*PLACE, *_COUNTED)
_MONTHLY = columns(*PLACE, text("month", "月份"), *_COUNTED)
_PRIMARIES = columns(
    *PLACE,
    *(number(short, f"{name}\n天数", 0) for name, short in COLUMNS.items()),
    number("none", "无首要污染物\n天数", 0),
)
_SHARES = columns(
    text("pollutant", "首要污染物"), number("days", "点位·天", 0), number("share", "占比 %", 1)
)
_VALIDITY = columns(
    *PLACE,
    number("expected", "应有天数", 0),
    number("valid", "有效天数", 0),
    number("share", "有效率 %", 1),
    number("partly", "缺项天数", 0),
    text("missing", "缺测项目（天数）"),
    text("mark", "说明"),
)


def counts(row: dict[str, Any]) -> bool:
    """Whether the day has an AQI that may be published (HJ 633-2026, 5.3.1; one source)."""
    return row["aqi"] is not None and row["published_aqi"] != "NA"


def share(part: int, whole: int) -> Cell:
    """In percent with one decimal; of nothing there is none."""
    if not whole:
        return Cell(None, "无有效数据")
    return Cell(float(round_half_even(100 * part / whole, 1)))


def _by_place(data: ReportData) -> Iterator[tuple[Row, list[dict[str, Any]]]]:
    found = data.table("aqi", "day")
    if found is None:
        return
    for (code, name), rows in groupby(
        found.select(_USED).to_pylist(), key=lambda row: (row["place"], row["name"])
    ):
        yield of_place(data, code, name), list(rows)


def _levels(data: ReportData, _: str) -> list[Row]:
    return [cells | _by_level(rows) for cells, rows in _by_place(data)]


def _levels_monthly(data: ReportData, _: str) -> list[Row]:
    made = []
    for cells, rows in _by_place(data):
        for month, its in groupby(rows, key=lambda row: f"{beijing(row['start']):%Y-%m}"):
            made.append(cells | {"month": Cell(month)} | _by_level(list(its)))
    return made


def _by_level(rows: list[dict[str, Any]]) -> Row:
    days = Counter(row["level"] for row in rows if counts(row))
    valid = sum(days.values())
    good = sum(days[level] for level in range(1, _GOOD + 1))
    cells = {f"level{n}": Cell(days[n]) for n in range(1, len(LEVEL_NAMES) + 1)}
    return cells | {
        "valid": Cell(valid),
        "good": Cell(good),
        "good_share": share(good, valid),
        "heavy": Cell(sum(days[level] for level in (_HEAVY, _HEAVY + 1))),
        "invalid": Cell(len(rows) - valid),
    }


def _of_day(row: dict[str, Any]) -> list[str]:
    return [one for one in (row["primary"] or "").split(";") if one]


def _primaries(data: ReportData, _: str) -> list[Row]:
    made = []
    for cells, rows in _by_place(data):
        days = Counter(one for row in rows if counts(row) for one in _of_day(row))
        for name, short in COLUMNS.items():
            cells[short] = Cell(days[name])
        cells["none"] = Cell(sum(1 for row in rows if counts(row) and not _of_day(row)))
        made.append(cells)
    return made


def _shares(data: ReportData, _: str) -> list[Row]:
    """Over all places; a day with two primary pollutants counts for both."""
    days = Counter(
        one for _, rows in _by_place(data) for row in rows if counts(row) for one in _of_day(row)
    )
    whole = sum(days.values())
    return [
        {
            "pollutant": Cell(name),
            "days": Cell(days[name]),
            "share": share(days[name], whole),
        }
        for name in COLUMNS
        if days[name]
    ]


def _validity(data: ReportData, _: str) -> list[Row]:
    made = []
    expected = (data.end - data.start).days
    for cells, rows in _by_place(data):
        valid = sum(1 for row in rows if counts(row))
        gaps = Counter(one for row in rows for one in (row["missing"] or "").split(";") if one)
        marks = ";".join(dict.fromkeys(one for row in rows for one in _marks(row)))
        cells["expected"] = Cell(expected)
        cells["valid"] = Cell(valid)
        cells["share"] = share(valid, expected)
        cells["partly"] = Cell(sum(1 for row in rows if row["missing"]))
        cells["missing"] = Cell("、".join(f"{name} {n}" for name, n in gaps.items()) or None)
        cells["mark"] = Cell(mark_words(marks))
        made.append(cells)
    return made


def _marks(row: dict[str, Any]) -> list[str]:
    return [one for one in (row["mark"] or "").split(";") if one]


def _daily(_: str) -> str:
    return "day"


LEVELS = View("aqi", _LEVELS, _levels, _daily)
LEVELS_MONTHLY = View("aqi", _MONTHLY, _levels_monthly, _daily)
PRIMARIES = View("aqi", _PRIMARIES, _primaries, _daily)
SHARES = View("aqi", _SHARES, _shares, _daily)
VALIDITY = View("aqi", _VALIDITY, _validity, _daily)
