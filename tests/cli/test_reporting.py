"""What is asked for a report, and under which names it is handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pytest
import report_tables

from admin.reports.building import build
from admin.reports.template import load
from hj212d.cli.reporting import Wish, collect, ranked_together, stations_of
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
SITES: list[dict[str, Any]] = [
    {"mn": "A330100001", "name": "西湖", "region": "330106", "medium": "air", "units": {}},
    {
        "mn": "A330100002",
        "name": "",
        "region": "330118",
        "medium": "air",
        "units": {"a34004": "mg/m3"},
    },
    {"mn": "B1", "name": "外地", "region": "320000", "medium": "air", "units": {}},
]
WISH = Wish(kind="month", start=report_tables.START, end=report_tables.END)


class Fixed:
    """Answers with the seeded month, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """By level."""
        self.asked.append(question)
        return report_tables.aqi_table(question.level, question.start, question.end)

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """Of the month."""
        self.asked.append(question)
        return report_tables.evaluation_table()

    def rank(self, question: RankQuestion) -> pa.Table:
        """Of the month."""
        self.asked.append(question)
        return report_tables.rank_table()

    def means(self, question: MeansQuestion) -> pa.Table:
        """Of days."""
        self.asked.append(question)
        return report_tables.means_table(
            question.level, question.start, question.end, report_tables.DAY
        )

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """Three."""
        return SITES


def nowhere(stage: str, done: int, total: int) -> None:
    """Nobody looks."""


def test_each_table_is_asked_once() -> None:
    """What a template shows, no more, with the standard and the events of the wish."""
    source = Fixed()
    wish = msgspec.structs.replace(WISH, standard="old", events="without")
    steps: list[tuple[int, int]] = []
    data = collect(source, load("air-period").template, wish, NOW, lambda _, *at: steps.append(at))
    aqi, evaluation, ranking = source.asked
    assert (aqi.level, aqi.standard, aqi.events) == ("day", "HJ633-2012", "without")
    assert (evaluation.standard, evaluation.places) == ("old", ("stations:*",))
    assert (ranking.standards, ranking.compare) == (("old",), True)
    assert steps[-1] == (3, 3)
    document = build(load("air-period"), data)
    assert len(document.tables) == 7
    assert {place.code for place in data.places} == {one.code for one in report_tables.PLACES}


def test_names_and_units() -> None:
    """Factors by their names; the unit of the site, the medium's where it says none."""
    data = collect(Fixed(), load("data-days").template, WISH, NOW, nowhere)
    assert data.factors["a34004"].name == "PM2.5"
    assert data.units["A330100002", "a34004"] == "mg/m3"
    assert data.units["A330100001", "a21005"] == "mg/m3"
    (table,) = build(load("data-days"), data).tables
    assert "PM2.5\n单位不一" in [column.label for column in table.columns]


@pytest.mark.parametrize(
    ("places", "mns"),
    [
        ((), None),
        (("stations:*",), None),
        (("region:*",), None),
        (("region:330100",), ("A330100001", "A330100002")),
        (("region:330000*", "X"), ("A330100001", "A330100002", "X")),
        (("stations:330106", "B1"), ("A330100001", "B1")),
    ],
)
def test_stations_of_places(places: tuple[str, ...], mns: tuple[str, ...] | None) -> None:
    """Means are asked by MN: a region holds those whose code begins like its own."""
    assert stations_of(places, SITES) == mns


def test_who_is_ranked_with_whom() -> None:
    """Stations among stations, regions among regions."""
    assert ranked_together(("region:330100", "stations:*")) == ("stations:*",)
    assert ranked_together(("region:*",)) == ("region:*",)
