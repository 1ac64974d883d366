"""What a daemon left of a network of the air: hours and days of ten stations, wind at one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from aqi.factors import code_of
from store.means import DERIVED
from store.open import open_store
from store.registry.open import open_registry
from store.registry.records import DeviceRecord
from store.settings import StoreSettings

MIDNIGHT = datetime(2026, 10, 9, 16)  # of October the 10th in Beijing
STATIONS = 10
HOURS = 48
LEVELS = {"PM2.5": 30.0, "PM10": 60.0, "SO2": 8.0, "NO2": 25.0, "CO": 0.8, "O3": 90.0}


def position(number: int) -> tuple[float | None, float | None]:
    """Longitude and latitude; the last station has none."""
    if number == STATIONS - 1:
        return None, None
    return 120.0 + 0.1 * (number % 3) + 0.01 * number, 30.0 + 0.1 * (number // 3)


def value(pollutant: str, number: int, hour: int) -> float:
    """More at later stations, more at noon; particles most."""
    return round(LEVELS[pollutant] * (1 + number * 0.3) * (1 + 0.02 * (hour % 24)), 1)


def make(folder: Path) -> None:
    """The store and the registry."""
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    rows = [*_hours(), *_days(), *_wind()]
    store.put_derived(pa.Table.from_pylist(rows, schema=DERIVED))
    store.close()
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    for number in range(STATIONS):
        longitude, latitude = position(number)
        device = DeviceRecord(
            f"S{number}",
            name=f"测点{number}",
            region="330106" if number < 8 else "330205",
            st="22",
            longitude=longitude,
            latitude=latitude,
        )
        registry.devices.put(device, "test")
    registry.close()


def _row(level: str, start: datetime, mn: str, factor: str, value: float, stat: str) -> Any:
    known = {
        "level": level,
        "start": start,
        "mn": mn,
        "factor": factor,
        "stat": stat,
        "value": value,
        "n": 60 if level == "hour" else 24,
        "need": 45 if level == "hour" else 20,
        "mark": "",
        "source": "realtime" if level == "hour" else "hour",
        "as_of": datetime(2026, 11, 1),
    }
    return {name: known.get(name) for name in DERIVED.names}


def _hours() -> list[Any]:
    return [
        _row(
            "hour",
            MIDNIGHT + timedelta(hours=hour),
            f"S{number}",
            code_of(pollutant),
            value(pollutant, number, hour),
            "mean",
        )
        for number in range(STATIONS)
        for pollutant in LEVELS
        for hour in range(HOURS)
        if not (number == 1 and hour == 8)  # one silent hour
    ]


def _days() -> list[Any]:
    return [
        _row(
            "day",
            MIDNIGHT + timedelta(days=day),
            f"S{number}",
            code_of(pollutant),
            value(pollutant, number, 12),
            "mda8" if pollutant == "O3" else "mean",
        )
        for number in range(STATIONS)
        for pollutant in LEVELS
        for day in range(HOURS // 24)
    ]


def _wind() -> list[Any]:
    rows = []
    for hour in range(HOURS):
        start = MIDNIGHT + timedelta(hours=hour)
        rows.append(_row("hour", start, "S0", "a01007", 0.2 + (hour % 5), "mean"))
        rows.append(_row("hour", start, "S0", "a01008", 90.0 + hour % 3, "vector"))
    return rows
