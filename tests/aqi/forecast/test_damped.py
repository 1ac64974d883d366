"""The damped anomaly: what is unusual now fades as it faded before."""

from __future__ import annotations

import numpy as np

from aqi.forecast.baselines import climatology, persistence
from aqi.forecast.damped import damped
from aqi.forecast.rolling import trial


def slow_weather(series: int, days: int, seed: int = 1) -> np.ndarray:
    """Concentrations with a daily course under weather that lasts about two days."""
    draw = np.random.default_rng(seed)
    hours = days * 24
    weather = np.zeros((series, hours))
    keep = np.exp(-1 / 48)
    for hour in range(1, hours):
        weather[:, hour] = keep * weather[:, hour - 1] + draw.normal(
            0, np.sqrt(1 - keep**2), series
        )
    course = 0.4 * np.sin(2 * np.pi * np.arange(hours) / 24)
    return np.exp(3.5 + course + 0.5 * weather)


def test_beats_both_baselines_where_weather_lasts() -> None:
    """Less error than no change and than the usual day, over three days ahead."""
    history = slow_weather(20, 60)
    errors = {
        model.__name__: np.sqrt(
            np.nanmean((lambda t: (t.forecast - t.measured) ** 2)(trial(model, history, 10)))
        )
        for model in (damped, persistence, climatology)
    }
    assert errors["damped"] < 0.97 * min(errors["persistence"], errors["climatology"]), errors


def test_noise_is_not_carried_on() -> None:
    """Where hours have nothing to do with each other the forecast is the usual day, nearly."""
    draw = np.random.default_rng(2)
    history = np.exp(draw.normal(3, 0.3, (5, 28 * 24)))
    usual = np.expm1(np.log1p(climatology(history, 72)))
    assert np.abs(damped(history, 72) / usual - 1).max() < 0.25


def test_constant_series_stays_constant() -> None:
    """No division by the power of nothing."""
    assert np.allclose(damped(np.full((2, 28 * 24), 17.0), 72), 17.0)


def test_never_negative_and_silent_without_history() -> None:
    """A series without a usual day gets no forecast; negative values are missing ones."""
    history = slow_weather(3, 28)
    history[1] = -5.0
    history[2, :-24] = np.nan
    said = damped(history, 72)
    assert np.isfinite(said[0]).all()
    assert (said[0] >= 0).all()
    assert np.isnan(said[1:]).all()


def test_series_do_not_know_each_other() -> None:
    """A forecast is the same alone and among others."""
    history = slow_weather(4, 30)
    assert np.array_equal(damped(history, 72)[2], damped(history[2:3], 72)[0])
