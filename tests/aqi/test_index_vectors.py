"""Worked examples of both versions: each output column of each row, one by one and as arrays."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from aqi.index import Reading, judge
from aqi.judge_arrays import judge_arrays, primary_names
from aqi.standards import STANDARDS

VECTORS = Path(__file__).parent / "data" / "aqi_vectors.csv"
ROWS = list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines()))
INPUTS = ("pm25", "pm10", "so2", "no2", "co", "o3_1h", "o3_8h", "so2_24h")
KEYS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_1h", "O3_8h", "SO2_24h")
ITEMS = {f"iaqi_{column}": key for column, key in zip(INPUTS[:7], KEYS[:7], strict=True)}


def shown(value: object) -> str:
    """As the file has it."""
    return "" if value is None else str(value)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_row(row: dict[str, str]) -> None:
    """Every output column, exactly."""
    reading = Reading(**{column: row[column] or None for column in INPUTS})
    found = judge(STANDARDS[row["standard"]], row["mode"], reading, daily_o3=("8h", "1h"))
    assert {column: shown(found.iaqi[key]) for column, key in ITEMS.items()} == {
        column: row[column] for column in ITEMS
    }
    assert {
        "aqi": shown(found.aqi),
        "level": shown(found.level),
        "category": shown(found.category),
        "primary": ";".join(found.primary),
        "exceed_2012": ";".join(found.exceeding),
        "published_aqi": shown(found.published_aqi),
        "published_primary": ";".join(found.published_primary),
    }.items() <= row.items()


@pytest.mark.parametrize(
    ("standard", "mode"), sorted({(row["standard"], row["mode"]) for row in ROWS})
)
def test_rows_as_arrays(standard: str, mode: str) -> None:
    """All rows of a version and mode at once."""
    rows = [row for row in ROWS if (row["standard"], row["mode"]) == (standard, mode)]
    arrays = {
        key: np.array([float(row[column] or "nan") for row in rows])
        for column, key in zip(INPUTS, KEYS, strict=True)
    }
    found = judge_arrays(STANDARDS[standard], mode, arrays, daily_o3=("8h", "1h"))
    assert found.aqi.tolist() == [int(row["aqi"]) for row in rows]
    assert found.level.tolist() == [int(row["level"]) for row in rows]
    primaries = [";".join(primary_names(one)) for one in found.primary.tolist()]
    assert primaries == [row["primary"] for row in rows]
    exceeding = [";".join(primary_names(one)) for one in found.exceeding.tolist()]
    assert exceeding == [row["exceed_2012"] for row in rows]
    assert found.published.tolist() == [row["published_aqi"] != "NA" for row in rows]
