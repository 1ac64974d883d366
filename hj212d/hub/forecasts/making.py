"""From histories to rows of forecasts: each model's values, their range, error and skill.

Blocking and long; for a process of its own. Tests: tests/hub/forecasts/test_forecast_making.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from aqi.factors import code_of
from aqi.forecast.baselines import DAY, Hours
from aqi.forecast.models import BASELINES, MODELS
from aqi.forecast.rolling import Trial, trial
from hj212d.hub.forecasts.history import HOUR_US, History
from store.means import FORECASTS

Tell = Callable[[int, int], object]
BEIJING_US = 8 * HOUR_US
DAY_US = DAY * HOUR_US


class Plan(msgspec.Struct, frozen=True):
    """What is made; as in the settings."""

    models: tuple[str, ...] = ("damped",)
    days: int = 3
    trial_origins: int = 10

    @property
    def names(self) -> tuple[str, ...]:
        """Baselines first."""
        return tuple(dict.fromkeys((*BASELINES, *self.models)))


def unknown_models(names: Sequence[str]) -> list[str]:
    """Those that there are not."""
    return [name for name in names if name not in MODELS]


def horizon_h(end_us: int, days: int) -> int:
    """Hours from the end of the history to the end of the last whole Beijing day ahead."""
    into_day = (end_us + BEIJING_US) % DAY_US // HOUR_US
    return int((DAY - into_day) % DAY + days * DAY)


def make(history: History, plan: Plan, tell: Tell = lambda _done, _all: None) -> pa.Table:
    """Rows of FORECASTS by the hour, ``issued`` at the end of the history. A model that has
    nothing to say of a place has no rows there. ``tell``: how many of all steps are done.

    ``skill`` is against the best baseline of the place on that day ahead, ``low`` to ``high``
    held four fifths of what came in the trial.
    """
    horizon = horizon_h(history.end_us, plan.days)
    steps = len(history.values) * len(plan.names)
    parts, done = [FORECASTS.empty_table()], 0
    for pollutant, series in history.values.items():
        tried = {}
        for name in plan.names:
            tried[name] = _tried(name, series, plan.trial_origins, horizon)
            done += 1
            tell(done, steps)
        errors = {name: _errors(one, len(series), horizon) for name, one in tried.items()}
        least = np.fmin.reduce([errors[name] for name in BASELINES])
        for name in plan.names:
            value = MODELS[name](series, horizon)
            low, high = _range(value, tried[name])
            columns = (value, low, high, *_by_hour(horizon, errors[name], least))
            parts.append(_rows(history, name, code_of(pollutant), columns))
    return pa.concat_tables(parts)


def _tried(name: str, series: Hours, origins: int, horizon: int) -> Trial | None:
    """None: the history is too short for any trial."""
    try:
        return trial(MODELS[name], series, origins, horizon)
    except ValueError:
        return None


def _errors(tried: Trial | None, series: int, horizon: int) -> Hours:
    if tried is None:
        return np.full((series, -(-horizon // DAY)), np.nan)
    return tried.errors()


def _range(value: Hours, tried: Trial | None) -> tuple[Hours, Hours]:
    if tried is None:
        nothing = np.full(value.shape, np.nan)
        return nothing, nothing
    below, above = tried.ranges()
    return np.maximum(value + below, 0.0), np.maximum(value + above, 0.0)


def _by_hour(horizon: int, error: Hours, least: Hours) -> tuple[Hours, Hours]:
    """Error and skill of the day ahead for each hour."""
    skill = np.full(error.shape, np.nan)
    np.divide(error, least, out=skill, where=least > 0)
    day = np.arange(horizon) // DAY
    return error[:, day], (1 - skill)[:, day]


def _rows(history: History, model: str, factor: str, columns: Sequence[Hours]) -> pa.Table:
    places, horizon = columns[0].shape
    starts = history.end_us + HOUR_US * np.arange(horizon, dtype=np.int64)
    count = places * horizon
    said = np.isfinite(columns[0]).reshape(-1)
    issued = np.full(count, history.end_us)
    arrays = [
        pa.array(issued).cast(pa.timestamp("us")),
        pa.array([model]).take(pa.array(np.zeros(count, np.int32))),
        pa.array(history.places, pa.string()).take(
            pa.array(np.repeat(np.arange(places), horizon))
        ),
        pa.array([factor]).take(pa.array(np.zeros(count, np.int32))),
        pa.array(["hour"]).take(pa.array(np.zeros(count, np.int32))),
        pa.array(np.tile(starts, places)).cast(pa.timestamp("us")),
        *(pa.array(column.reshape(-1), from_pandas=True) for column in columns),
    ]
    return pa.Table.from_arrays(arrays, schema=FORECASTS).filter(pa.array(said))
