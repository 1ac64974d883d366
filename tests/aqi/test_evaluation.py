"""The statistics of HJ 663 and what is judged by them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from aqi.decimals import Decimals
from aqi.evaluation import (
    EXCEEDS,
    MEETS,
    UNKNOWN,
    all_meet,
    days_within_limit,
    evaluate,
    good_days,
    heavy_days,
    items,
    judged,
    multiple,
    verdicts,
)
from aqi.exact import Exact, mean
from aqi.factors import POLLUTANTS
from aqi.limits import limits_named
from aqi.means.validity import rules

OLD = limits_named("GB3095-2012")
AIR = rules()["air"]
DECIMALS = Decimals("HJ663-2013")
CLASS_2 = np.array([2])


def one(value: float) -> Exact:
    """A value as statistics are held."""
    return mean(np.array([[value]]))[0]


def year_of(**levels: float) -> dict[str, np.ndarray]:
    """A place whose days of 2025 are all alike."""
    given = zip(POLLUTANTS, levels.values(), strict=True)
    return {name: np.full((1, 365), float(value)) for name, value in given}


CLEAN = year_of(pm25=30, pm10=60, so2=9, no2=14, co=1.1, o3=96)


def test_items_of_the_six() -> None:
    """Ten statistics; ozone and CO have no annual mean."""
    six = [item for item in items() if item.pollutant in POLLUTANTS]
    assert len(six) == 10
    assert [item.statistic for item in six if item.pollutant in ("CO", "O3")] == ["p95", "p90"]


def test_a_clean_year() -> None:
    """All items meet, nothing is exceeded."""
    found = evaluate(CLEAN, date(2025, 1, 1), OLD, CLASS_2, DECIMALS, AIR)
    assert [one.verdict.tolist() for one in found] == [[MEETS]] * 10
    assert all(np.isnan(one.multiple).all() and one.valid.all() for one in found)
    assert all_meet(found, POLLUTANTS).tolist() == [MEETS]
    assert {one.item: one.value.tolist() for one in found}[items()[0]] == [30.0]


def test_class_1_is_stricter() -> None:
    """30 ug/m3 of PM2.5 exceed 15 by 1.00."""
    found = evaluate(CLEAN, date(2025, 1, 1), OLD, np.array([1]), DECIMALS, AIR)[0]
    assert (found.verdict.tolist(), found.multiple.tolist()) == ([EXCEEDS], [1.0])


def test_one_item_decides() -> None:
    """P95 above the daily limit fails a year whose mean is fine."""
    dirty = dict(CLEAN)
    dirty["PM2.5"] = np.full((1, 365), 20.0)
    dirty["PM2.5"][0, :30] = 110.0
    found = evaluate(dirty, date(2025, 1, 1), OLD, CLASS_2, DECIMALS, AIR)
    assert [one.verdict.tolist() for one in found[:2]] == [[MEETS], [EXCEEDS]]
    assert found[1].multiple.tolist() == [0.47]  # 110 of 75
    assert all_meet(found, POLLUTANTS).tolist() == [EXCEEDS]


def test_too_few_days_have_a_value_but_no_verdict() -> None:
    """A month of 20 days is shown and not judged; so is what stands on it."""
    days = {name: values[:, :31].copy() for name, values in CLEAN.items()}
    days["SO2"][0, 20:] = np.nan
    found = evaluate(days, date(2025, 1, 1), OLD, CLASS_2, DECIMALS, AIR)
    so2 = next(one for one in found if one.item.pollutant == "SO2")
    assert (so2.value.tolist(), so2.n.tolist(), so2.need) == ([9.0], [20], 27)
    assert not so2.valid.any()
    assert so2.verdict.tolist() == [UNKNOWN]
    assert all_meet(found, POLLUTANTS).tolist() == [UNKNOWN]


def test_a_pollutant_that_is_not_there() -> None:
    """Five pollutants are not known to meet."""
    days = {name: values for name, values in CLEAN.items() if name != "CO"}
    found = evaluate(days, date(2025, 1, 1), OLD, CLASS_2, DECIMALS, AIR)
    assert all_meet(found, POLLUTANTS).tolist() == [UNKNOWN]
    with pytest.raises(ValueError, match="nothing to judge"):
        all_meet([], POLLUTANTS)


@pytest.mark.parametrize(
    ("value", "verdict", "times"),
    [(35.4, MEETS, None), (35.5, EXCEEDS, 0.03), (34.5, MEETS, None), (70.0, EXCEEDS, 1.0)],
)
def test_held_against_the_limits_own_decimals(
    value: float, verdict: int, times: float | None
) -> None:
    """35.4 reads 35 and meets 35; 35.5 goes to the even 36."""
    limit = OLD.limit("PM2.5", "year")
    assert limit is not None
    assert verdicts(one(value), limit).tolist() == [verdict]
    found = multiple(one(value), limit)
    assert (None if np.isnan(found[0]) else found[0]) == times
    assert verdicts(one(value), None).tolist() == [UNKNOWN]


def test_days_within_the_limit_and_good_days_are_two_things() -> None:
    """By the final limits of 2026 a day of PM2.5 55 exceeds, though its AQI is below 100."""
    values = np.array([[55.0, 50.4, 50.5, np.nan, 20.0]])
    final = limits_named("GB3095-2026-final")
    found = days_within_limit(values, "PM2.5", final, CLASS_2)
    assert (found.n.tolist(), found.fine.tolist(), found.share.tolist()) == ([4], [3], [75.0])
    aqi = np.array([[92, 84, 84, -1, 29], [101, 201, 100, 301, -1]], dtype=np.int16)
    days = good_days(aqi)
    assert (days.n.tolist(), days.fine.tolist()) == ([4, 4], [4, 1])
    assert days.share.tolist() == [100.0, 25.0]
    assert heavy_days(aqi).tolist() == [0, 2]


def test_judged_anew() -> None:
    """A three-year mean is judged like the year's own, and stays invalid where the year was."""
    first = evaluate(CLEAN, date(2025, 1, 1), OLD, CLASS_2, DECIMALS, AIR)[0]
    again = judged(first, one(36.0), OLD, CLASS_2, DECIMALS)
    assert (again.value.tolist(), again.verdict.tolist()) == ([36.0], [EXCEEDS])
    nothing = Exact(np.array([0]), np.array([0]))
    assert not judged(first, nothing, OLD, CLASS_2, DECIMALS).valid.any()
