"""Reports of years, quarters and weeks: their parts are what the parts say when they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from admin.reports.building import build
from admin.reports.document import Cell, Chart, Document, Table, Text
from admin.reports.template import load
from aqi.factors import POLLUTANTS, code_of
from hj212d.cli.reporting import Wish, collect
from hj212d.hub.means.asking import Means
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.questions import EvaluationQuestion, RankQuestion
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.site import Site
from store.means import DERIVED
from store.open import open_store
from store.settings import StoreSettings

NAMES = {"A1": "西湖", "A2": "下沙", "B1": "北仑"}
REGIONS = {"A1": "330100", "A2": "330100", "B1": "330200"}
KEYS = ("pm25", "pm10", "so2", "no2", "co", "o3")
MIDDLE = {"PM2.5": 42.0, "PM10": 80.0, "SO2": 9.0, "NO2": 33.0, "CO": 0.8, "O3": 110.0}
MADE = datetime(2026, 1, 4, tzinfo=UTC)
AS_OF = datetime(2026, 1, 3)


def moment(day: date) -> datetime:
    """The beginning of a Beijing day, naive UTC."""
    return datetime(day.year, day.month, day.day) - timedelta(hours=8)


FIRST, LAST = moment(date(2025, 1, 1)), moment(date(2026, 1, 1))


class Book:
    """Three sites."""

    def site(self, mn: str) -> Site:
        """One of them."""
        return Site(
            mn=mn, name=NAMES[mn], region=REGIONS[mn], medium="air", role="assessed",
            programme=POLLUTANTS,
        )  # fmt: skip

    def sites(self) -> list[Site]:
        """All."""
        return [self.site(mn) for mn in NAMES]


class Source:
    """Answers of the store."""

    def __init__(self, asks: Quality) -> None:
        self.aqi, self.evaluate, self.rank = asks.aqi, asks.evaluate, asks.rank

    def means(self, question: MeansQuestion) -> pa.Table:
        """Nobody asks."""
        raise AssertionError(question)

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """As the registry has them."""
        return [
            {"mn": mn, "name": NAMES[mn], "region": REGIONS[mn], "units": {}, "medium": "air"}
            for mn in NAMES
        ]


def days(first_year: int) -> pa.Table:
    """Day means to the end of 2025; winter is worse. A1 misses most of February 2025, B1 began
    with 2024."""
    dice = np.random.default_rng(212)
    first, count = date(first_year, 1, 1), (date(2026, 1, 1) - date(first_year, 1, 1)).days
    rows = []
    for mn in NAMES:
        for pollutant in POLLUTANTS:
            for number in range(count):
                day = first + timedelta(days=number)
                season = 1 + 0.5 * np.cos((day.month - 1) * np.pi / 6)
                value = round(float(MIDDLE[pollutant] * season * dice.uniform(0.4, 1.7)), 3)
                gone = mn == "A1" and (day.year, day.month) == (2025, 2) and day.day > 9
                if mn == "B1" and day.year < 2024:
                    continue
                rows.append(
                    {
                        "level": "day", "start": moment(day), "mn": mn,
                        "factor": code_of(pollutant),
                        "stat": "mda8" if pollutant == "O3" else "mean",
                        "value": None if gone else value, "n": 24, "need": 20,
                        "mark": "short" if gone else "", "source": "hour", "as_of": AS_OF,
                    }
                )  # fmt: skip
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in DERIVED.names} for row in rows], schema=DERIVED
    )


def asking(folder: Path, first_year: int) -> tuple[Any, Quality]:
    """A store and its questions."""
    store = open_store(f"duckdb:///{folder}/{first_year}.duckdb", StoreSettings())
    store.put_derived(days(first_year))
    means = Means(store, Book(), MeansSettings(), lambda: 0)
    settings = QualitySettings(regions={"330100": "杭州市", "330200": "宁波市"})
    return store, Quality(means, Book(), settings, lambda *_: [])


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quality]:
    """Three years of days."""
    store, quality = asking(tmp_path_factory.mktemp("years"), 2023)
    yield quality
    store.close()


def made(asks: Quality, kind: Any, start: datetime, end: datetime, name: str) -> Document:
    """A report of the stations."""
    found = load(name)
    wish = Wish(kind, start, end, places=("stations:*",))
    return build(found, collect(Source(asks), found.template, wish, MADE, lambda *_: None))


@pytest.fixture(scope="module")
def year(asks: Quality) -> Document:
    """Of 2025."""
    return made(asks, "year", FIRST, LAST, "air-year")


def rows_of(document: Document, name: str) -> list[dict[str, Cell]]:
    """A table as dicts."""
    (table,) = (one for one in document.tables if one.name == name)
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


def months(first: date, count: int) -> list[tuple[datetime, datetime]]:
    """Months from one on."""
    starts = [date(first.year, first.month + n, 1) for n in range(count)]
    ends = [*starts[1:], (starts[-1] + timedelta(days=31)).replace(day=1)]
    return [(moment(one), moment(other)) for one, other in zip(starts, ends, strict=True)]


def test_month_by_month(asks: Quality, year: Document) -> None:
    """Concentrations and index of each month are those of a ranking of that month alone."""
    found = {(row["name"].value, row["label"].value): row for row in rows_of(year, "months")}
    assert len(found) == 12 * len(NAMES)
    for start, end in months(date(2025, 1, 1), 12):
        label = f"{start + timedelta(hours=8):%Y-%m}"
        for want in asks.rank(RankQuestion(("stations:*",), start, end)).to_pylist():
            row = found[want["name"], label]
            for key in (*KEYS, "index", "n", "good_days", "good_share"):
                assert row[key].value == want[key], (label, key)
    february = found["西湖", "2025-02"]
    assert (february["index"].value, february["index"].mark) == (None, "NA")
    assert february["pm25"].mark == "有效数据不足"
    assert "六项有效数据不足" in str(february["mark"].value)


def test_levels_by_month(asks: Quality, year: Document) -> None:
    """Days by level of a month are counted as HJ 663 counts them."""
    rows = rows_of(year, "months_levels")
    assert len(rows) == 12 * len(NAMES)
    for number, (start, end) in enumerate(months(date(2025, 1, 1), 12)):
        asked = asks.evaluate(EvaluationQuestion(("stations:*",), start, end)).to_pylist()
        for place, name in enumerate(sorted(NAMES)):
            row = rows[12 * place + number]
            found = {one["statistic"]: one["value"] for one in asked if one["place"] == name}
            assert row["valid"].value == found["valid_days"]
            assert row["good"].value == found["good_days"]
            assert row["heavy"].value == found["heavy_days"]
            assert sum(row[f"level{n}"].value for n in range(1, 7)) == found["valid_days"]


def test_beside_last_year(asks: Quality, year: Document) -> None:
    """The year before beside each month and item; where both count, the change in percent."""
    before = moment(date(2024, 1, 1)), moment(date(2025, 1, 1))
    then, now = (
        {
            (row["name"], row["pollutant"], row["statistic"]): row["value"]
            for row in asks.evaluate(EvaluationQuestion(("stations:*",), *span)).to_pylist()
        }
        for span in (before, (FIRST, LAST))
    )
    rows = rows_of(year, "compared")
    assert len(rows) == 10 * len(NAMES)
    items = {"平均值": "mean", "综合指数": "index", "第90百分位数": "p90", "优良天数": "good_days"}
    checked = 0
    for row in rows:
        at = row["name"].value, row["pollutant"].value, row["statistic"].value
        key = (at[0], at[1].replace("综合", ""), items.get(at[2]))
        if key in now:
            checked += 1
            assert (row["value"].value, row["before"].value) == (now[key], then[key])
            if row["value"].mark or row["before"].mark:
                assert row["change"].value is None
                assert row["mark"].value
            elif at[2] != "优良天数":
                change = 100 * (now[key] - then[key]) / then[key]
                assert row["change"].value == pytest.approx(change, abs=0.0501)
    assert checked == 7 * len(NAMES)
    (january, *_), (asked, *_) = (
        rows_of(year, "months_compared"),
        asks.rank(RankQuestion(("A1",), *months(date(2024, 1, 1), 1)[0])).to_pylist(),
    )
    assert january["pm25_before"].value == asked["pm25"]
    assert january["index_before"].value == asked["index"]


def test_three_years(asks: Quality, year: Document, tmp_path: Path) -> None:
    """Means of three years where there are such; else a sentence, no empty table."""
    question = EvaluationQuestion(("stations:*",), FIRST, LAST, years=3)
    asked = [
        row
        for row in asks.evaluate(question).to_pylist()
        if row["pollutant"] and row["statistic"] != "days"
    ]
    rows = rows_of(year, "three_years")
    assert [row["value"].value for row in rows] == [row["value"] for row in asked]
    of_first = [row for row in rows if row["name"].value == "下沙"]
    assert all(row["meets"].value in ("达标", "超标") for row in of_first)
    assert not any(row["value"].mark for row in of_first)
    (table,) = (one for one in year.tables if one.name == "three_years")
    assert "三年均值算法为推定。" in table.notes
    store, young = asking(tmp_path, 2025)
    try:
        document = made(young, "year", FIRST, LAST, "air-year")
    finally:
        store.close()
    (text,) = (part for part in document.parts if part.name == "three_years")
    assert isinstance(text, Text)
    assert "不作三年平均评价" in text.text
    assert {row["before"].value for row in rows_of(document, "compared")} <= {None, 0.0}
    assert {row["change"].value for row in rows_of(document, "compared")} == {None}


def test_facts_of_a_year(year: Document) -> None:
    """Standards, events, marks and version stand at the front."""
    facts = dict(year.facts)
    assert facts["执行标准"].startswith("HJ 633-2012、GB 3095-2012")
    assert facts["异常事件"] == "含异常事件"
    assert "有效数据不足" in facts["数据标记"]
    charts = [one.name for one in year.parts if isinstance(one, Chart)]
    assert {"index_chart", "pm25_chart", "o3_chart", "levels_chart"} <= set(charts)


def test_a_remark_is_no_doubt(asks: Quality) -> None:
    """A span over two standards is said so; its numbers get no star for it."""
    start, end = moment(date(2025, 12, 1)), moment(date(2026, 4, 1))
    document = made(asks, "span", start, end, "air-period")
    rows = rows_of(document, "evaluation")
    remarked = [row for row in rows if "跨新旧标准" in dict(document.facts)["数据标记"]]
    assert remarked
    short = [row for row in rows if row["value"].mark]
    assert all("跨" not in row["value"].mark for row in short)


def test_a_quarter_by_month(asks: Quality) -> None:
    """Three months; no mean of three years."""
    document = made(
        asks, "quarter", moment(date(2025, 4, 1)), moment(date(2025, 7, 1)), "air-year"
    )
    labels = [row["label"].value for row in rows_of(document, "months")]
    assert labels == ["2025-04", "2025-05", "2025-06"] * len(NAMES)
    assert "three_years" not in [one.name for one in document.parts]


@pytest.mark.parametrize(("kind", "first", "count"), [("week", 6, 7), ("tenday", 21, 11)])
def test_day_by_day(asks: Quality, kind: str, first: int, count: int) -> None:
    """Weeks and ten days: the index of each day, and a calendar of the AQI."""
    begun = date(2025, 10, first)
    end = begun + timedelta(days=count)
    document = made(asks, kind, moment(begun), moment(end), "air-week")
    course = rows_of(document, "course")
    assert len(course) == count * len(NAMES)
    one = RankQuestion(("A1",), moment(begun), moment(begun + timedelta(days=1)))
    assert course[0]["index"].value == asks.rank(one)["index"][0].as_py()
    (calendar,) = (table for table in document.tables if table.name == "calendar")
    assert len(calendar.columns) == 1 + count
    assert calendar.columns[1].label == f"10-{first}"
    assert len(whole(calendar)) == count * len(NAMES)


def whole(table: Table) -> list[int]:
    """Numbers of a table."""
    return [cell.value for row in table.rows for cell in row if isinstance(cell.value, int)]
