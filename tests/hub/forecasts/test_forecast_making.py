"""Forecasts of places: whole days ahead, with range, error and skill, from the rows of the AQI."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.hub.forecasts.history import HOUR_US, History, history_of
from hj212d.hub.forecasts.making import Plan, horizon_h, make, unknown_models
from hj212d.hub.quality.tables import AQI_ROWS
from store.means import FORECASTS

END = datetime(2026, 11, 20, 10, tzinfo=UTC)  # 18:00 in Beijing
END_US = int(END.timestamp()) * 1_000_000


def some_history(days: int = 40, places: int = 2) -> History:
    """A daily course under slow weather; the second place is four times the first."""
    draw = np.random.default_rng(7)
    hours = np.arange(days * 24)
    weather = draw.normal(0, 0.05, (1, len(hours))).cumsum(axis=1)
    course = 0.5 * np.sin(2 * np.pi * hours / 24)
    series = np.exp(3 + course + weather) * np.array([[1.0], [4.0]])[:places]
    return History([f"place-{n}" for n in range(places)], END_US, {"PM2.5": series})


def test_the_horizon_ends_with_the_last_whole_day() -> None:
    """Made at 18:00 for three days: six hours of this evening and three days."""
    assert horizon_h(END_US, 3) == 78
    assert horizon_h(END_US + 6 * HOUR_US, 3) == 72


def test_rows_of_every_model_with_error_and_skill() -> None:
    """Each hour once for each model and place; the best baseline of a day has skill 0 and none
    of the baselines more; a range that holds its value."""
    made = make(some_history(), Plan(("damped",)))
    assert made.schema == FORECASTS
    counts = made.group_by(["model", "place"]).aggregate([("start", "count_distinct")])
    assert set(counts["start_count_distinct"].to_pylist()) == {78}
    assert made.num_rows == 4 * 2 * 78
    assert pc.min(made["start"]).as_py() == END.replace(tzinfo=None)
    baselines = made.filter(pc.not_equal(made["model"], "damped"))
    best = baselines.group_by(["place", "start"]).aggregate([("skill", "max")])
    assert np.allclose(best["skill_max"].to_numpy(), 0)
    damped = made.filter(pc.equal(made["model"], "damped"))
    assert damped["skill"].null_count == 0
    inside = pc.and_(pc.less_equal(made["low"], made["high"]), pc.greater_equal(made["low"], 0.0))
    assert pc.all(inside).as_py()


def test_a_short_history_has_a_forecast_without_skill() -> None:
    """Five days allow a forecast of three but no trial: no error, no skill, no range."""
    made = make(some_history(days=5), Plan(("damped",)))
    assert set(made["model"].to_pylist()) >= {"persistence", "yesterday"}
    for name in ("rmse", "skill", "low", "high"):
        assert made[name].null_count == made.num_rows


def test_a_place_that_is_silent_has_no_rows() -> None:
    """And does not disturb the other."""
    history = some_history()
    alone = make(some_history(places=1), Plan(("damped",)))
    history.values["PM2.5"][1] = np.nan
    made = make(history, Plan(("damped",)))
    assert set(made["place"].to_pylist()) == {"place-0"}
    assert made.equals(alone)


def test_progress_is_told_and_unknown_models_are_named() -> None:
    """As many steps as pollutants times models, each once."""
    told: list[tuple[int, int]] = []
    make(some_history(days=20), Plan(("damped",)), lambda done, of: told.append((done, of)))
    assert told == [(n, 4) for n in range(1, 5)]
    assert unknown_models(["damped", "crystal ball"]) == ["crystal ball"]


def test_history_from_rows_of_the_aqi() -> None:
    """Each hour in its column; what is missing or outside is not there."""
    starts = [END.replace(tzinfo=None) - timedelta(hours=hour) for hour in (1, 3, 400)]
    rows = pa.Table.from_pylist(
        [
            {"place": place, "start": start, "pm25": 10.0 * n, "co": 0.5}
            for place in ("b", "a")
            for n, start in enumerate(starts)
        ],
        schema=AQI_ROWS,
    )
    history = history_of(rows, END_US, 14)
    assert history.places == ["a", "b"]
    series = history.values["PM2.5"]
    assert series.shape == (2, 14 * 24)
    assert series[0, -1] == 0.0
    assert series[0, -3] == 10.0
    assert np.isfinite(series).sum() == 4
    assert np.isnan(history.values["O3"]).all()
