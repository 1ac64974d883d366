"""Rolling origin: no look ahead, all origins used, ranges that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.forecast.baselines import Hours
from aqi.forecast.models import BASELINES, MODELS
from aqi.forecast.rolling import Trial, skills, trial


def walk(series: int, days: int) -> Hours:
    """Values that wander."""
    return 50 + np.random.default_rng(3).normal(0, 1, (series, days * 24)).cumsum(axis=1)


def test_a_model_sees_only_what_lies_before_its_origin() -> None:
    """The last hour that it is given is the one before what is measured against."""
    history = np.arange(20.0 * 24)[None, :]
    seen: list[float] = []

    def spy(given: Hours, horizon: int) -> Hours:
        seen.append(given[0, -1])
        return np.repeat(given[:, -1:], horizon, axis=1)

    tried = trial(spy, history, origins=5)
    assert tried.measured[0, :, 0].tolist() == [last + 1 for last in seen]
    assert np.diff(seen).tolist() == [24.0] * 4
    assert tried.measured[0, -1, -1] == history[0, -1]


def test_too_short_a_history_is_refused() -> None:
    """One sentence with the length."""
    with pytest.raises(ValueError, match="a history of 100 hours is too short"):
        trial(BASELINES["persistence"], np.ones((1, 100)), origins=3)


def test_skill_is_against_the_best_baseline() -> None:
    """A baseline has no skill against itself, and none of them above nought."""
    history = walk(4, 60)
    tried = {name: trial(model, history, 20) for name, model in BASELINES.items()}
    best = [skills(one, tried) for one in tried.values()]
    assert all(max(day) == pytest.approx(0) for day in zip(*best, strict=True))


def test_every_model_answers_in_the_same_shape() -> None:
    """Series times horizon, without a NaN where all is known."""
    history = np.abs(walk(2, 40))
    for name, model in MODELS.items():
        said = model(history, 72)
        assert said.shape == (2, 72), name
        assert np.isfinite(said).all(), name


def test_ranges_hold_four_fifths() -> None:
    """Forecast plus range holds about 80 % of what was measured, and few errors give none."""
    draw = np.random.default_rng(4)
    forecast = np.full((2, 50, 72), 40.0)
    measured = forecast + draw.normal(0, 8, forecast.shape)
    measured[1, 1:] = np.nan
    low, high = Trial(forecast, measured).ranges()
    inside = (measured[0] >= forecast[0] + low[0]) & (measured[0] <= forecast[0] + high[0])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    assert np.isnan(low[1]).all()
