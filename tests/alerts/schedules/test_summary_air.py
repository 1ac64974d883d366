"""The air of an interval in columns: means, peaks, exceedances and primary pollutants by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from alerts.schedules.air import air_of, column_of, ranks
from aqi.factors import POLLUTANTS

SCHEMA = pa.schema(
    [
        ("place", pa.string()),
        ("name", pa.string()),
        ("published_aqi", pa.string()),
        ("published_primary", pa.string()),
        *((column_of(one), pa.float64()) for one in POLLUTANTS),
        *((f"{column_of(one)}_iaqi", pa.int16()) for one in POLLUTANTS),
    ]
)


def rows(*some: dict[str, Any]) -> pa.Table:
    """Of places and hours; what is not said is not known."""
    return pa.Table.from_pylist(list(some), schema=SCHEMA)


def test_hours_of_places() -> None:
    """Hours without an AQI count in no mean; exceedances count also where none is published."""
    found = air_of(
        rows(
            {"place": "A", "published_aqi": "50", "published_primary": ""},
            {"place": "region:33", "name": "浙江", "published_aqi": "80"},
            {
                "place": "A",
                "published_aqi": "151",
                "published_primary": "PM2.5;O3",
                "pm25": 115.2,
                "pm25_iaqi": 151,
                "o3": 210.0,
                "o3_iaqi": 151,
            },
            {"place": "A", "published_aqi": "NA", "published_primary": "NA", "o3_iaqi": 101},
            {"place": "B", "published_aqi": None},
        ),
        {"A": "330100", "B": ""}.__getitem__,
    )
    assert found.places == ["A", "region:33", "B"]
    assert found.names == ["A", "浙江", "B"]
    assert found.region == ["330100", "33", ""]
    assert found.is_region.tolist() == [False, True, False]
    np.testing.assert_allclose(found.mean, [100.5, 80.0, np.nan])
    assert found.peak.tolist() == [151, 80, -1]
    assert found.over["O3"].times.tolist() == [2, 0, 0]
    assert found.over["O3"].index.tolist() == [151, -1, -1]
    assert found.over["O3"].value[0] == 210.0
    assert found.over["PM2.5"].value[0] == 115.2
    assert found.over["PM10"].times.tolist() == [0, 0, 0]
    assert found.primary["PM2.5"].tolist() == [1, 0, 0]
    assert found.primary["O3"].tolist() == [1, 0, 0]


def test_nothing_at_all() -> None:
    """No rows, no places."""
    found = air_of(rows(), lambda _: "")
    assert found.places == []
    assert found.mean.shape == (0,)


def test_ranks() -> None:
    """Equal values share one; what is not known has none."""
    assert ranks(np.array([3.0, 1.0, np.nan, 3.0, 4.0])).tolist() == [2, 1, 0, 2, 4]
