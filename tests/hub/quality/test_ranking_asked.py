"""Rankings of places over free spans."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from quality_rig import air_site, exactly, index_of, put, quality, utc

from hj212d.hub.quality.questions import RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from store.means import Store

LEVELS = {"PM2.5": 30.0, "PM10": 60.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 110.0}
SITES = [
    air_site("A1", "330106"),
    air_site("A2", "330108"),
    air_site("B1", "330211"),
    air_site("C1", "330301"),
]
WEEK = (utc(date(2026, 10, 12)), utc(date(2026, 10, 19)))


def days(length: int, **levels: float) -> dict[str, np.ndarray]:
    """Days that are all alike."""
    given = {**LEVELS, **{name.replace("_", "."): level for name, level in levels.items()}}
    return {name: np.full(length, level) for name, level in given.items()}


def test_a_week_with_shared_ranks(each_store: Store) -> None:
    """7 days by day means; equal values share a rank, the next is left out."""
    put(
        each_store,
        "day",
        date(2026, 10, 12),
        {"A1": days(7), "A2": days(7, PM10=50.0), "B1": days(7), "C1": days(7, PM10=90.0)},
    )
    found = quality(each_store, SITES).rank(RankQuestion(("stations:*",), *WEEK)).to_pylist()
    assert [(row["place"], row["rank"], row["of"]) for row in found] == [
        ("A2", 1, 4),
        ("A1", 2, 4),
        ("B1", 2, 4),
        ("C1", 4, 4),
    ]
    exact = {name: [exactly(level)] * 7 for name, level in LEVELS.items()}
    assert found[1]["value"] == found[1]["index"] == index_of(exact, 30, 60)
    assert (found[1]["main"], found[3]["main"]) == ("PM2.5;PM10", "PM10")
    assert (found[0]["n"], found[0]["need"], found[0]["mark"]) == (7, 6, "")


def test_within_regions(store: Store) -> None:
    """Counties within their cities."""
    put(store, "day", date(2026, 10, 12), {"A1": days(7), "A2": days(7, O3=90.0), "B1": days(7)})
    asked = RankQuestion(("region:330100*", "region:330200*"), *WEEK, scope="region")
    found = quality(store, SITES).rank(asked).to_pylist()
    assert [(row["region"], row["place"], row["rank"], row["of"]) for row in found] == [
        ("330100", "region:330108", 1, 2),
        ("330100", "region:330106", 2, 2),
        ("330200", "region:330211", 1, 1),
    ]


def test_other_keys(store: Store) -> None:
    """PM2.5, any pollutant, and the share of good days, of which more is better."""
    bad = days(7, PM2_5=20.0)
    bad["O3"][:2] = 200.0
    put(store, "day", date(2026, 10, 12), {"A1": days(7), "A2": bad})
    asks = quality(store, SITES[:2])
    for key, order, values in [
        ("pm25", ["A2", "A1"], [20.0, 30.0]),
        ("o3", ["A1", "A2"], [110.0, 200.0]),
        ("good_days", ["A1", "A2"], [100.0, 71.4]),
    ]:
        found = asks.rank(RankQuestion(("stations:*",), *WEEK, key=key)).to_pylist()
        assert [row["place"] for row in found] == order
        assert [row["value"] for row in found] == values


def test_compared_with_before_and_last_year(store: Store) -> None:
    """Value, rank and change of the week before and of the same days last year, all by the limits
    of this year; and the order of change."""
    for first, worse in [
        (date(2026, 10, 12), "A1"),
        (date(2026, 10, 5), "A2"),
        (date(2025, 10, 12), "A2"),
    ]:
        better = {"A1": "A2", "A2": "A1"}[worse]
        put(store, "day", first, {better: days(7), worse: days(7, PM10=90.0)})
    asked = RankQuestion(("stations:*",), *WEEK, changes=True)
    first, second = quality(store, SITES[:2]).rank(asked).to_pylist()
    clean, dusty = first["value"], second["value"]
    assert (first["place"], first["previous"], first["previous_rank"]) == ("A2", dusty, 2)
    assert (first["last_year"], first["last_year_rank"]) == (dusty, 2)
    assert first["previous_change"] == pytest.approx((clean - dusty) / dusty * 100, abs=0.005)
    assert second["last_year_change"] == pytest.approx((dusty - clean) / clean * 100, abs=0.005)
    assert [(row["change_rank"], row["worst_rank"]) for row in (first, second)] == [
        (1, None),  # it meets all limits, and is not among the worst
        (2, 1),
    ]


def test_by_both_standards(store: Store) -> None:
    """Year on year by the old limits and by the new ones."""
    put(store, "day", date(2025, 10, 12), {"A1": days(7)})
    put(store, "day", date(2026, 10, 12), {"A1": days(7, PM2_5=27.0)})
    asked = RankQuestion(("A1",), *WEEK, standards=("old", "new"))
    old, new = quality(store, SITES).rank(asked).to_pylist()
    exact = {name: [exactly(level)] for name, level in LEVELS.items()}
    now = {**exact, "PM2.5": [exactly(27.0)]}
    assert (old["standard"], old["value"], old["last_year"]) == (
        "GB3095-2012",
        index_of(now, 35, 70),
        index_of(exact, 35, 70),
    )
    assert (new["standard"], new["value"], new["last_year"]) == (
        "GB3095-2026-transition",
        index_of(now, 30, 60),
        index_of(exact, 30, 60),
    )


def test_a_quarter_by_month_means(store: Store) -> None:
    """The mean of the months' means, which is not the mean of the days; percentiles are of all
    days; a month with too few days leaves no rank."""
    for month, level, length in [(7, 20.0, 31), (8, 30.0, 27), (9, 40.0, 30)]:
        put(store, "day", date(2026, month, 1), {"A1": days(length, PM2_5=level)})
        put(store, "day", date(2026, month, 1), {"A2": days(20 if month == 8 else length)})
    span = (utc(date(2026, 7, 1)), utc(date(2026, 10, 1)))
    asks = quality(store, SITES, QualitySettings(decimals={"HJ663-2026": {"period/PM2.5": 3}}))
    by_day = asks.rank(RankQuestion(("A1",), *span, key="pm25")).to_pylist()[0]
    assert by_day["value"] == round((20 * 31 + 30 * 27 + 40 * 30) / 88, 3)
    asked = RankQuestion(("A1", "A2"), *span, key="pm25", basis="month")
    first, second = asks.rank(asked).to_pylist()
    assert (first["place"], first["value"], first["rank"]) == ("A1", 30.0, 1)
    assert (second["rank"], second["value"], second["mark"]) == (None, None, "PM2.5:short")
    with pytest.raises(ValueError, match="whole months"):
        asks.rank(RankQuestion(("A1",), *WEEK, basis="month"))


def test_one_station_over_time(store: Store) -> None:
    """Its own weeks in order; a week with too few days comes last, without a rank."""
    first = date(2026, 10, 5)
    for week, level in enumerate([80.0, 60.0, 60.0, 70.0]):
        length = 3 if week == 3 else 7
        put(store, "day", first + timedelta(weeks=week), {"A1": days(length, PM10=level)})
    span = (utc(first), utc(first + timedelta(weeks=4)))
    found = quality(store, SITES).rank(
        RankQuestion(("A1",), *span, key="pm10", scope="time", step="week")
    )
    assert [(row["start"], row["rank"], row["value"]) for row in found.to_pylist()] == [
        (utc(first + timedelta(weeks=1)), 1, 60.0),
        (utc(first + timedelta(weeks=2)), 1, 60.0),
        (utc(first), 3, 80.0),
        (utc(first + timedelta(weeks=3)), None, 70.0),
    ]


def test_methods_and_weights(store: Store) -> None:
    """The preset and weights of a deployment are marked as not confirmed."""
    put(store, "day", date(2026, 10, 12), {"A1": days(7)})
    asks = quality(store, SITES, QualitySettings(weights={"PM2.5": 2.0}))
    row = asks.rank(RankQuestion(("A1",), *WEEK)).to_pylist()[0]
    assert (row["method"], row["mark"]) == ("rank2014*", "unconfirmed_method")
    preset = asks.rank(RankQuestion(("A1",), *WEEK, method="w2026_unconfirmed")).to_pylist()[0]
    assert preset["mark"] == "unconfirmed_method"
    assert preset["value"] > row["value"]
    annex = asks.rank(RankQuestion(("A1",), *WEEK, method="HJ663-C")).to_pylist()[0]
    assert annex["value"] is not None
    with pytest.raises(ValueError, match="rank2099"):
        asks.rank(RankQuestion(("A1",), *WEEK, method="rank2099"))


def test_the_course_of_a_station(store: Store) -> None:
    """Six weeks, each cleaner than the one before: PM10 falls; four are too few to say."""
    first = date(2026, 9, 7)
    for week in range(6):
        put(store, "day", first + timedelta(weeks=week), {"A1": days(7, PM10=90.0 - 5 * week)})
    asks = quality(store, SITES)
    for weeks, course in [(6, ("falling", -1.0)), (4, ("too_few", None))]:
        span = (utc(first), utc(first + timedelta(weeks=weeks)))
        found = asks.rank(RankQuestion(("A1",), *span, key="pm10", scope="time", step="week"))
        rows = found.to_pylist()
        assert {(row["trend"], row["trend_r"]) for row in rows} == {course}
