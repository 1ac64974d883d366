"""The trend of months and years: what is a value, what counts, and what the tests say."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from fixed_answers import table

from hj212d.hub.analysis.answer_rows import object_of
from hj212d.hub.analysis.questions import TrendQuestion
from hj212d.hub.analysis.trend_asking import trend_of, without_season
from hj212d.hub.means.question import MEANS, MeansQuestion
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS

FIRST = date(2020, 1, 1)


def utc(day: date) -> datetime:
    """The beginning of a Beijing day."""
    return datetime(day.year, day.month, day.day) - timedelta(hours=8)


class Years:
    """Six years of days: PM2.5 is 50 less 4 a year, O3 the number of the day of the month; the
    last year has no January. Months of noise rise by 0.1 dB."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """Days."""
        rows: list[dict[str, Any]] = []
        for number in range(6 * 366):
            day = FIRST + timedelta(number)
            if day.year > 2025 or (day.year, day.month) == (2025, 1):
                continue
            pm = 50.0 - 4 * (day.year - 2020)
            rows.append({"place": "A", "start": utc(day), "pm25": pm, "o3": float(day.day)})
        return table(AQI_ROWS, [r for r in rows if question.start <= r["start"] < question.end])

    def means(self, question: MeansQuestion) -> pa.Table:
        """Ten months."""
        assert question.level == "month"
        rows = []
        for number in range(10):
            mark = "short" if number == 3 else ""
            begun = utc(date(2020, 1 + number, 1))
            said = {"mn": "A", "factor": "LA", "stat": "leq", "start": begun, "mark": mark}
            rows.append(said | {"value": 50 + 0.1 * number, "n": 28, "need": 27})
        return table(MEANS, rows)


def asked(**more: Any) -> dict[str, Any]:
    """As the API would send it."""
    span = {"place": "A", "start": utc(FIRST), "end": utc(date(2026, 1, 1))}
    answer = trend_of(Years(), TrendQuestion(**{**span, **more}))
    found: dict[str, Any] = json.loads(json.dumps(object_of(answer), allow_nan=False))
    return found


def test_years_fall() -> None:
    """50, 46, 42, 38, 34: r is -1 beyond 0.9; the year without a January does not count."""
    found = asked(step="year")
    assert [row["value"] for row in found["rows"]] == [50, 46, 42, 38, 34, 30]
    assert [row["mark"] for row in found["rows"]] == [""] * 5 + ["short"]
    assert found["spearman"] == {
        "direction": "falling",
        "r": -1.0,
        "critical": 0.9,
        "critical_of": 5,
    }
    assert (found["n"], found["deseasoned"]) == (5, False)
    assert found["mann_kendall"] == {"direction": "too_few", "tau": None, "p": None}
    assert found["theil_sen"]["per_year"] is None


def test_months_by_their_percentile() -> None:
    """O3 of January: k = 1 + 30 x 0.9 = 28, the 28th; of February 2020 1 + 28 x 0.9 = 26.2."""
    found = asked(factor="O3", end=utc(date(2020, 3, 1)))
    assert found["statistic"] == "p90"
    assert [row["value"] for row in found["rows"]] == [28.0, 26.2]
    assert [row["need"] for row in found["rows"]] == [27, 25]
    assert found["spearman"]["direction"] == "too_few"


def test_months_without_their_season() -> None:
    """Each year 4 less; January of the last year is missing and counts nowhere."""
    found = asked()
    assert found["deseasoned"] is True
    assert (found["n"], len(found["rows"])) == (71, 72)
    assert found["rows"][60]["mark"] == "none"
    assert found["mann_kendall"]["direction"] == found["spearman"]["direction"] == "falling"
    assert found["theil_sen"]["per_year"] == pytest.approx(-4, abs=0.5)


def test_other_factors_come_from_means() -> None:
    """With their marks; a month that is short is shown and not tested."""
    found = asked(factor="LA", end=utc(date(2020, 11, 1)))
    assert (found["statistic"], found["n"]) == ("leq", 9)
    assert found["rows"][3] == {
        "period": "2020-04",
        "value": 50.3,
        "n": 28,
        "need": 27,
        "mark": "short",
        "tested": None,
    }
    assert found["mann_kendall"]["tau"] == 1.0
    assert found["theil_sen"]["per_year"] == pytest.approx(1.2, abs=0.02)
    with pytest.raises(ValueError, match="measured at stations"):
        asked(factor="LA", place="region:33")
    with pytest.raises(ValueError, match="before the end"):
        asked(end=utc(FIRST))


def test_season() -> None:
    """Two years of quarters, 1 2 3 4 and 2 3 4 5: what stays is 2.5 and 3.5."""
    values = np.array([1.0, 2, 3, 4, 2, 3, 4, 5])
    left, done = without_season(values, 4, 0)
    assert done
    assert left.tolist() == [2.5] * 4 + [3.5] * 4
    assert without_season(values[:7], 4, 0) == (pytest.approx(values[:7]), False)
    values[0] = np.nan
    assert not without_season(values, 4, 0)[1]


def test_label_and_time() -> None:
    """A point stands where its period begins."""
    answer = trend_of(
        Years(),
        TrendQuestion(place="A", start=utc(FIRST), end=utc(date(2020, 7, 1)), step="quarter"),
    )
    assert [one.label for one in answer.points] == ["2020-Q1", "2020-Q2"]
    assert answer.points[0].year == pytest.approx(2020, abs=0.002)
    assert answer.points[1].year == pytest.approx(2020.25, abs=0.003)
