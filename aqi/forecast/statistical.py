"""Seasons taken off, the rest by exponential smoothing: MSTL with AutoETS of statsforecast.

A tenth of a second a series: for the stations of a county, not of a province (damped.py is).
statsforecast comes with the extra "analysis" and is imported when it is needed.
Tests: tests/aqi/forecast/test_statistical.py.
"""

from __future__ import annotations

import numpy as np

from aqi.forecast.baselines import DAY, Hours

HISTORY_DAYS = 56
_LEAST_DAYS = 14
_LEAST_SHARE = 0.75  # of the hours that must be known


class NotInstalled(Exception):
    """The library is not there; the text says what to install."""


def mstl(history: Hours, horizon: int) -> Hours:
    """Forecast of shape (series, horizon); NaN for a series with less than two weeks of hours or
    with less than three quarters of them. NotInstalled without statsforecast."""
    try:
        from statsforecast.models import MSTL, AutoETS
    except ImportError as missing:
        raise NotInstalled(
            "the model mstl needs statsforecast: pip install 'hj212d[analysis]'"
        ) from missing
    forecast = np.full((len(history), horizon), np.nan)
    for place, series in enumerate(history[:, -HISTORY_DAYS * DAY :]):
        known = _filled(np.log1p(np.where(series >= 0, series, np.nan)))
        if known is None:
            continue
        model = MSTL([DAY], trend_forecaster=AutoETS(model="ZZN"))
        forecast[place] = np.maximum(np.expm1(model.forecast(y=known, h=horizon)["mean"]), 0.0)
    return forecast


def _filled(series: Hours) -> Hours | None:
    """The series from its first known hour on, its gaps bridged in a straight line; None: too
    little is known."""
    known = np.flatnonzero(np.isfinite(series))
    if not len(known):
        return None
    first = known[0]
    length = len(series) - first
    if length < _LEAST_DAYS * DAY or len(known) < _LEAST_SHARE * length:
        return None
    return np.interp(np.arange(first, len(series)), known, series[known])
