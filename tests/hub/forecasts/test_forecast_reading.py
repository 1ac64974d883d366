"""What kept forecasts say: the best model where errors are known, days with their AQI."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from hj212d.hub.forecasts.reading import best_of, days_of
from store.means import FORECASTS

ISSUED = datetime(2026, 11, 20, 16)  # midnight in Beijing


def rows(**columns: Any) -> list[dict[str, Any]]:
    """72 hours of one model, place and factor."""
    usual = {"issued": ISSUED, "model": "damped", "place": "P", "level": "hour", "value": 20.0}
    return [{**usual, **columns, "start": ISSUED + timedelta(hours=hour)} for hour in range(72)]


def table(*parts: list[dict[str, Any]]) -> pa.Table:
    """Rows of FORECASTS."""
    return pa.Table.from_pylist([row for part in parts for row in part], schema=FORECASTS)


def test_the_model_with_the_least_error_speaks() -> None:
    """An error that is not known is worse than any that is."""
    made = table(
        rows(factor="a34004", model="a", rmse=9.0),
        rows(factor="a34004", model="b", rmse=5.0),
        rows(factor="a34004", model="c"),
        rows(factor="a34002", model="c"),
    )
    best = best_of(made)
    assert best.num_rows == 144
    said = {(row["factor"], row["model"]) for row in best.to_pylist()}
    assert said == {("a34004", "b"), ("a34002", "c")}
    assert best_of(FORECASTS.empty_table()).num_rows == 0


def test_days_are_judged_and_bear_the_skill_of_what_decides() -> None:
    """PM2.5 of 75 is AQI 114 by the standard of 2026; with pollutants missing it is published
    because it is above 100."""
    made = table(
        rows(factor="a34004", value=75.0, skill=0.3),
        rows(factor="a34002", value=20.0, skill=-0.4),
    )
    found = days_of(made).to_pylist()
    assert [row["start"] for row in found] == [ISSUED + timedelta(days=day) for day in range(3)]
    assert {
        (row["aqi"], row["primary"], row["category"], row["published_aqi"], row["skill"])
        for row in found
    } == {(114, "PM2.5", "轻度污染", "114", 0.3)}
    assert found[0]["standard"] == "HJ633-2026"


def test_clean_days_with_missing_pollutants_are_not_published() -> None:
    """NA, and the skill is the least of all that is known."""
    found = days_of(table(rows(factor="a34004", skill=0.3), rows(factor="a34002", skill=0.1)))
    assert [(row["published_aqi"], row["skill"]) for row in found.to_pylist()] == [("NA", 0.1)] * 3


def test_a_part_of_a_day_is_no_day() -> None:
    """An evening issue: its six hours are left out."""
    early = [
        {**row, "issued": ISSUED, "start": row["start"] - timedelta(hours=6)}
        for row in rows(factor="a34004")
    ]
    assert days_of(table(early)).num_rows == 2
