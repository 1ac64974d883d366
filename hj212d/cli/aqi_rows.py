"""Rows of a CSV file of mean concentrations, judged: what `hj212d aqi` does, without printing.

A cell that is no concentration becomes a mark that names row, column and value; it counts as
missing. Tests: tests/cli/test_aqi_command.py.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from aqi.factors import POLLUTANTS
from aqi.index import Judgement, Reading, judge, pollutant_of_item
from aqi.standards import STANDARDS, Mode, Standard, standard_at
from hj212d.cli.refusal import Refusal
from hj212d.cli.times import BEIJING, parse_time

MODES: tuple[Mode, ...] = ("daily", "hourly")
# Columns of input and the item each is; of output, in the order they are written.
INPUTS = {
    "pm25": "PM2.5",
    "pm10": "PM10",
    "so2": "SO2",
    "no2": "NO2",
    "co": "CO",
    "o3_1h": "O3_1h",
    "o3_8h": "O3_8h",
    "so2_24h": "SO2_24h",
}
_IAQI = {f"iaqi_{column}": item for column, item in list(INPUTS.items())[:7]}
_RESULTS = ("aqi", "level", "category", "primary", "exceed_2012")
OUTPUTS = (*_IAQI, *_RESULTS, "published_aqi", "published_primary")
MARK = "mark"
_KNOWN = {*INPUTS, *OUTPUTS, "standard", "mode", MARK}

_Mark = Callable[[str, str, str], None]  # column, value, what is wrong with it

_DATES = ("date", "day", "time", "datetime", "start", "data_time", "日期", "时间")
_MISSING = ("", "na", "n/a", "nan", "null", "none", "-", "--", "—")
_OUTSIDE = "/"  # HJ 633-2026: not in the monitoring programme
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})")
_ABSURD = 100_000.0  # ug/m3; a choice of ours: no air holds that much


@dataclass(slots=True)
class Judged:
    """A row of the answer: cells by column, and the sentences of what was wrong with it."""

    cells: dict[str, object]
    marks: list[str] = field(default_factory=list)


class AqiRows:
    """The rows of a file, judged one by one as they are asked for.

    ``standard`` and ``mode``: for all rows, whatever the file says; None: by the columns
    `standard` and `mode`, and by the date of the row. Refusal: the file is no table of
    concentrations, or says nowhere what it holds.
    """

    def __init__(
        self,
        raw: bytes,
        standard: Standard | None = None,
        mode: Mode | None = None,
        exempt: Collection[str] = (),
    ) -> None:
        self._lines = csv.reader(io.StringIO(_text(raw), newline=""), delimiter=_delimiter(raw))
        self._standard = standard
        self._mode = mode
        self._exempt = exempt
        names = [name.strip() for name in next(self._read(), [])]
        self._names = [name.lower() if name.lower() in _KNOWN else name for name in names]
        self._date = next((name for name in self._names if name.lower() in _DATES), None)
        self._refuse_unusable()
        self.columns = _columns(self._names)

    def __iter__(self) -> Iterator[Judged]:
        for number, cells in enumerate(self._read(), 1):
            if any(cells):
                yield self._judged(number, cells)

    def _read(self) -> Iterator[list[str]]:
        try:
            yield from self._lines
        except csv.Error as error:
            raise Refusal(f"line {self._lines.line_num}: {error}") from error

    def _refuse_unusable(self) -> None:
        named = [name for name in self._names if name]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise Refusal(f"the file has two columns {twice[0]}")
        if not any(column in named for column in INPUTS):
            raise Refusal(f"the file has no column of {', '.join(INPUTS)}")
        if self._mode is None and "mode" not in named:
            raise Refusal("the file has no column mode: say --mode daily or --mode hourly")
        if self._standard is None and "standard" not in named and self._date is None:
            raise Refusal(
                "the file has neither a column standard nor a date: say --standard "
                f"{' or '.join(STANDARDS)}"
            )

    def _judged(self, number: int, cells: Sequence[str]) -> Judged:
        found = Judged(dict.fromkeys(self.columns, ""))

        def mark(column: str, value: str, what: str) -> None:
            found.marks.append(f"row {number}, column {column}: {value!r} {what}")

        if len(cells) != len(self._names):
            found.marks.append(
                f"row {number}: {len(cells)} cells under {len(self._names)} columns"
            )
        given = dict(zip(self._names, cells, strict=False))
        found.cells.update(item for item in given.items() if item[0] not in OUTPUTS)
        values: dict[str, str | None] = {}
        outside = set()
        for column, item in INPUTS.items():
            text = unicodedata.normalize("NFKC", given.get(column, "")).strip()
            values[column] = None
            if text == _OUTSIDE:
                outside.add(pollutant_of_item(item))
            elif text.lower() not in _MISSING:
                wrong = _wrong(text)
                values[column] = None if wrong else text
                if wrong:
                    mark(column, given[column], wrong)
        outside -= {pollutant_of_item(INPUTS[column]) for column, one in values.items() if one}
        standard = self._standard or self._standard_of(given, mark)
        mode = self._mode or self._mode_of(given, mark)
        if standard is not None and mode is not None:
            programme = [one for one in POLLUTANTS if one not in outside]
            # A file's O3 columns count as far as they are filled; `judge` knows which may.
            judgement = judge(
                standard,
                mode,
                Reading(**values),
                programme,
                exempt=self._exempt,
                daily_o3=("8h", "1h"),
            )
            found.cells |= {"standard": standard.name, "mode": mode} | _results(judgement)
        found.cells[MARK] = "; ".join(found.marks)
        return found

    def _standard_of(self, given: dict[str, str], mark: _Mark) -> Standard | None:
        name = given.get("standard", "").strip()
        if name:
            found = STANDARDS.get(name.upper().replace(" ", ""))
            if found is None:
                mark("standard", name, f"is not {' or '.join(STANDARDS)}")
            return found
        text = given.get(self._date, "").strip() if self._date else ""
        day = _day(text)
        if day is None:
            mark(self._date or "standard", text, "names no version and no date")
            return None
        return standard_at(day)

    def _mode_of(self, given: dict[str, str], mark: _Mark) -> Mode | None:
        text = given.get("mode", "").strip()
        found = next((one for one in MODES if one == text.lower()), None)
        if found is None:
            mark("mode", text, f"is not {' or '.join(MODES)}")
        return found


def _text(raw: bytes) -> str:
    """UTF-8, with or without a mark of byte order, else GBK. Refusal: neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refusal("the file is neither UTF-8 nor GBK text")


def _delimiter(raw: bytes) -> str:
    """Of the header line: a comma, else a tab or semicolon that is there."""
    header = raw.split(b"\n", 1)[0]
    return next((sign for sign in ",\t;" if sign.encode() in header), ",")


def _columns(names: Sequence[str]) -> list[str]:
    """Columns of the answer: what stood before the concentrations, then those, then results,
    then all else, then the mark."""
    inputs = [name for name in names if name in INPUTS]
    before = names[: names.index(inputs[0])]
    lead = [name for name in before if name and name not in _KNOWN]
    rest = [name for name in names[len(before) :] if name and name not in _KNOWN]
    return [*lead, "standard", "mode", *INPUTS, *OUTPUTS, *rest, MARK]


def _wrong(text: str) -> str:
    """What keeps the text from being a concentration; "" when it is one."""
    if not _NUMBER.fullmatch(text):
        return "is not a number"
    if float(text) < 0:
        return "is negative"
    return "is absurd" if float(text) > _ABSURD else ""


def _day(text: str) -> date | None:
    """The Beijing day a cell names: as the command line takes it, or 2026/3/1, 2026年3月1日."""
    if text[:1].isdigit():
        for read in (_by_command_line, _by_parts):
            try:
                return read(text)
            except ValueError:
                continue
    return None


def _by_command_line(text: str) -> date:
    return parse_time(text, datetime.now(UTC)).astimezone(BEIJING).date()


def _by_parts(text: str) -> date:
    parts = _DAY.match(text)
    if parts is None:
        raise ValueError(text)
    return date(*map(int, parts.groups()))


def _results(judgement: Judgement) -> dict[str, object]:
    """Cells by column of output; None is an empty cell."""
    return {
        **{column: judgement.iaqi[item] for column, item in _IAQI.items()},
        "aqi": judgement.aqi,
        "level": judgement.level,
        "category": judgement.category,
        "primary": ";".join(judgement.primary),
        "exceed_2012": ";".join(judgement.exceeding),
        "published_aqi": judgement.published_aqi,
        "published_primary": ";".join(judgement.published_primary),
    }
