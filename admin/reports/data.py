"""What a report is made of: the period, the places, and tables of answers with their columns.

Columns are those of the hub's answers about air quality and means (`AQI_ROWS`,
`EVALUATION_ROWS`, `RANK_ROWS`, MEANS); moments are naive UTC.
Tests: tests/admin/test_report_building.py.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import pyarrow as pa

# Pollutant -> its column, in the order of reports.
COLUMNS = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}


class FactorName(msgspec.Struct, frozen=True):
    """What a factor is called, and its unit."""

    name: str
    unit: str = ""


class Place(msgspec.Struct, frozen=True):
    """A station (MN) or region ("region:330100"), by the code that was asked for."""

    code: str
    name: str = ""


class ReportData(msgspec.Struct):
    """``tables``: (table, level) -> rows; a table without levels has level "". ``made``: when the
    answers were asked for."""

    kind: str
    start: datetime
    end: datetime
    made: datetime
    places: list[Place] = []
    place_words: str = ""
    standard: str = "auto"
    tables: dict[tuple[str, str], pa.Table] = {}
    names: dict[str, str] = {}
    factors: dict[str, FactorName] = {}
    units: dict[tuple[str, str], str] = {}

    def table(self, name: str, level: str = "") -> pa.Table | None:
        """The rows of a table, None when nobody asked for it."""
        return self.tables.get((name, level))

    def name_of(self, code: str) -> str:
        """What people call a place; its code when it has no name."""
        return self.names.get(code) or code
