"""Every number of a monthly report in every format is that of the query, rounded once.

The month is the simulated fleet's, its means are rolled up for real; what stands in the files is
reckoned here from the answers, with decimals typed from HJ 663-2026.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import docx
import fleet_month
import openpyxl
import pyarrow as pa
import pypdfium2
import pytest
from fleet_month import CALLED, NOVEMBER, OCTOBER

from admin.fonts import find_font
from admin.reports.building import build
from admin.reports.document import Document
from admin.reports.rendering import Options, render
from admin.reports.template import load
from admin.reports.words import STATISTICS, mark_words, unit_words
from hj212d.cli.reporting import Wish, collect
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from store.open import open_store
from store.settings import StoreSettings

POLLUTANTS = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}
SPAN = (OCTOBER, NOVEMBER)
MADE = datetime.fromisoformat("2026-11-01T08:30:00+08:00")
NONE = "—"

Lines = list[list[str]]
Expected = dict[str, Lines]


class Source:
    """Answers of the store."""

    def __init__(self, asks: Quality) -> None:
        self.aqi, self.evaluate, self.rank = asks.aqi, asks.evaluate, asks.rank

    def means(self, question: MeansQuestion) -> pa.Table:
        """Nobody asks."""
        raise AssertionError(question)

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """Those of the month."""
        return [
            {"mn": one.mn, "name": one.name, "region": one.region, "units": {}, "medium": "air"}
            for one in fleet_month.book().sites()
        ]


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quality]:
    """Air quality of the month."""
    folder = tmp_path_factory.mktemp("month")
    store = open_store(f"duckdb:///{folder}/month.duckdb", StoreSettings())
    fleet_month.fill(store)
    yield fleet_month.quality(store)
    store.close()


@pytest.fixture(scope="module", params=["stations:*", "region:*"])
def place(request: pytest.FixtureRequest) -> str:
    """Stations, and regions."""
    return str(request.param)


@pytest.fixture(scope="module")
def document(asks: Quality, place: str) -> Document:
    """The report."""
    found = load("air-period")
    wish = Wish("month", *SPAN, places=(place,))
    return build(found, collect(Source(asks), found.template, wish, MADE, lambda *_: None))


@pytest.fixture(scope="module")
def expected(asks: Quality, place: str) -> Expected:
    """Heading -> rows of texts, from the answers."""
    days = asks.aqi(AqiQuestion((place,), "day", *SPAN)).to_pylist()
    by_place: dict[str, list[dict[str, Any]]] = {}
    for row in days:
        by_place.setdefault(row["name"], []).append(row)
    return {
        "综合指数排名": [
            ranked(row) for row in asks.rank(RankQuestion((place,), *SPAN)).to_pylist()
        ],
        "空气质量级别天数": [[name, *levels(rows)] for name, rows in by_place.items()],
        "评价与达标情况": [
            judged(row) for row in asks.evaluate(EvaluationQuestion((place,), *SPAN)).to_pylist()
        ],
        "首要污染物天数": [[name, *primaries(rows)] for name, rows in by_place.items()],
        "AQI 日历": [
            [name, *(row["published_aqi"] for row in rows)] for name, rows in by_place.items()
        ],
        "逐日空气质量": [day(row) for row in days],
        "数据有效性": [[name, *validity(rows)] for name, rows in by_place.items()],
    }


def text(value: float | None, decimals: int | None, gap: str = NONE, mark: str = "") -> str:
    """A number rounded once, half to even, with a star where it does not count."""
    if value is None:
        return gap
    if decimals is None:
        return f"{value:.10g}" + ("*" if mark else "")
    step = Decimal(1).scaleb(-decimals)
    return str(Decimal(repr(value)).quantize(step, ROUND_HALF_EVEN)) + ("*" if mark else "")


def concentrations(row: dict[str, Any], gap: str, marks: str = "") -> list[str]:
    """ug/m3 with one decimal, CO in mg/m3 with two."""
    return [
        text(row[key], 2 if name == "CO" else 1, gap, mark="x" if f"{name}:" in marks else "")
        for name, key in POLLUTANTS.items()
    ]


def ranked(row: dict[str, Any]) -> list[str]:
    """A row of the ranking."""
    return [
        text(row["rank"], None, "不参加排名"),
        row["name"],
        text(row["index"], 2, "NA"),
        row["main"].replace(";", "、") or NONE,
        *concentrations(row, "NA", row["mark"]),
        text(row["good_share"], 1, mark=row["mark"]),
        str(row["n"]),
        text(row["previous_change"], 2),
        text(row["last_year_change"], 2),
        mark_words(row["mark"]),
    ]


def counted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Days whose AQI may be published."""
    return [row for row in rows if row["published_aqi"] != "NA"]


def levels(rows: list[dict[str, Any]]) -> list[str]:
    """Days by level."""
    valid = counted(rows)
    of = Counter(row["level"] for row in valid)
    good = of[1] + of[2]
    share = text(100 * good / len(valid), 1)
    numbers = (len(valid), *(of[n] for n in range(1, 7)), good)
    return [*map(str, numbers), share, str(of[5] + of[6]), str(len(rows) - len(valid))]


def judged(row: dict[str, Any]) -> list[str]:
    """A statistic against its limit."""
    if row["unit"] == "%":
        decimals = 1
    elif row["unit"] == "d":
        decimals = 0
    else:
        decimals = 2 if row["pollutant"] in ("CO", "") else 1
    meets = {True: "达标", False: "超标", None: "无法判定" if row["mark"] else NONE}
    return [
        row["name"],
        row["pollutant"] or "综合",
        STATISTICS[row["statistic"]],
        text(row["value"], decimals, mark_words(row["mark"]) or NONE, row["mark"]),
        unit_words(row["unit"]),
        text(row["limit"], None),
        meets[row["meets"]],
        text(row["multiple"], 2),
        str(row["n"]),
        str(row["need"]),
        mark_words(row["mark"]),
    ]


def primaries(rows: list[dict[str, Any]]) -> list[str]:
    """Days of each primary pollutant, and those without."""
    of = Counter(one for row in counted(rows) for one in row["primary"].split(";"))
    return [str(of[name]) for name in (*POLLUTANTS, "")]


def day(row: dict[str, Any]) -> list[str]:
    """A day of a place."""
    published = row["published_aqi"] != "NA"
    return [
        row["name"],
        str((row["start"] + timedelta(hours=8)).date()),
        *concentrations(row, "NA"),
        row["published_aqi"],
        row["category"] if published else "NA",
        row["published_primary"].replace(";", "、") or NONE,
        mark_words(row["mark"]),
    ]


def validity(rows: list[dict[str, Any]]) -> list[str]:
    """How complete the days are."""
    valid = len(counted(rows))
    gaps = Counter(one for row in rows for one in row["missing"].split(";") if one)
    marks = dict.fromkeys(one for row in rows for one in row["mark"].split(";") if one)
    return [
        *("31", str(valid), text(100 * valid / 31, 1)),
        str(sum(1 for row in rows if row["missing"])),
        "、".join(f"{name} {n}" for name, n in gaps.items()) or NONE,
        mark_words(";".join(marks)),
    ]


def lines_of(expected: Expected, heading: str) -> Lines:
    """Without the column of marks where there is none: it is left out."""
    lines = expected[heading]
    marked = heading not in ("空气质量级别天数", "首要污染物天数", "AQI 日历")
    return lines if not marked or any(line[-1] for line in lines) else [one[:-1] for one in lines]


def written(document: Document, form: str, folder: Path) -> Path:
    """The file."""
    path = folder / f"report.{form}"
    render(document, form, path, Options(find_font("")), lambda *_: None)
    return path


def test_the_month_has_what_it_should(asks: Quality) -> None:
    """Days reviewed out, silent, without ozone and marked: no test of numbers without such."""
    rows = asks.aqi(AqiQuestion(("stations:*",), "day", *SPAN)).to_pylist()
    marks = {one.rpartition(":")[2] for row in rows for one in row["mark"].split(";")}
    assert {"review", "none", "short"} <= marks
    assert {"NA"} < {row["published_aqi"] for row in rows}
    assert {"O3"} <= {row["missing"] for row in rows}
    with_dust, without = (
        asks.aqi(AqiQuestion(("region:330200",), "day", *SPAN, events=events))
        for events in ("with", "without")
    )
    assert with_dust["pm10"].to_pylist() != without["pm10"].to_pylist()


def test_days_by_level_are_those_that_are_evaluated(
    asks: Quality, expected: Expected, place: str
) -> None:
    """Good, heavy and valid days counted of days are those of HJ 663 of the span."""
    rows = asks.evaluate(EvaluationQuestion((place,), *SPAN)).to_pylist()
    for name, valid, *of, good, share, heavy, _ in expected["空气质量级别天数"]:
        found = {row["statistic"]: row["value"] for row in rows if row["name"] == name}
        assert found["valid_days"] == int(valid) == sum(map(int, of))
        assert found["good_days"] == int(good)
        assert found["heavy_days"] == int(heavy)
        assert found["good_share"] == float(share)


def test_excel(document: Document, expected: Expected, tmp_path: Path) -> None:
    """Numbers as numbers, with the format that shows them as they stand elsewhere."""
    book = openpyxl.load_workbook(written(document, "xlsx", tmp_path))
    for heading in expected:
        lines = lines_of(expected, heading)
        sheet = book[heading]
        for at, line in enumerate(lines, 2):
            cells = [cell for cell in sheet[at] if cell.value is not None or cell.has_style]
            assert [in_excel(cell) for cell in cells] == line, (heading, at)
        assert sheet.cell(len(lines) + 2, 1).value is None
    front = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=3, max_row=9)}
    assert front["数据版本"].startswith("第 1 版，截至 2026-11-01 02:00")
    assert front["执行标准"] == "HJ 633-2026、GB 3095-2026（过渡期限值）"
    assert front["异常事件"] == "含异常事件"


def in_excel(cell: Any) -> str:
    """A cell as Excel shows it."""
    value = cell.value
    if isinstance(value, datetime | date):
        assert cell.number_format == "yyyy-mm-dd"
        return str(value)[:10]
    if isinstance(value, int | float):
        assert cell.data_type == "n"
        form = cell.number_format
        plain = form.replace('"*"', "")
        decimals = None if plain == "General" else len(plain.partition(".")[2])
        shown = text(value, decimals, mark="x" if "*" in form else "")
        assert float(shown.rstrip("*")) == value  # the number is rounded, not only its look
        return shown
    return str(value or "")


def test_word(document: Document, expected: Expected, tmp_path: Path) -> None:
    """Each cell of each table, in order."""
    book = docx.Document(str(written(document, "docx", tmp_path)))
    assert len(book.tables) == len(expected)
    for heading, table in zip(expected, book.tables, strict=True):
        # Of the XML: python-docx looks the whole table through for each row.
        rows = [
            ["".join(run.text for run in cell.xpath(".//w:t")) for cell in row.tc_lst]
            for row in table._tbl.tr_lst
        ]
        assert rows[1:] == lines_of(expected, heading), heading


def test_pdf(document: Document, expected: Expected, tmp_path: Path) -> None:
    """Each row of each table, one behind the other in the text of the pages."""
    with pypdfium2.PdfDocument(written(document, "pdf", tmp_path)) as pages:
        texts = []
        for page in pages:
            words = page.get_textpage()
            texts.append(words.get_text_range())
            words.close()
            page.close()
    whole = re.sub(r"\s", "", "".join(texts))
    at = 0
    for heading in expected:
        at = whole.index(re.sub(r"\s", "", heading), at)
        for line in lines_of(expected, heading):
            row = re.sub(r"\s", "", "".join(line))
            assert row in whole[at:], (heading, line)
            at = whole.index(row, at)


def test_csv(document: Document, expected: Expected, tmp_path: Path) -> None:
    """Each field of each table."""
    content = written(document, "csv", tmp_path).read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    for heading in expected:
        at = rows.index([heading], rows.index([])) + 2
        lines = lines_of(expected, heading)
        assert rows[at : at + len(lines)] == lines, heading


def test_json(document: Document, expected: Expected, tmp_path: Path) -> None:
    """Numbers as numbers, a mark where one does not count or is missing."""
    parts = json.loads(written(document, "json", tmp_path).read_bytes())["parts"]
    tables = {part["heading"]: part for part in parts if "table" in part}
    assert list(tables) == list(expected)
    for heading, table in tables.items():
        found = []
        for row in table["rows"]:
            marks = row.get("marks", {})
            found.append(
                [in_json(row[one["key"]], marks.get(one["key"])) for one in table["columns"]]
            )
        wanted = [[plain(one) for one in line] for line in lines_of(expected, heading)]
        assert found == wanted, heading


def in_json(value: Any, mark: str | None) -> tuple[Any, bool] | str:
    """A number and whether it counts, a text, or why there is none."""
    if isinstance(value, int | float):
        return float(value), bool(mark)
    return value if value is not None else mark or NONE


def plain(shown: str) -> tuple[Any, bool] | str:
    """The same of a text that is expected."""
    number = shown.rstrip("*")
    return (float(number), number != shown) if re.fullmatch(r"-?[\d.]+", number) else shown


def test_charts(document: Document, expected: Expected, place: str) -> None:
    """What is drawn is what the tables say; days that do not count are gaps."""
    charts = {chart.name: chart for chart in document.charts}
    lines = {one.name: one.values for one in charts["aqi"].series}
    for name, *days in expected["AQI 日历"]:
        assert lines[name] == [None if one == "NA" else int(one) for one in days]
    (index,) = charts["index"].series
    want = [None if line[2] == "NA" else float(line[2]) for line in expected["综合指数排名"]]
    assert index.values == want
    for number, series in enumerate(charts["levels_chart"].series[:6], 2):
        assert series.values == [int(line[number]) for line in expected["空气质量级别天数"]]
    of = Counter(dict.fromkeys(POLLUTANTS, 0))
    for _, *days_of, _ in expected["首要污染物天数"]:
        of.update(dict(zip(POLLUTANTS, map(int, days_of), strict=True)))
    (shares,) = charts["primaries_chart"].series
    assert dict(zip(charts["primaries_chart"].labels, shares.values, strict=True)) == +of
    names = (
        set(CALLED.values())
        if place == "region:*"
        else {one.name for one in fleet_month.stations()}
    )
    assert set(lines) == names
