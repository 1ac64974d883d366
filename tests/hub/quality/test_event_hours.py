"""With and without approved exceptional events."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from quality_rig import air_site, aware, put, quality, utc

from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from store.means import Store
from store.registry.decisions import EventRecord

DAY = date(2026, 4, 10)
SPAN = (utc(DAY), utc(date(2026, 4, 11)))
SITES = [air_site("A", "330106"), air_site("B", "110101")]
LEVELS = {"PM2.5": 30.0, "PM10": 60.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 80.0}


def dusty(hours: int) -> dict[str, np.ndarray]:
    """Hours of a day of which the last ones bring dust."""
    found = {name: np.full(24, level) for name, level in LEVELS.items()}
    found["PM10"][24 - hours :] = 660.0
    return found


def filled(store: Store, hours: int) -> None:
    """Two stations with the same day, as hours and as a day."""
    day = {name: np.array([np.mean(values)]) for name, values in dusty(hours).items()}
    for mn in ("A", "B"):
        put(store, "hour", DAY, {mn: dusty(hours)})
        put(store, "day", DAY, {mn: day})


def dust(first: int, **more: object) -> EventRecord:
    """An approved event over Hangzhou from an hour on to the end of the day."""
    known = {"kind": "dust", "area": ["330100"], "start": aware(DAY, first)}
    end = aware(date(2026, 4, 11))
    return EventRecord(**{**known, "end": end, "state": "approved", **more})  # type: ignore[arg-type]


def test_a_day_is_made_of_the_hours_left(store: Store) -> None:
    """Four hours of dust leave twenty clean ones; other places and pollutants keep all."""
    filled(store, 4)
    asks = quality(store, SITES, events=[dust(20)])
    for events, pm10 in [("with", 160.0), ("without", 60.0)]:
        found = asks.aqi(AqiQuestion(("A", "B"), "day", *SPAN, events=events)).to_pylist()
        assert [row["pm10"] for row in found] == [pytest.approx(pm10), pytest.approx(160.0)]
        assert [row["pm25"] for row in found] == [30.0, 30.0]
        assert {(row["so2"], row["events"], row["mark"]) for row in found} == {(8.0, events, "")}


def test_too_few_hours_left(store: Store) -> None:
    """Five hours of dust leave nineteen: the day has no particles, and the marks say why."""
    filled(store, 5)
    asks = quality(store, SITES, events=[dust(19)])
    found = asks.aqi(AqiQuestion(("A",), "day", *SPAN, events="without")).to_pylist()[0]
    assert (found["pm10"], found["mark"], found["missing"]) == (
        None,
        "PM2.5:event;PM10:event",
        "PM2.5;PM10",
    )


def test_hours_and_what_is_taken(store: Store) -> None:
    """Dust takes particles; an event that names ozone at one station takes that."""
    filled(store, 4)
    fire = dust(22, kind="exceptional", area=["A"], pollutants=["O3"])
    asks = quality(store, SITES, events=[dust(20), fire])
    found = asks.aqi(AqiQuestion(("A",), "hour", *SPAN, events="without")).to_pylist()
    assert [row["mark"] for row in found] == [
        *[""] * 20,
        *["PM2.5:event;PM10:event"] * 2,
        *["PM2.5:event;PM10:event;O3:event"] * 2,
    ]
    assert found[20]["so2"] == 8.0


def test_good_days_are_counted_with_dust(store: Store) -> None:
    """As national reports do, unless a deployment wants it otherwise."""
    filled(store, 4)
    asked = EvaluationQuestion(("A",), *SPAN, events="both")
    for good_days, counts in [("with", [0.0, 0.0]), ("without", [0.0, 1.0])]:
        settings = QualitySettings(good_days=good_days)
        rows = quality(store, SITES, settings, [dust(20)]).evaluate(asked).to_pylist()
        good = [row for row in rows if row["statistic"] == "good_days"]
        assert [(row["events"], row["value"]) for row in good] == [
            ("with", counts[0]),
            ("without", counts[1]),
        ]
        pm10 = [row for row in rows if (row["pollutant"], row["statistic"]) == ("PM10", "mean")]
        assert [row["value"] for row in pm10] == [160.0, 60.0]


def test_ranking_without_events(store: Store) -> None:
    """The dusty city is first once its dust is out."""
    filled(store, 4)
    asks = quality(store, SITES, events=[dust(20)])
    for events, order in [("with", {"A": 1, "B": 1}), ("without", {"A": 1, "B": 2})]:
        found = asks.rank(RankQuestion(("A", "B"), *SPAN, events=events)).to_pylist()
        assert {row["place"]: row["rank"] for row in found} == order
