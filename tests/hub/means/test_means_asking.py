"""Means asked for, from a store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from field import DAY, HOUR, MIDNIGHT, O3, PM25, Field

from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.means.asking import MEANS, Means, MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from store.means import Store
from store.open import open_store
from store.settings import StoreSettings

FIRST = MIDNIGHT - 8 * DAY  # the 1st of October in Beijing


@pytest.fixture(scope="module")
def means(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Means]:
    """27 days of October of A, ten of B; and an hour of real-time values of C."""
    folder = tmp_path_factory.mktemp("means")
    store = open_store(f"duckdb:///{folder}/means.duckdb", StoreSettings())
    field = Field(store, MeansSettings(first_days=40))
    for number in range(27):
        field.day("A", float(number), FIRST + number * DAY)
    for number in range(10):
        field.day("B", 100.0, FIRST + number * DAY, O3)
    field.hour("C", FIRST, 20.0)
    field.send("C", FIRST + timedelta(minutes=7), {PM25: 25.0}, "minute")
    field.arrive()
    field.now = FIRST + 27 * DAY + HOUR
    field.roll()
    yield Means(store, field.sites, field.settings, lambda: 0)
    store.close()


def rows(means: Means, level: Any, **more: Any) -> list[dict[str, Any]]:
    """Rows of an answer about October."""
    asked = {"start": FIRST, "end": FIRST + 31 * DAY, **more}
    table = means.table(MeansQuestion(level, **asked))
    assert table.schema.equals(MEANS)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_hours_and_days_are_those_that_are_kept(means: Means) -> None:
    """With their ends; of the station and the time that are asked for."""
    hours = rows(means, "hour", mns=("A",), end=FIRST + 2 * HOUR)
    assert [(row["start"], row["end"], row["value"]) for row in hours] == [
        (FIRST, FIRST + HOUR, 0.0),
        (FIRST + HOUR, FIRST + 2 * HOUR, 1.0),
    ]
    days = rows(means, "day", mns=("A",), start=FIRST + 5 * HOUR, end=FIRST + 25 * HOUR)
    assert [(row["value"], row["end"] - row["start"]) for row in days] == [
        (11.5, DAY),
        (12.5, DAY),
    ]
    assert days[0]["revision"] == 1


def test_longer_periods_are_made_of_whole_days(means: Means) -> None:
    """A question about the 5th gives the whole ten days, week, month."""
    around = {"start": FIRST + 4 * DAY, "end": FIRST + 5 * DAY, "factors": (PM25,), "mns": ("A",)}
    for level, n, value, mark in (
        ("tenday", 10, 16.0, ""),
        ("week", 7, 18.5, ""),
        ("month", 27, 24.5, ""),
        ("quarter", 27, 24.5, "short"),
        ("year", 27, 24.5, "short"),
    ):
        (row,) = rows(means, level, **around)
        assert (row["n"], row["value"], row["mark"]) == (n, value, mark), level
        assert (row["source"], row["revision"]) == ("day", 1)


def test_a_free_span_is_one_period(means: Means) -> None:
    """The 10th to the 22nd."""
    (row,) = rows(means, "span", start=FIRST + 9 * DAY, end=FIRST + 22 * DAY, mns=("A",))
    assert (row["start"], row["end"]) == (FIRST + 9 * DAY, FIRST + 22 * DAY)
    assert (row["n"], row["need"], row["value"]) == (13, 10, 26.5)


def test_all_stations_come_in_pieces_and_in_order(
    means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows however many are read at once."""
    whole = rows(means, "month")
    assert [(row["mn"], row["stat"]) for row in whole] == [
        ("A", "mean"),
        ("B", "max1h"),
        ("B", "mda8"),
        ("B", "mean"),
        ("C", "mean"),
    ]
    monkeypatch.setattr("hj212d.hub.means.asking._AT_ONCE", 1)
    assert rows(means, "month") == whole
    assert [row["stat"] for row in rows(means, "month", stats=("mda8",))] == ["mda8"]


def test_one_side_alone(means: Means) -> None:
    """The instruments' hours are there, ours are not: nothing was sent to make them of."""
    asked = {"mns": ("A",), "end": FIRST + HOUR}
    (row,) = rows(means, "hour", reported_only=True, **asked)
    assert (row["value"], row["mark"]) == (0.0, "")
    (row,) = rows(means, "hour", computed_only=True, **asked)
    assert (row["value"], row["mark"]) == (None, "none")
    with pytest.raises(ValueError, match="exclude each other"):
        rows(means, "hour", computed_only=True, reported_only=True)


def test_minutes_are_made_when_asked_for(means: Means) -> None:
    """Of real-time values, which end their minute; the instrument's own beside them."""
    found = rows(means, "minute", mns=("C",), end=FIRST + timedelta(minutes=10))
    assert len(found) == 10
    assert {(row["value"], row["source"], row["mark"]) for row in found} == {
        (20.0, "realtime", "")
    }
    assert [row["reported"] for row in found] == [*[None] * 7, 25.0, None, None]
    assert found[0]["end"] - found[0]["start"] == timedelta(minutes=1)
    with pytest.raises(ValueError, match="stations that are named"):
        rows(means, "minute")
    with pytest.raises(ValueError, match="400 days"):
        rows(means, "minute", mns=("C",), end=FIRST + 401 * DAY)


def test_a_question_that_ends_before_it_begins(means: Means) -> None:
    """One sentence."""
    with pytest.raises(ValueError, match="before the end"):
        rows(means, "day", end=FIRST)


def test_nothing_is_known_of_a_time_before_all_data(means: Means) -> None:
    """No rows, with their columns."""
    assert rows(means, "month", start=FIRST - 90 * DAY, end=FIRST - 60 * DAY) == []


def test_noise_of_minutes(store: Store) -> None:
    """Levels of sound by energy, also the instrument's."""
    field = Field(store, sites=[SiteSettings("N", medium="noise")])
    for second in (10, 20):
        field.send("N", FIRST + timedelta(seconds=second), {"Leq": 50.0 + second})
    field.send("N", FIRST, {"Leq": 68.0}, "minute")
    field.arrive()
    means = Means(store, field.sites, field.settings, lambda: 0)
    (row,) = rows(means, "minute", mns=("N",), end=FIRST + HOUR)
    assert (row["stat"], row["reported"]) == ("leq", 68.0)
    assert row["value"] == pytest.approx(67.4036, abs=1e-3)
