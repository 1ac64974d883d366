"""The AQI of each day as a sheet of a calendar: a row a place, a column a day.

A day whose AQI may not be published is NA. Tests: tests/cli/test_report_year.py.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from admin.reports.data import ReportData
from admin.reports.document import Cell, Column
from admin.reports.views.days import counts
from admin.reports.views.view import PLACE, Row, View, columns, number, of_place, text
from admin.reports.words import beijing
from aqi.standards import levels, missing_colour

SPREAD = "days"
_COLUMNS = columns(*PLACE, text(SPREAD, "各日"))
_USED = ["place", "name", "start", "aqi", "level", "published_aqi"]


def _rows(data: ReportData, _: str) -> list[Row]:
    colours = {one.level: one.hex for one in levels()}
    made: dict[str, Row] = {}
    for row in _listed(data):
        cells = made.setdefault(row["place"], of_place(data, row["place"], row["name"]))
        cells[_key(_day(row))] = (
            Cell(row["aqi"], fill=colours[row["level"]])
            if counts(row)
            else Cell(None, "NA", fill=missing_colour())
        )
    return list(made.values())


def _spread(data: ReportData, _: str) -> list[Column]:
    """Of one month the number of the day is enough."""
    days = sorted({_day(row) for row in _listed(data)})
    short = len({(day.year, day.month) for day in days}) == 1 and len(days) > 16
    return [
        number(_key(day), str(day.day) if short else f"{day.month}-{day.day}", 0) for day in days
    ]


def _listed(data: ReportData) -> list[dict[str, Any]]:
    found = data.table("aqi", "day")
    return [] if found is None else found.select(_USED).to_pylist()


def _day(row: dict[str, Any]) -> date:
    return beijing(row["start"]).date()


def _key(day: date) -> str:
    return f"day:{day.isoformat()}"


def _daily(_: str) -> str:
    return "day"


CALENDAR = View("aqi", _COLUMNS, _rows, _daily, (SPREAD, _spread))
