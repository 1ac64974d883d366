"""From answers about stations to maps: times, places, values and coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aqi.maps.atlas import Atlas, Choice
from hj212d.cli.mapping import (
    AQI,
    Sheet,
    Wanted,
    label_of,
    period_at,
    periods_between,
    read,
    sheets,
    stations_in,
    what_of,
)
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import parse_time
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
START = datetime(2026, 3, 4, 16)


def rows(*some: dict[str, Any]) -> pa.Table:
    """Rows of the answer; what is not said is null."""
    return pa.Table.from_pylist([dict.fromkeys(AQI_ROWS.names) | one for one in some], AQI_ROWS)


class Fixed:
    """Answers with fixed tables, and remembers what it was asked."""

    def __init__(self, table: pa.Table, sites: Sequence[Mapping[str, Any]]) -> None:
        self.table = table
        self.known = sites
        self.asked: list[AqiQuestion] = []

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """The table, whatever is asked."""
        self.asked.append(question)
        return self.table

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """The sites."""
        return self.known


def source() -> Fixed:
    """Two hours of three stations, one without coordinates, one silent at first."""
    hour = timedelta(hours=1)
    return Fixed(
        rows(
            {"place": "A", "name": "甲", "start": START, "pm25": 10.0, "o3": 50.0},
            {"place": "A", "name": "甲", "start": START + hour, "pm25": 20.0, "o3": 60.0},
            {"place": "B", "name": "B", "start": START, "pm25": None},
            {"place": "B", "name": "B", "start": START + hour, "pm25": 40.0},
            {"place": "C", "name": "C", "start": START, "pm25": 30.0},
            {"place": "C", "name": "C", "start": START + hour, "pm25": 30.0},
        ),
        [
            {"mn": "A", "longitude": 120.0, "latitude": 30.0},
            {"mn": "B", "longitude": 120.2, "latitude": 30.1},
            {"mn": "C", "longitude": None, "latitude": None},
        ],
    )


def wanted(what: str = "PM2.5", **other: Any) -> Wanted:
    """Two hours of all stations."""
    said = {"level": "hour", "start": START, "end": START + timedelta(hours=2)}
    return Wanted(**({"what": what, "places": ("stations:*",)} | said | other))


def test_an_hour_is_named_by_its_end() -> None:
    """08:00 and 07:20 mean the hour from 07:00 to 08:00; a day holds its times."""
    seven = datetime(2026, 3, 4, 23)
    for text in ("2026-03-05T08:00", "2026-03-05T07:20"):
        assert period_at("hour", parse_time(text, NOW)) == (seven, seven + timedelta(hours=1))
    midnight = parse_time("2026-03-05", NOW)
    assert period_at("hour", midnight)[0] == datetime(2026, 3, 4, 15)
    assert period_at("day", midnight) == (START, START + timedelta(days=1))


def test_sequences_are_whole_periods_that_begin_in_the_span() -> None:
    """From 00:00 to 02:00 are two hours; from 00:30 to 02:00 is one."""
    end = parse_time("2026-03-05T02:00", NOW)
    hours = periods_between("hour", parse_time("2026-03-05", NOW), end)
    assert hours == (START, START + timedelta(hours=2))
    later = periods_between("hour", parse_time("2026-03-05T00:30", NOW), end)
    assert later == (START + timedelta(hours=1), START + timedelta(hours=2))
    with pytest.raises(Refusal, match="must be before"):
        periods_between("hour", end, end)
    with pytest.raises(Refusal, match="more than 240"):
        periods_between("hour", parse_time("2025-01-01", NOW), end)


def test_words_of_factors_and_places() -> None:
    """As people write them; regions mean the stations in them."""
    assert [what_of(text) for text in ("aqi", "pm2.5", "O3", "a34002")] == (
        [AQI, "PM2.5", "O3", "PM10"]
    )
    with pytest.raises(Refusal, match=r"there are maps of AQI, PM2\.5"):
        what_of("TSP")
    assert stations_in(()) == ("stations:*",)
    assert stations_in(("region:330100", "region:*", "stations:33", "MN1")) == (
        "stations:330100",
        "stations:*",
        "stations:33",
        "MN1",
    )


def test_standard_of_a_sequence_is_that_of_its_last_day() -> None:
    """One scale of colours; by hand it is what was asked for."""
    crossing = wanted(start=datetime(2026, 2, 28, 12), end=datetime(2026, 2, 28, 17))
    assert crossing.judged_by.name == "HJ633-2026"
    before = wanted(start=datetime(2026, 2, 28, 12), end=datetime(2026, 2, 28, 16))
    assert before.judged_by.name == "HJ633-2012"
    assert wanted(standard="HJ633-2012").judged_by.name == "HJ633-2012"


def test_values_by_time_and_station() -> None:
    """Missing values and coordinates are NaN, names are those that people know."""
    asked = source()
    found = read(asked, wanted())
    assert found.names == ("甲", "B", "C")
    np.testing.assert_array_equal(found.values["PM2.5"], [[10, np.nan, 30], [20, 40, 30]])
    np.testing.assert_array_equal(found.lon, [120.0, 120.2, np.nan])
    question = asked.asked[0]
    assert (question.places, question.standard) == (("stations:*",), "HJ633-2026")
    with pytest.raises(Refusal, match="no station of the air"):
        read(Fixed(rows(), []), wanted())


@pytest.mark.parametrize("what", ["PM2.5", AQI])
def test_a_map_for_each_time(what: str) -> None:
    """Each hour has its own values on the same grid, and its label."""
    question = wanted(what)
    found = read(source(), question)
    atlas = Atlas(found.names, found.lon, found.lat, cell_m=2_000.0)
    made = list(sheets(question, found, atlas, Choice()))
    assert [label_of("hour", sheet) for sheet in made] == ["2026-03-05 01:00", "2026-03-05 02:00"]
    assert made[0].surface.grid is made[1].surface.grid
    assert (made[0].index is None) == (what != AQI)
    codes = [note.code for note in made[0].surface.notes]
    assert "no_coordinates" in codes
    assert "no_value" in codes


def test_labels_of_the_last_hour_and_of_days() -> None:
    """24:00 belongs to the day that it ends."""
    found = read(source(), wanted())
    atlas = Atlas(found.names, found.lon, found.lat, cell_m=5_000.0)
    surface = next(sheets(wanted(), found, atlas, Choice())).surface
    last = Sheet(datetime(2026, 3, 5, 15), datetime(2026, 3, 5, 16), surface, None)
    assert label_of("hour", last) == "2026-03-05 24:00"
    assert label_of("day", Sheet(START, START + timedelta(days=1), surface, None)) == "2026-03-05"
