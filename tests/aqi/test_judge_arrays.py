"""Judgements of arrays are those of single readings, whatever the options."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi import judge_arrays as module
from aqi.factors import POLLUTANTS
from aqi.index import Reading, judge
from aqi.judge_arrays import judge_arrays, primary_names
from aqi.standards import STANDARDS

FIELDS = {
    "PM2.5": "pm25",
    "PM10": "pm10",
    "SO2": "so2",
    "NO2": "no2",
    "CO": "co",
    "O3_1h": "o3_1h",
    "O3_8h": "o3_8h",
    "SO2_24h": "so2_24h",
    "PM2.5_24h": "pm25_24h",
    "PM10_24h": "pm10_24h",
}
VALUE = st.one_of(
    st.just(float("nan")),
    st.floats(-5, 1300),
    st.integers(0, 1300).map(float),
    st.sampled_from([0.0, 35.0, 35.5, 60.0, 75.0, 100.0, 120.0, 150.0, 160.0, 800.0, 801.0]),
)


@given(
    st.sampled_from(sorted(STANDARDS)),
    st.sampled_from(["daily", "hourly"]),
    st.lists(st.lists(VALUE, min_size=10, max_size=10), min_size=1, max_size=4),
    st.sets(st.sampled_from(POLLUTANTS), min_size=4),
    st.sampled_from([("8h",), ("8h", "1h"), ("1h",)]),
    st.sampled_from(["1h", "running24h"]),
)
def test_arrays_equal_single_readings(
    name: str,
    mode: str,
    rows: list[list[float]],
    programme: set[str],
    daily_o3: tuple[str, ...],
    pm_realtime: str,
) -> None:
    """AQI, level, primary, exceeding and what may be published."""
    options = {"exempt": ("SO2",), "daily_o3": daily_o3, "pm_realtime": pm_realtime}
    columns = np.array(rows).T
    arrays = dict(zip(FIELDS, columns, strict=True))
    found = judge_arrays(STANDARDS[name], mode, arrays, programme, **options)
    for place, row in enumerate(rows):
        reading = Reading(
            **{
                field: None if np.isnan(value) else value
                for field, value in zip(FIELDS.values(), row, strict=True)
            }
        )
        single = judge(STANDARDS[name], mode, reading, programme, **options)
        assert found.aqi[place] == (-1 if single.aqi is None else single.aqi)
        assert found.level[place] == (single.level or 0)
        assert primary_names(int(found.primary[place])) == single.primary
        assert primary_names(int(found.exceeding[place])) == single.exceeding
        assert found.published[place] == (single.published_aqi != "NA")


def test_pieces_join(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shape and values do not depend on the size of a piece."""
    values = {p: np.linspace(0, 700, 210).reshape(7, 30) for p in POLLUTANTS}
    whole = judge_arrays(STANDARDS["HJ633-2026"], "hourly", values)
    monkeypatch.setattr(module, "_PIECE", 16)
    pieces = judge_arrays(STANDARDS["HJ633-2026"], "hourly", values)
    assert whole.aqi.shape == (7, 30)
    for name in ("aqi", "level", "primary", "exceeding", "published"):
        assert np.array_equal(getattr(whole, name), getattr(pieces, name))
    assert all(np.array_equal(whole.iaqi[p], pieces.iaqi[p]) for p in POLLUTANTS)


def test_ozone_goes_by_the_mode() -> None:
    """ "O3" is the greatest 8 h mean of a day, and the mean of an hour."""
    day = judge_arrays(STANDARDS["HJ633-2026"], "daily", {"O3": [160.0]})
    hour = judge_arrays(STANDARDS["HJ633-2026"], "hourly", {"O3": [160.0]})
    assert (day.aqi.tolist(), hour.aqi.tolist()) == ([100], [50])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "nothing to judge"),
        ({"ozone": [1.0]}, "no such item: ozone"),
        ({"PM2.5": [1.0], "CO": [1.0, 2.0]}, "different shapes"),
        ({"O3": [1.0], "O3_1h": [1.0]}, "both O3 and O3_1h"),
    ],
)
def test_wrong_arrays_are_refused(values: dict[str, list[float]], sentence: str) -> None:
    """They are a fault of the caller."""
    with pytest.raises(ValueError, match=sentence):
        judge_arrays(STANDARDS["HJ633-2026"], "hourly", values)
