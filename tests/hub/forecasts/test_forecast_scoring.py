"""Scores of models tried anew and of kept forecasts equal what is reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from hj212d.hub.forecasts.history import History
from hj212d.hub.forecasts.making import Plan
from hj212d.hub.forecasts.scoring import tried, verified
from store.means import FORECASTS

END = datetime(2026, 11, 20, 16, tzinfo=UTC)  # midnight in Beijing
END_US = int(END.timestamp()) * 1_000_000
DAYS = 30


def history(value: float = 50.0) -> History:
    """Days that are all alike but for a step of the last ten."""
    series = np.full((1, DAYS * 24), value)
    series[:, -240:] += 100.0
    return History(["A"], END_US, {"PM2.5": series})


def test_models_are_tried_and_days_judged() -> None:
    """After the step persistence is right and the usual day wrong: 150 is level 4, not 2."""
    found = tried(history(), Plan(("damped",), trial_origins=4)).to_pylist()
    by = {(row["model"], row["pollutant"], row["day"]): row for row in found}
    right = by["persistence", "PM2.5", 1]
    assert (right["n"], right["rmse"], right["skill"]) == (4 * 24, 0.0, None)
    assert by["climatology", "PM2.5", 1]["bias"] < -70
    assert by["persistence", "AQI", 1]["level_hits"] == 1.0
    assert by["persistence", "AQI", 1]["range_hits"] == 1.0
    assert by["climatology", "AQI", 1]["level_hits"] == 0.0


def test_kept_forecasts_against_what_came() -> None:
    """Issued two days before the end, 5 too high: first and second day ahead, other places and
    hours that have not come yet left out."""
    issued = END.replace(tzinfo=None) - timedelta(days=2)
    rows = [
        {
            "issued": issued,
            "model": "cams",
            "place": place,
            "factor": "a34004",
            "level": "hour",
            "start": issued + timedelta(hours=hour),
            "value": 155.0,
        }
        for place in ("A", "B")
        for hour in range(72)
    ]
    found = verified(pa.Table.from_pylist(rows, schema=FORECASTS), history()).to_pylist()
    assert [(row["day"], row["n"], row["mae"], row["bias"]) for row in found] == [
        (1, 24, 5.0, 5.0),
        (2, 24, 5.0, 5.0),
    ]


def test_too_short_a_history_is_said() -> None:
    """Four days cannot try three."""
    short = history()
    short.values["PM2.5"] = short.values["PM2.5"][:, -96:]
    with pytest.raises(ValueError, match="too short for a trial"):
        tried(short, Plan(("damped",)))
