"""The live picture as plain objects, one row after the other: what the columns must agree with."""

from __future__ import annotations

from typing import Any

from hj212d.hub.latest import EXTRA_LIMIT, VALUE_COLUMNS

DAY_US = 86_400_000_000


class Station:
    """What is known of one MN."""

    def __init__(self) -> None:
        self.st = self.version = ""
        self.first_seen: int | None = None
        self.last_seen: int | None = None
        self.last_data_time: int | None = None
        self.totals = {"frames": 0, "duplicates": 0, "bad": 0}
        self.labels: dict[str, dict[str, int]] = {"reason": {}, "repair": {}}
        self.readings: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}


class Model:
    """Stations by MN; rows are dictionaries with times in microseconds."""

    def __init__(self, max_mns: int, max_factors: int) -> None:
        self.stations: dict[str, Station] = {}
        self.max_mns = max_mns
        self.max_factors = max_factors
        self.refused_mns = False
        self.refused_factors = 0

    def note_frame(self, row: dict[str, Any]) -> None:
        """A frame, good or bad."""
        station = self._open(row["mn"]) if row["reason"] == "ok" else None
        if station is None:
            return
        if row["st"] != "91":
            station.st = row["st"] or station.st
            station.version = row["version"] or station.version
        received, data_time = row["received_at"], row["data_time"]
        station.first_seen = min(received, station.first_seen or received)
        station.last_seen = max(received, station.last_seen or received)
        if data_time is not None and data_time <= received + DAY_US:
            station.last_data_time = max(data_time, station.last_data_time or data_time)

    def note_samples(self, rows: list[dict[str, Any]]) -> None:
        """The samples of one batch: of each factor the newest only."""
        for row in rows:
            self._open(row["mn"])
        newest: dict[tuple[str, str], dict[str, Any]] = {}
        for row in sorted(rows, key=_order):
            newest[row["mn"], row["factor"]] = row
        for (mn, factor), row in newest.items():
            station = self._open(mn)
            if station is None:
                continue
            known = station.readings.get(factor)
            if known is None and len(station.readings) >= self.max_factors:
                self.refused_factors += 1
            elif known is None or known[0] <= _order(row):
                station.readings[factor] = _order(row), _reading(row)

    def note_count(self, row: dict[str, Any]) -> None:
        """A count to add."""
        station = self._open(row["mn"])
        if station is None:
            return
        what, name, n = row["what"], row["name"], row["n"]
        if what in station.labels:
            station.labels[what][name] = station.labels[what].get(name, 0) + n
            what = "bad" if what == "reason" and name != "ok" else ""
        if what in station.totals:
            station.totals[what] += n

    def _open(self, mn: str) -> Station | None:
        if mn and mn not in self.stations and len(self.stations) >= self.max_mns:
            self.refused_mns = True
            return None
        return self.stations.setdefault(mn, Station()) if mn else None


def _order(row: dict[str, Any]) -> tuple[int, int]:
    return min(row["data_time"], row["received_at"]), row["received_at"]


def _reading(row: dict[str, Any]) -> dict[str, Any]:
    column = next((name for name in VALUE_COLUMNS if row[name] is not None), "")
    return {
        "mn": row["mn"],
        "factor": row["factor"],
        "period": row["period"],
        "data_time": row["data_time"],
        "received_at": row["received_at"],
        "column": column,
        "value": row[column] if column else None,
        "flag": row["flag"] or row["e_flag"] or "",
        "extra": (row["extra"] or "")[:EXTRA_LIMIT],
    }
