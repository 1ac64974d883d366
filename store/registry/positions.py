"""The book of positions that devices report, for people to approve.

Of one MN at most one report waits: a newer one takes its place.
Tests: tests/store/registry/test_small_books.py.
"""

from __future__ import annotations

from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from store.registry.devices import DevicesBook
from store.registry.records import DeviceRecord, PositionReport
from store.registry.shelf import Book, Shelf, change, fields, insert, record
from store.registry.tables import positions

NEAR_M = 20.0
_EARTH_M = 6_371_008.8  # mean radius

_Records = list[PositionReport]


class PositionsBook(Book):
    """Number -> report."""

    def __init__(self, shelf: Shelf, devices: DevicesBook) -> None:
        Book.__init__(self, shelf)
        self._devices = devices

    def reported(
        self, mn: str, longitude: float, latitude: float, at: datetime, source: str = ""
    ) -> PositionReport | None:
        """A device told where it is. None when nothing is to be decided: within 20 m it is the
        device's position, the one that waits, or the last that was rejected."""
        with self._database.writing() as connection:
            device = self._devices.get(mn)
            if device is not None and _near(
                longitude, latitude, device.longitude, device.latitude
            ):
                return None
            query = sa.select(positions).where(
                positions.c.mn == mn, positions.c.state != "approved"
            )
            query = query.order_by(positions.c.id.desc())
            rows = list(connection.execute(query).mappings())
            waiting = next((row for row in rows if row["state"] == "waiting"), None)
            rejected = next((row for row in rows if row["state"] == "rejected"), None)
            for row in (waiting, rejected):
                if row and _near(longitude, latitude, row["longitude"], row["latitude"]):
                    return None
            report = PositionReport(
                mn=mn, longitude=longitude, latitude=latitude, seen_at=at, source=source
            )
            if waiting is not None:
                change(connection, positions, waiting["id"], fields(report, "id"))
                return msgspec.structs.replace(report, id=waiting["id"])
            number = insert(connection, positions, fields(report, "id"))
        return msgspec.structs.replace(report, id=number)

    def get(self, id: int) -> PositionReport | None:
        """One report; None when there is none of that number."""
        found = self._select(sa.select(positions).where(positions.c.id == id))
        return found[0] if found else None

    def decide(
        self, id: int, state: Literal["approved", "rejected"], who: str
    ) -> DeviceRecord | None:
        """Approve or reject a report. Approving writes the device, which comes back, unless its
        position was set by hand. KeyError when there is none of that number."""
        with self._database.writing() as connection:
            values = {"state": state, "who": who, "decided_at": self._now()}
            change(connection, positions, id, values)
            if state != "approved":
                return None
            row = connection.execute(sa.select(positions).where(positions.c.id == id))
            report = record(PositionReport, row.mappings().one())
            device = self._devices.get(report.mn) or DeviceRecord(report.mn)
            if device.position_source == "manual":
                return None
            placed = msgspec.structs.replace(
                device,
                longitude=report.longitude,
                latitude=report.latitude,
                position_source="reported",
            )
            return self._devices.put(placed, who)

    def list(self, state: str | None = None, limit: int = 1000) -> _Records:
        """Reports of one state or all, newest first."""
        query = sa.select(positions).order_by(positions.c.id.desc()).limit(limit)
        return self._select(query if state is None else query.where(positions.c.state == state))

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(PositionReport, row) for row in connection.execute(query).mappings()]


def distance_m(
    longitude: float, latitude: float, to_longitude: float, to_latitude: float
) -> float:
    """Metres between two places in degrees, on a sphere."""
    a, b = radians(latitude), radians(to_latitude)
    across = radians(to_longitude - longitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(across / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(half)))


def _near(
    longitude: float, latitude: float, of_longitude: float | None, of_latitude: float | None
) -> bool:
    if of_longitude is None or of_latitude is None:
        return False
    return distance_m(longitude, latitude, of_longitude, of_latitude) <= NEAR_M
