"""Usual day plus what is unusual now, which fades: cheap enough for each station of a province.

The anomaly of the last hours against the usual day is carried on with a weight for each lead that
least squares found in the history of the series itself. In logarithms, because concentrations
are skewed and never negative. Tests: tests/aqi/forecast/test_damped.py.
"""

from __future__ import annotations

import numpy as np

from aqi.forecast.baselines import DAY, USUAL_DAYS, Hours, usual_day

RECENT_HOURS = 6  # whose mean anomaly is carried on
_LEAST_PAIRS = 48  # for a weight of the series' own
_PRIOR_PAIRS = 24.0  # pairs without any memory that each weight is drawn towards


def damped(history: Hours, horizon: int, days: int = USUAL_DAYS) -> Hours:
    """Forecast of shape (series, horizon) from a history of shape (series, hours), NaN: missing.

    Weights lie between 0 (as usual) and 1 (as unusual as now).
    """
    logs = np.log1p(np.where(history >= 0, history, np.nan))
    usual = usual_day(logs, days)
    anomaly = _last_days(logs, days) - np.tile(usual, (1, days))
    recent = _running_mean(anomaly, RECENT_HOURS)
    now = recent[:, -1:]
    steady = np.tile(usual, (1, -(-horizon // DAY)))[:, :horizon]
    carried = np.stack([_weight(recent, anomaly, lead) for lead in range(1, horizon + 1)], axis=1)
    forecast: Hours = np.expm1(steady + carried * np.where(np.isfinite(now), now, 0.0))
    return np.maximum(forecast, 0.0, out=forecast)


def _weight(recent: Hours, anomaly: Hours, lead: int) -> Hours:
    """How much of an anomaly is left after so many hours, by least squares through the origin."""
    before, after = recent[:, :-lead], anomaly[:, lead:]
    both = np.isfinite(before) & np.isfinite(after)
    before = np.where(both, before, 0.0)
    after = np.where(both, after, 0.0)
    power = (before * before).sum(axis=1)
    count = both.sum(axis=1)
    prior = np.divide(power, count, out=np.zeros(len(power)), where=count > 0) * _PRIOR_PAIRS
    weight: Hours = np.zeros(len(power))
    np.divide(
        (before * after).sum(axis=1),
        power + prior,
        out=weight,
        where=(count >= _LEAST_PAIRS) & (power > 0),
    )
    return np.clip(weight, 0.0, 1.0, out=weight)


def _last_days(history: Hours, days: int) -> Hours:
    short = days * DAY - history.shape[1]
    if short > 0:
        history = np.pad(history, ((0, 0), (short, 0)), constant_values=np.nan)
    return history[:, -days * DAY :]


def _running_mean(values: Hours, width: int) -> Hours:
    """Mean of the last ``width`` values at each place; NaN with fewer than half of them."""
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=1)
    count = np.cumsum(known, axis=1, dtype=np.int64)
    total[:, width:] -= total[:, :-width].copy()
    count[:, width:] -= count[:, :-width].copy()
    mean: Hours = np.full(values.shape, np.nan)
    np.divide(total, count, out=mean, where=2 * count >= width)
    return mean
