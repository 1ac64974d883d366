"""Questions of air quality, asked of a real store, held against an independent reckoning."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import numpy as np
import pytest
from quality_rig import (
    AS_OF,
    air_site,
    aqi_of,
    exactly,
    half_even,
    index_of,
    mean_of,
    percentile_of,
    put,
    quality,
    utc,
)

from aqi.factors import POLLUTANTS
from aqi.standards import missing_colour
from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.quality.tables import AQI_ROWS, COLUMNS, EVALUATION_ROWS, RANK_ROWS
from store.means import Store

OCTOBER, DAYS = date(2026, 10, 1), 31
SPAN = (utc(OCTOBER), utc(date(2026, 11, 1)))
LEVELS = {"PM2.5": 40.0, "PM10": 70.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 110.0}
SITES = [
    air_site("A1", "330106"),
    air_site("A2", "330108"),
    air_site("B1", "330200"),
    air_site("B2", "330200", role="control"),
]


def a_month(seed: int) -> dict[str, np.ndarray]:
    """Daily values of one decimal, CO of two."""
    chance = np.random.default_rng(seed)
    return {
        name: np.round(level * chance.uniform(0.3, 2.2, DAYS), 2 if name == "CO" else 1)
        for name, level in LEVELS.items()
    }


MONTH = {site.mn: a_month(number) for number, site in enumerate(SITES)}


def fractions(mn: str) -> dict[str, list[Fraction]]:
    """The days of a station as they read."""
    return {name: [exactly(one) for one in its] for name, its in MONTH[mn].items()}


def city(*mns: str) -> dict[str, list[Fraction]]:
    """Day by day the mean of stations."""
    each = [fractions(mn) for mn in mns]
    return {
        name: [mean_of(day) for day in zip(*(one[name] for one in each), strict=True)]
        for name in POLLUTANTS
    }


def test_each_row_says_where_it_comes_from() -> None:
    """Standard, mark, revision and as_of stand in each table."""
    for schema in (AQI_ROWS, EVALUATION_ROWS, RANK_ROWS):
        assert {"standard", "mark", "revision", "as_of"} <= set(schema.names)
    assert set(COLUMNS.values()) <= set(AQI_ROWS.names) & set(RANK_ROWS.names)


def test_aqi_of_days(each_store: Store) -> None:
    """Stations and regions; a region is the mean of its assessed sites, then the index; the same
    from both engines."""
    store = each_store
    put(store, "day", OCTOBER, MONTH)
    asked = AqiQuestion(("A1", "region:330100", "region:330200"), "day", *SPAN)
    rows = quality(store, SITES).aqi(asked).to_pylist()
    assert len(rows) == 3 * DAYS
    for place, days in [
        ("A1", fractions("A1")),
        ("region:330100", city("A1", "A2")),
        ("region:330200", fractions("B1")),  # without its control site
    ]:
        its = [row for row in rows if row["place"] == place]
        for number, row in enumerate(its):
            day = {name: values[number] for name, values in days.items()}
            assert row["aqi"] == aqi_of(day, "2026")
            assert row["published_aqi"] == str(row["aqi"])
            assert row["pm25"] == pytest.approx(float(day["PM2.5"]), abs=1e-9)
            assert (row["mark"], row["missing"]) == ("", "")
            assert (row["standard"], row["revision"], row["as_of"]) == ("HJ633-2026", 1, AS_OF)
    assert rows[0]["start"] == utc(OCTOBER)
    assert {row["sites"] for row in rows if row["place"] == "region:330100"} == {2}


def test_a_day_that_changes_version(store: Store) -> None:
    """The last of February by the version of 2012, the first of March by that of 2026; by hand
    one version for both."""
    days = {"A1": {name: np.full(2, level) for name, level in LEVELS.items()}}
    days["A1"]["PM2.5"] = np.full(2, 70.0)
    put(store, "day", date(2026, 2, 28), days)
    span = (utc(date(2026, 2, 28)), utc(date(2026, 3, 2)))
    asks = quality(store, SITES)
    auto = asks.aqi(AqiQuestion(("A1",), "day", *span)).to_pylist()
    assert [(row["standard"], row["aqi"]) for row in auto] == [
        ("HJ633-2012", 94),
        ("HJ633-2026", 110),
    ]
    old = asks.aqi(AqiQuestion(("A1",), "day", *span, standard="HJ633-2012"))
    assert old["aqi"].to_pylist() == [94, 94]


def test_missing_values_are_marked(store: Store) -> None:
    """A missing pollutant stops publication below 100, says so, and leaves the rest judged; a day
    without rows has no index."""
    days = {"A1": {name: np.full(2, level) for name, level in LEVELS.items()}}
    days["A1"]["SO2"][0] = np.nan
    days["A1"]["NO2"][1] = 33.0
    put(store, "day", OCTOBER, days, marks={("A1", "NO2", 1): "review"})
    span = (utc(OCTOBER), utc(date(2026, 10, 4)))
    first, second, third = (
        quality(store, SITES).aqi(AqiQuestion(("A1",), "day", *span)).to_pylist()
    )
    assert (first["published_aqi"], first["published_primary"]) == ("NA", "NA")
    assert (first["missing"], first["mark"]) == ("SO2", "SO2:short")
    assert first["aqi"] is not None
    assert (second["no2"], second["missing"], second["mark"]) == (None, "NO2", "NO2:review")
    assert (third["aqi"], third["level"], third["colour"]) == (None, None, missing_colour())
    assert third["as_of"] is None


def test_hours(store: Store) -> None:
    """Hours by the 1 h nodes; ozone of the hour; the label's hour begins at its start."""
    hours = {"A1": {name: np.full(24, level) for name, level in LEVELS.items()}}
    put(store, "hour", OCTOBER, hours)
    found = quality(store, SITES).aqi(AqiQuestion(("A1",), "hour", *SPAN)).to_pylist()
    assert len(found) == 24 * DAYS
    assert found[0]["o3_iaqi"] == 35  # 110 of 160 at 50
    assert found[0]["aqi"] == 65  # PM10 70 through the 24 h nodes, 50 at 50, 100 at 120
    assert found[0]["primary"] == "PM10"
    assert [row["aqi"] for row in found[24:]] == [None] * (24 * (DAYS - 1))


def test_running_means_of_2012(store: Store) -> None:
    """By the text of 2012 particles go by running means of 24 hours, also for the first hour that
    is asked for."""
    hours = {"A1": {name: np.full(48, level) for name, level in LEVELS.items()}}
    hours["A1"]["PM2.5"][24:] = 136.0
    put(store, "hour", date(2026, 1, 1), hours)
    settings = QualitySettings(pm_realtime="running24h")
    span = (utc(date(2026, 1, 2)), utc(date(2026, 1, 3)))
    found = quality(store, SITES, settings).aqi(AqiQuestion(("A1",), "hour", *span))
    # 23 hours of 40 and one of 136: 44, which is 50 + 9/40 x 50 = 61.25
    assert found["pm25_iaqi"].to_pylist()[0] == 62
    assert found["pm25_iaqi"].to_pylist()[-1] == 180  # 136 of 115 to 150


def test_an_evaluation_by_fractions(store: Store) -> None:
    """Every statistic of a month, the index and the good days of a region."""
    put(store, "day", OCTOBER, MONTH)
    found = quality(store, SITES).evaluate(EvaluationQuestion(("region:330100",), *SPAN))
    rows = {(row["pollutant"], row["statistic"]): row for row in found.to_pylist()}
    days = city("A1", "A2")
    for name, statistic, decimals in [
        ("PM2.5", "mean", 1),
        ("PM2.5", "p95", 1),
        ("SO2", "p98", 1),
        ("CO", "p95", 2),
        ("O3", "p90", 1),
    ]:
        exact = (
            mean_of(days[name])
            if statistic == "mean"
            else percentile_of(days[name], int(statistic[1:]))
        )
        row = rows[name, statistic]
        assert row["value"] == half_even(exact, decimals)
        assert row["exact"] == pytest.approx(float(exact), abs=1e-6)
        assert row["meets"] == (half_even(exact, 0) <= row["limit"])
        assert (row["n"], row["need"], row["mark"]) == (31, 27, "")
    assert rows["", "index"]["value"] == index_of(days, 30, 60)
    aqis = [aqi_of({name: days[name][at] for name in days}, "2026") for at in range(DAYS)]
    good = sum(one <= 100 for one in aqis)
    assert 0 < good < DAYS
    assert rows["", "good_days"]["value"] == good
    assert rows["", "good_share"]["value"] == half_even(Fraction(good * 100, DAYS), 1)
    assert rows["", "heavy_days"]["value"] == sum(one > 200 for one in aqis)
    within = sum(half_even(one, 0) <= 60 for one in days["PM2.5"])
    assert rows["PM2.5", "days"]["value"] == half_even(Fraction(within * 100, DAYS), 1)
    assert rows["", "index"]["standard"] == "GB3095-2026-transition"


def test_a_month_of_twenty_days(store: Store) -> None:
    """It has figures, no verdict, no rank, and says why."""
    days = {name: values.copy() for name, values in MONTH["A1"].items()}
    for values in days.values():
        values[20:] = np.nan
    put(store, "day", OCTOBER, {"A1": days, "A2": MONTH["A2"]})
    asks = quality(store, SITES)
    found = asks.evaluate(EvaluationQuestion(("A1",), *SPAN)).to_pylist()
    assert {row["mark"] for row in found} == {"short"}
    assert [row["meets"] for row in found] == [None] * len(found)
    assert found[0]["value"] is not None
    ranked = asks.rank(RankQuestion(("A1", "A2"), *SPAN)).to_pylist()
    assert [(row["place"], row["rank"], row["of"]) for row in ranked] == [
        ("A2", 1, 1),
        ("A1", None, 1),
    ]
    assert ranked[1]["mark"].startswith("PM2.5:short;PM10:short")
    assert (ranked[1]["n"], ranked[1]["need"], ranked[1]["index"]) == (20, 27, None)


def test_a_year_across_the_change_is_judged_by_one_set(store: Store) -> None:
    """2026 has two sets of limits: one is chosen, all rows name it, and say that it was needed."""
    put(store, "day", date(2026, 2, 1), {"A1": {k: np.full(59, v) for k, v in LEVELS.items()}})
    asks = quality(store, SITES)
    span = (utc(date(2026, 2, 1)), utc(date(2026, 4, 1)))
    auto = asks.evaluate(EvaluationQuestion(("A1",), *span)).to_pylist()
    assert {row["standard"] for row in auto} == {"GB3095-2026-transition"}
    assert {row["mark"] for row in auto} == {"two_standards"}
    for chosen, name in [("old", "GB3095-2012"), ("new", "GB3095-2026-transition")]:
        found = asks.evaluate(EvaluationQuestion(("A1",), *span, standard=chosen)).to_pylist()
        assert {(row["standard"], row["mark"]) for row in found} == {(name, "")}


def test_three_years(store: Store) -> None:
    """The mean of three annual means, called an assumption; a missing year leaves no verdict."""
    years = {2024: 30.3, 2025: 31.4, 2026: 35.2}
    for year, level in years.items():
        days = {name: np.full(366, value) for name, value in LEVELS.items()}
        days["PM2.5"][:] = level
        put(store, "day", date(year, 1, 1), {"A1": days})
    asks = quality(store, SITES)
    asked = EvaluationQuestion(
        ("A1",), utc(date(2026, 1, 1)), utc(date(2027, 1, 1)), standard="new", years=3
    )
    row = asks.evaluate(asked).to_pylist()[0]
    assert (row["pollutant"], row["statistic"], row["value"]) == ("PM2.5", "mean", 32.3)
    assert (row["meets"], row["mark"]) == (False, "assumed_formula")
    month = EvaluationQuestion(("A1",), *SPAN, years=3)
    with pytest.raises(ValueError, match="whole years"):
        asks.evaluate(month)
    earlier = EvaluationQuestion(("A1",), utc(date(2025, 1, 1)), utc(date(2026, 1, 1)), years=3)
    assert asks.evaluate(earlier).to_pylist()[0]["meets"] is None


@pytest.mark.parametrize(
    ("places", "start", "end", "problem"),
    [
        (("region:33x",), *SPAN, "2, 4, 6, 9 or 12 digits"),
        (("stations:99",), *SPAN, "no place"),
        (("A1",), SPAN[1], SPAN[0], "start must be before"),
        (("A1", "A2"), datetime(1, 1, 2), datetime(9990, 1, 1), "ask in pieces"),
    ],
)
def test_wrong_questions(
    store: Store, places: tuple[str, ...], start: datetime, end: datetime, problem: str
) -> None:
    """They are refused in one sentence."""
    with pytest.raises(ValueError, match=problem):
        quality(store, SITES).evaluate(EvaluationQuestion(places, start, end))
