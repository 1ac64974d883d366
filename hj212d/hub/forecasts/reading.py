"""What kept forecasts say: the best model of each place and factor, and the AQI of the days.

Tests: tests/hub/forecasts/test_forecast_reading.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.factors import POLLUTANTS, pollutant_of
from aqi.forecast.baselines import Hours
from aqi.forecast.days import forecast_days
from aqi.judge_arrays import primary_names
from aqi.standards import level_of
from hj212d.hub.quality.tables import COLUMNS

HOUR_S = 3600
_MICROSECONDS = 1_000_000

# One row a place and Beijing day. Concentrations are daily means, o3 the greatest 8 h mean;
# skill: of the pollutant that gives the AQI, the least of them.
FORECAST_DAYS = pa.schema(
    [
        ("place", pa.string()),
        ("issued", pa.timestamp("us")),
        ("start", pa.timestamp("us")),
        *((column, pa.float64()) for column in COLUMNS.values()),
        ("aqi", pa.int16()),
        ("level", pa.int8()),
        ("category", pa.string()),
        ("colour", pa.string()),
        ("primary", pa.string()),
        ("published_aqi", pa.string()),
        ("models", pa.string()),
        ("skill", pa.float64()),
        ("standard", pa.string()),
    ]
)


def best_of(hours: pa.Table) -> pa.Table:
    """Of rows of FORECASTS those of the model with the least error for each issue, place, factor
    and hour; where no error is known, those of the last model by name."""
    key = ["issued", "place", "factor", "start"]
    known = hours.append_column("_error", pc.fill_null(hours["rmse"], float("inf")))
    ordered = known.sort_by([(name, "ascending") for name in (*key, "_error", "model")])
    if not ordered.num_rows:
        return hours
    first = np.ones(ordered.num_rows, bool)
    same = np.ones(ordered.num_rows - 1, bool)
    for name in key:
        codes = ordered[name].combine_chunks().dictionary_encode().indices.to_numpy()
        same &= codes[1:] == codes[:-1]
    first[1:] = ~same
    return ordered.filter(pa.array(first)).drop_columns(["_error"])


def days_of(hours: pa.Table) -> pa.Table:
    """FORECAST_DAYS from rows of FORECASTS by the hour, one model for each place, factor and
    hour (see best_of), in order of issue, place and day. Judged as HJ 633 judges daily reports."""
    rows: list[dict[str, Any]] = []
    for issued in pc.unique(hours["issued"]).sort().to_pylist():
        rows += _of_issue(hours.filter(pc.equal(hours["issued"], issued)), issued)
    return pa.Table.from_pylist(rows, schema=FORECAST_DAYS)


def _of_issue(hours: pa.Table, issued: Any) -> list[dict[str, Any]]:
    places = sorted(set(hours["place"].to_pylist()))
    row_of = {place: row for row, place in enumerate(places)}
    start_s = hours["start"].cast(pa.int64()).to_numpy() // _MICROSECONDS
    first, last = int(start_s.min()), int(start_s.max())
    axis = np.arange(first, last + 1, HOUR_S, dtype=np.int64)
    row = np.fromiter((row_of[place] for place in hours["place"].to_pylist()), np.int64)
    column = (start_s - first) // HOUR_S
    values: dict[str, Hours] = {}
    skills: dict[str, Hours] = {}
    for pollutant in POLLUTANTS:
        mine = np.array([pollutant_of(code) == pollutant for code in hours["factor"].to_pylist()])
        values[pollutant] = np.full((len(places), len(axis)), np.nan)
        skills[pollutant] = np.full((len(places), len(axis)), np.nan)
        at = row[mine], column[mine]
        values[pollutant][at] = hours["value"].to_numpy()[mine]
        skills[pollutant][at] = hours["skill"].to_numpy()[mine]
    found = forecast_days(axis, values)
    rows = []
    for number, place in enumerate(places):
        models = sorted(
            {
                model
                for model, at in zip(hours["model"].to_pylist(), row, strict=True)
                if at == number
            }
        )
        for day, start in enumerate(found.days):
            judged = found.judged[day]
            index = int(judged.aqi[number])
            primary = primary_names(int(judged.primary[number]))
            mine_h = slice(int(start - first) // HOUR_S, int(start - first) // HOUR_S + 24)
            deciding = primary or tuple(POLLUTANTS)
            rows.append(
                {
                    "place": place,
                    "issued": issued,
                    "start": _moment(int(start)),
                    **{
                        name: _or_none(found.values[pollutant][number, day])
                        for pollutant, name in COLUMNS.items()
                    },
                    **_judged(index),
                    "primary": ";".join(primary),
                    "published_aqi": str(index) if judged.published[number] else "NA",
                    "models": ";".join(models),
                    "skill": _least([skills[one][number, mine_h] for one in deciding]),
                    "standard": found.standards[day].name,
                }
            )
    return rows


def _judged(index: int) -> dict[str, Any]:
    if index < 0:
        return {"aqi": None, "level": None, "category": None, "colour": None}
    level = level_of(index)
    return {
        "aqi": index,
        "level": level.level,
        "category": level.category,
        "colour": level.hex,
    }


def _least(skills: list[Hours]) -> float | None:
    known = np.concatenate(skills)
    known = known[np.isfinite(known)]
    return float(known.min()) if len(known) else None


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _moment(seconds: int) -> Any:
    return pa.scalar(seconds * _MICROSECONDS, pa.timestamp("us")).as_py()
