"""Rolling origin: what a model would have said on each of the last days, against what came.

It never sees an hour behind its origin. From the same errors come the ranges shown around a
forecast. Tests: tests/aqi/forecast/test_rolling_origin.py.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aqi.forecast.baselines import DAY, Hours
from aqi.forecast.models import HORIZON_H, Model
from aqi.forecast.scores import LEAST_PAIRS, Score, score, skill

_SHARE_OUTSIDE = 0.1  # on each side of the range
_LEAST_ERRORS = 30


class Trial(msgspec.Struct, frozen=True):
    """Of one model: forecasts and what was measured, both of shape (series, origins, horizon)."""

    forecast: Hours
    measured: Hours

    def scores(self) -> list[Score]:
        """A score for each day ahead, all series together."""
        return [
            score(said, found)
            for said, found in zip(_days(self.forecast), _days(self.measured), strict=True)
        ]

    def by_series(self) -> list[Score]:
        """A score for each series, all days ahead together."""
        return [
            score(said, found) for said, found in zip(self.forecast, self.measured, strict=True)
        ]

    def errors(self) -> Hours:
        """Root mean square error of each series on each day ahead: shape (series, days); NaN
        where there are too few pairs."""
        found = []
        for said, came in zip(_days(self.forecast), _days(self.measured), strict=True):
            wrong = (said - came) ** 2
            n = np.isfinite(wrong).sum(axis=(1, 2))
            total = np.nansum(wrong, axis=(1, 2))
            error = np.full(len(wrong), np.nan)
            np.divide(total, n, out=error, where=n >= LEAST_PAIRS)
            found.append(np.sqrt(error))
        return np.stack(found, axis=1)

    def ranges(self) -> tuple[Hours, Hours]:
        """What to add to a forecast for the lower and the upper end of its range, which 80 % of
        the errors lay within: shape (series, horizon), the same for all hours of a day ahead.
        NaN for a series with too few errors."""
        error = self.measured - self.forecast
        low = np.full((len(error), error.shape[2]), np.nan)
        high = low.copy()
        for series in range(len(error)):
            for first in range(0, error.shape[2], DAY):
                found = error[series, :, first : first + DAY]
                found = found[np.isfinite(found)]
                if len(found) >= _LEAST_ERRORS:
                    ends = np.quantile(found, (_SHARE_OUTSIDE, 1 - _SHARE_OUTSIDE))
                    low[series, first : first + DAY], high[series, first : first + DAY] = ends
        return low, high


def trial(
    model: Model, history: Hours, origins: int, horizon: int = HORIZON_H, step_h: int = DAY
) -> Trial:
    """Let a model forecast from each of the last ``origins`` moments for which the whole horizon
    was measured since, ``step_h`` apart. ValueError when the history is too short for any."""
    last = history.shape[1] - horizon
    places = [last - step_h * number for number in reversed(range(origins))]
    places = [place for place in places if place >= 3 * DAY]
    if not places:
        raise ValueError(
            f"a history of {history.shape[1]} hours is too short for a trial of {horizon} hours"
        )
    said = [model(history[:, :place], horizon) for place in places]
    found = [history[:, place : place + horizon] for place in places]
    return Trial(np.stack(said, axis=1), np.stack(found, axis=1))


def skills(tried: Trial, baselines: dict[str, Trial]) -> list[float | None]:
    """Skill by day ahead against the best of some baselines that day; None: it made no error."""
    rivals = [rival.scores() for rival in baselines.values()]
    found = []
    for day, own in enumerate(tried.scores()):
        known = [rival[day] for rival in rivals if rival[day].rmse is not None]
        best = min(known, key=lambda one: one.rmse or 0.0, default=None)
        found.append(None if best is None else skill(own, best))
    return found


def _days(values: Hours) -> list[Hours]:
    return [values[:, :, first : first + DAY] for first in range(0, values.shape[2], DAY)]
