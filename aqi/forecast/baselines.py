"""What a forecast has to beat: no change, as yesterday, as usual at this hour.

Histories are arrays of shape (series, hours) whose last column is the hour before the forecast
begins; a missing hour is NaN. Answers have shape (series, horizon) and are NaN where the history
says nothing. Tests: tests/aqi/forecast/test_baselines.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hours = NDArray[np.float64]

DAY = 24
USUAL_DAYS = 28  # what "usual" is taken from
_LEAST_DAYS = 3  # an hour of the day known on fewer days has no usual value


def persistence(history: Hours, horizon: int) -> Hours:
    """The mean of the last 24 hours, unchanged; NaN with fewer than half of them."""
    last = history[:, -DAY:]
    known = np.isfinite(last)
    count = known.sum(axis=1)
    mean = np.divide(
        np.where(known, last, 0.0).sum(axis=1),
        count,
        out=np.full(len(history), np.nan),
        where=2 * count >= DAY,
    )
    return np.repeat(mean[:, None], horizon, axis=1)


def yesterday(history: Hours, horizon: int) -> Hours:
    """The same hour of the last day that has one, of the last three days."""
    padded = _whole_days(history, 3)
    day = padded[:, -1]
    for earlier in (padded[:, -2], padded[:, -3]):
        day = np.where(np.isfinite(day), day, earlier)
    return _repeated(day, horizon)


def climatology(history: Hours, horizon: int, days: int = USUAL_DAYS) -> Hours:
    """The mean of the same hour of the day over the last days."""
    return _repeated(usual_day(history, days), horizon)


def usual_day(history: Hours, days: int = USUAL_DAYS) -> Hours:
    """Mean by hour of the day, shape (series, 24); column 0 is the hour that comes next."""
    by_day = _whole_days(history, days)
    known = np.isfinite(by_day)
    count = known.sum(axis=1)
    total = np.where(known, by_day, 0.0).sum(axis=1)
    usual: Hours = np.full(total.shape, np.nan)
    np.divide(total, count, out=usual, where=count >= min(_LEAST_DAYS, days))
    return usual


def _whole_days(history: Hours, days: int) -> Hours:
    """The last days as (series, days, 24), filled with NaN where the history is shorter."""
    wanted = days * DAY
    short = wanted - history.shape[1]
    if short > 0:
        history = np.pad(history, ((0, 0), (short, 0)), constant_values=np.nan)
    return history[:, -wanted:].reshape(len(history), days, DAY)


def _repeated(day: Hours, horizon: int) -> Hours:
    return np.tile(day, (1, -(-horizon // DAY)))[:, :horizon]
