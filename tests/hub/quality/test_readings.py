"""Means of sites as arrays."""

from __future__ import annotations

import random
from datetime import date, datetime
from fractions import Fraction

import numpy as np
import pyarrow as pa
from quality_rig import AS_OF, air_site, put, utc

from aqi.means.calendar import DAY_US, moment_of
from aqi.means.rows import MARK
from aqi.rounding import round_half_even
from hj212d.hub.means.asking import MEANS, Means
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.readings import arranged, mark_texts, read, running
from store.means import Store

FIRST = date(2026, 10, 1)
START = moment_of(FIRST)
NAN = np.nan


def row(mn: str, day: int, factor: str, value: float | None, **more: object) -> dict[str, object]:
    """A row of MEANS."""
    known = {"stat": "mean", "mark": "", "revision": 1, "as_of": AS_OF}
    start = utc(date(2026, 10, day))
    said = {"start": start, "mn": mn, "factor": factor, "value": value, **known, **more}
    return {name: said.get(name) for name in MEANS.names}


def test_units_of_a_site() -> None:
    """mg/m3 become ug/m3, ppb by the molar mass; a unit that does not fit is marked."""
    sites = [
        air_site("A", "33", units={"a34004": "mg/m3", "a05024": "ppb"}),
        air_site("B", "33", units={"a34004": "km"}),
    ]
    rows = [
        row("A", 1, "a34004", 0.0355),
        row("A", 1, "a05024", 50.0, stat="mda8", revision=3, as_of=datetime(2026, 11, 2)),
        row("B", 1, "a34004", 12.0),
        row("B", 2, "a34004", None, mark="short"),
        row("C", 1, "a34004", 12.0),
    ]
    table = pa.Table.from_pylist(rows, schema=MEANS)
    found = arranged(table, sites, "day", START, START + 2 * DAY_US)
    np.testing.assert_array_equal(found.values["PM2.5"], [[35.5, NAN], [NAN, NAN]])
    assert found.values["O3"][0, 0] == 50 * 48.00 / 24.465
    assert found.marks["PM2.5"].tolist() == [
        [MARK[""], MARK["none"]],
        [MARK["unit"], MARK["short"]],
    ]
    assert found.revision.tolist() == [[3, 0], [1, 1]]
    texts = mark_texts(found.marks, ("PM2.5", "O3"))
    assert texts.tolist() == [
        ["", "PM2.5:none;O3:none"],
        ["PM2.5:unit;O3:none", "PM2.5:short;O3:none"],
    ]


def test_what_no_air_can_have() -> None:
    """Below zero, or more than any air holds: marked, and no value; zero is one."""
    rows = [row("A", day, "a34004", value) for day, value in enumerate([-0.1, 2e5, 0.0], start=1)]
    table = pa.Table.from_pylist(rows, schema=MEANS)
    found = arranged(table, [air_site("A", "33")], "day", START, START + 3 * DAY_US)
    np.testing.assert_array_equal(found.values["PM2.5"], [[NAN, NAN, 0.0]])
    assert found.marks["PM2.5"].tolist() == [[MARK["negative"], MARK["absurd"], MARK[""]]]


def test_two_codes_of_one_pollutant() -> None:
    """An instrument that sends the code of 2005 as well is heard by that of 2017."""
    rows = [row("A", 1, "a21026", 9.0), row("A", 1, "02", 7.0), row("A", 2, "02", 8.0)]
    table = pa.Table.from_pylist(rows, schema=MEANS)
    site = air_site("A", "33", units={"a21026": "ug/m3", "02": "ug/m3"})
    found = arranged(table, [site], "day", START, START + 2 * DAY_US)
    assert found.values["SO2"].tolist() == [[9.0, 8.0]]


def test_from_a_store(store: Store) -> None:
    """As it was put, nothing for a site that sent nothing."""
    put(store, "day", FIRST, {"A": {"PM2.5": np.array([35.0]), "O3": np.array([120.0])}})
    sites = [air_site("A", "33"), air_site("B", "33")]
    means = Means(store, _Sites(), MeansSettings(), lambda: 0)  # type: ignore[arg-type]
    found = read(means, sites, "day", START, START + DAY_US)
    np.testing.assert_array_equal(found.values["O3"], [[120.0], [NAN]])
    assert found.marks["O3"].tolist() == [[MARK[""]], [MARK["none"]]]


class _Sites:
    """Nothing is asked of it for hours and days."""


def test_running_means() -> None:
    """Of the time and those before it, with the least number of values."""
    values = np.array([[1.0, 2.0, NAN, 4.0]])
    np.testing.assert_array_equal(running(values, 3, 2), [[NAN, 1.5, 1.5, 3.0]])


def test_running_means_are_ties_where_decimals_are() -> None:
    """Eight hours of ozone come to x.5 exactly, whatever came before them: as fractions say."""
    chance = random.Random(5)
    hours = [Fraction(chance.randrange(10, 4000), 10) for _ in range(3000)]
    values = np.array([[float(hour) for hour in hours]])
    found = round_half_even(running(values, 8, 6), 0)[0]
    ties = 0
    for number in range(7, len(hours)):
        mean = sum(hours[number - 7 : number + 1]) / 8
        ties += mean % 1 == Fraction(1, 2)
        assert found[number] == round(mean), mean
    assert ties > 10
