"""Questions of analysis over fixed rows: what counts, what does not, and what is said of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from fixed_answers import DIRECTION, END, HOURS, PM25, SPEED, START, FixedAnswers

from aqi.analysis.roses import wind_rose
from hj212d.hub.analysis import asking
from hj212d.hub.analysis.answer_rows import object_of, rows_of
from hj212d.hub.analysis.questions import (
    CalendarQuestion,
    PatternQuestion,
    PolarQuestion,
    RoseQuestion,
    ShareQuestion,
)

SPAN: dict[str, Any] = {"place": "A", "start": START, "end": END}


def plain(answer: Any) -> dict[str, Any]:
    """As the API would send it."""
    found: dict[str, Any] = json.loads(json.dumps(object_of(answer), allow_nan=False))
    return found


def test_wind_rose_of_hours_that_count() -> None:
    """Two hours carry a mark and are skipped; the others are those of the pure function."""
    answer = asking.rose(FixedAnswers(), RoseQuestion(**SPAN))
    expected = wind_rose(DIRECTION[2:], SPEED[2:])
    np.testing.assert_array_equal(answer.rose.counts, expected.counts)
    assert answer.rose.skipped == 2
    said = plain(answer)
    assert said["n"] == HOURS - 2
    assert said["unit"] == "m/s"
    assert sum(row["n"] for row in said["rows"]) + said["calm"] == HOURS - 2
    assert said["rows"][4]["sector"] == "E"
    assert 0 <= said["wind"]["direction"] < 360


def test_pollution_rose_goes_by_the_nodes() -> None:
    """PM2.5 by the levels of its sub-index, in their colours."""
    answer = asking.rose(FixedAnswers(), RoseQuestion(**SPAN, factor="pm2.5"))
    assert answer.rose.edges == (35, 60, 115, 150, 250)
    assert answer.colours[0] == "#00E400"
    blown = (SPEED >= 0.5) & (np.arange(HOURS) >= 2)
    assert answer.rose.counts[:, 0].sum() == ((PM25 <= 35) & blown).sum()
    assert plain(answer)["rows"][0].keys() >= {"mean", "<= 35", "35-60", "> 250"}


def test_rose_of_another_factor_has_even_classes() -> None:
    """A factor without levels is cut where as many values lie below as above."""
    answer = asking.rose(FixedAnswers(), RoseQuestion(**SPAN, factor="a01007"))
    assert len(answer.rose.edges) == 4
    assert answer.colours == ()
    given = asking.rose(FixedAnswers(), RoseQuestion(**SPAN, factor="a01007", edges=(1.0,)))
    assert given.rose.edges == (1.0,)


def test_wind_of_a_region_is_that_of_a_station() -> None:
    """A region has none; the station that is named gives it."""
    region = SPAN | {"place": "region:330100"}
    with pytest.raises(ValueError, match="no wind of its own"):
        asking.rose(FixedAnswers(), RoseQuestion(**region, factor="PM2.5"))
    asked = FixedAnswers()
    answer = asking.polar(asked, PolarQuestion(**region, factor="PM2.5", wind="A"))
    assert answer.polar.counts.sum() == HOURS - 2
    assert [getattr(one, "mns", None) for one in asked.asked] == [("A",), None]
    rows = rows_of(answer)
    assert len(rows) == 16 * 9
    assert rows[-1]["speed_to"] is None


def test_patterns_by_hour_and_weekday() -> None:
    """A week of hours: seven values an hour, 24 a weekday, none of them lost."""
    answer = asking.pattern(FixedAnswers(), PatternQuestion(**SPAN, factors=("PM2.5",)))
    assert list(answer.patterns["PM2.5"].n) == [7] * 24
    assert answer.patterns["PM2.5"].mean[0] == pytest.approx(PM25[::24].mean())
    weekly = asking.pattern(
        FixedAnswers(), PatternQuestion(**SPAN, factors=("a34004", "a01007"), cycle="weekday")
    )
    assert list(weekly.patterns) == ["PM2.5", "a01007"]
    assert weekly.patterns["PM2.5"].mean[0] == pytest.approx(PM25[:24].mean())
    assert list(weekly.patterns["a01007"].n) == [22] + [24] * 6
    assert plain(weekly)["units"]["PM2.5"] == "μg/m³"
    with pytest.raises(ValueError, match="is measured at stations"):
        asking.pattern(
            FixedAnswers(), PatternQuestion(**SPAN | {"place": "region:33"}, factors=("a01007",))
        )


def test_shares_of_primary_pollutants() -> None:
    """Four days: two primaries of one, one clean day."""
    answer = asking.share(FixedAnswers(), ShareQuestion(**SPAN, ties="shared"))
    assert {row["pollutant"]: row["count"] for row in rows_of(answer)} == {
        "PM2.5": 1.5,
        "PM10": 0.5,
        "O3": 1.0,
    }
    said = plain(answer)
    assert (said["ties"], said["polluted"], said["clean"]) == ("shared", 3, 1)


def test_calendar_shows_what_may_be_published() -> None:
    """A day whose index may not be published is a day without."""
    answer = asking.calendar(FixedAnswers(), CalendarQuestion(**SPAN))
    said = plain(answer)
    assert [row["aqi"] for row in said["rows"]] == [120, 80, 40, None, None, None, None]
    assert [row["day"] for row in said["rows"]][::6] == ["2026-03-02", "2026-03-08"]
    assert (said["unpublished"], said["without"]) == (1, 4)
    assert said["days_by_level"]["3"] == 1


def test_no_hours_at_all() -> None:
    """A span that ends before it begins is refused."""
    backwards = SPAN | {"end": START - timedelta(hours=1)}
    with pytest.raises(ValueError, match="no hour between"):
        asking.pattern(FixedAnswers(), PatternQuestion(**backwards))
