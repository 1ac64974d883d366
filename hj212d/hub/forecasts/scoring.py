"""How good forecasts were: models tried anew on a history, or kept forecasts against what came.

Pure, over arrays and tables. Tests: tests/hub/forecasts/test_forecast_scoring.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from aqi.factors import POLLUTANTS, pollutant_of
from aqi.forecast.baselines import DAY, Hours
from aqi.forecast.days import forecast_days
from aqi.forecast.models import BASELINES, MODELS
from aqi.forecast.rolling import Trial, skills, trial
from aqi.forecast.scores import hit_rate, range_hit_rate, score
from hj212d.hub.forecasts.history import HOUR_US, History
from hj212d.hub.forecasts.making import Plan, Tell, horizon_h

# One row a model, pollutant ("AQI": days judged) and day ahead, all places together. Errors in
# ug/m3, CO mg/m3; skill against the best baseline; hit rates of level, primary pollutants, and of
# the AQI within a quarter.
SCORES = pa.schema(
    [
        ("model", pa.string()),
        ("pollutant", pa.string()),
        ("day", pa.int8()),
        ("n", pa.int64()),
        ("mae", pa.float64()),
        ("rmse", pa.float64()),
        ("bias", pa.float64()),
        ("r", pa.float64()),
        ("skill", pa.float64()),
        ("level_hits", pa.float64()),
        ("primary_hits", pa.float64()),
        ("range_hits", pa.float64()),
    ]
)
_RANGE = 0.25
_SECOND_US = 1_000_000


def tried(history: History, plan: Plan, tell: Tell = lambda _done, _all: None) -> pa.Table:
    """Rows of SCORES of each model by rolling origin over the history. ValueError when that is
    too short for any trial."""
    horizon = horizon_h(history.end_us, plan.days)
    steps, done = len(history.values) * len(plan.names), 0
    rows: list[dict[str, Any]] = []
    trials: dict[str, dict[str, Trial]] = {name: {} for name in plan.names}
    for pollutant, series in history.values.items():
        for name in plan.names:
            trials[name][pollutant] = trial(MODELS[name], series, plan.trial_origins, horizon)
            done += 1
            tell(done, steps)
        baselines = {name: trials[name][pollutant] for name in BASELINES}
        for name in plan.names:
            one = trials[name][pollutant]
            worth = skills(one, baselines)
            for day, (found, skill) in enumerate(zip(one.scores(), worth, strict=True), 1):
                rows.append(_row(name, pollutant, day, found, skill))
    for name in plan.names:
        rows += _of_days(name, trials[name], history.end_us)
    return pa.Table.from_pylist(rows, schema=SCORES)


def verified(kept: pa.Table, history: History) -> pa.Table:
    """Rows of SCORES of kept forecasts by the hour (FORECASTS) whose time is in the history; no
    skill is reckoned. The day ahead is counted from the issue."""
    row_of = {place: row for row, place in enumerate(history.places)}
    first_us = history.end_us - HOUR_US * next(iter(history.values.values())).shape[1]
    start = kept["start"].cast(pa.int64()).to_numpy()
    ahead = (start - kept["issued"].cast(pa.int64()).to_numpy()) // (DAY * HOUR_US) + 1
    row = np.array([row_of.get(place, -1) for place in kept["place"].to_pylist()], np.int64)
    column = (start - first_us) // HOUR_US
    known = (row >= 0) & (start >= first_us) & (start < history.end_us) & (ahead >= 1)
    pollutants = np.array([pollutant_of(code) or "" for code in kept["factor"].to_pylist()])
    models = np.array(kept["model"].to_pylist())
    said = kept["value"].to_numpy()
    rows = []
    for model in sorted(set(models[known])):
        for pollutant in POLLUTANTS:
            mine = known & (models == model) & (pollutants == pollutant)
            for day in np.unique(ahead[mine]):
                some = mine & (ahead == day)
                found = history.values[pollutant][row[some], column[some]]
                rows.append(_row(model, pollutant, int(day), score(said[some], found), None))
    return pa.Table.from_pylist(rows, schema=SCORES)


def _row(model: str, pollutant: str, day: int, found: Any, skill: float | None) -> dict[str, Any]:
    return {
        "model": model,
        "pollutant": pollutant,
        "day": day,
        "n": found.n,
        "mae": found.mae,
        "rmse": found.rmse,
        "bias": found.bias,
        "r": found.r,
        "skill": skill,
    }


def _of_days(name: str, trials: dict[str, Trial], end_us: int) -> list[dict[str, Any]]:
    """Days of the trials, judged: how often level, primary pollutants and AQI were met."""
    said: dict[int, list[Any]] = {}
    found: dict[int, list[Any]] = {}
    one = next(iter(trials.values()))
    count, horizon = one.forecast.shape[1:]
    for origin in range(count):
        begin_us = end_us - HOUR_US * (horizon + DAY * (count - 1 - origin))
        hours = (begin_us + HOUR_US * np.arange(horizon, dtype=np.int64)) // _SECOND_US
        by_forecast = _days(hours, {key: of.forecast[:, origin] for key, of in trials.items()})
        by_measure = _days(hours, {key: of.measured[:, origin] for key, of in trials.items()})
        for day, pair in enumerate(zip(by_forecast, by_measure, strict=True), 1):
            said.setdefault(day, []).append(pair[0])
            found.setdefault(day, []).append(pair[1])
    rows = []
    for day, forecasts in said.items():
        index, level, primary = _joined(forecasts)
        own_index, own_level, own_primary = _joined(found[day])
        known = np.where((index >= 0) & (own_index >= 0), 1.0, np.nan)
        rows.append(
            {
                **_row(name, "AQI", day, score(index * known, own_index * known), None),
                "level_hits": hit_rate(level, own_level),
                "primary_hits": hit_rate(primary, own_primary),
                "range_hits": range_hit_rate(index, own_index, _RANGE),
            }
        )
    return rows


def _days(hours: Any, values: dict[str, Hours]) -> list[Any]:
    return forecast_days(hours, values).judged


def _joined(judged: list[Any]) -> tuple[Any, Any, Any]:
    """Indices, levels and sets of primary pollutants as codes; -1: unknown."""
    index = np.concatenate([one.aqi for one in judged]).astype(np.int64)
    level = np.concatenate([one.level for one in judged]).astype(np.int64)
    primary = np.concatenate([one.primary for one in judged]).astype(np.int64)
    return index, np.where(index >= 0, level, -1), np.where(index >= 0, primary, -1)
