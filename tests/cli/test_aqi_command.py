"""hj212d aqi: worked examples, versions by option, column and date, marks, encodings, formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from command_line import Hj212d, process

from hj212d.cli.aqi_rows import OUTPUTS

VECTORS = Path(__file__).parents[1] / "aqi" / "data" / "aqi_vectors.csv"
HEAD = "id,standard,mode,pm25,pm10,so2,no2,co,o3_1h,o3_8h,so2_24h\n"
CLEAN = "HJ633-2026,daily,20,30,10,15,0.5,,60,"


def rows_of(text: str) -> list[dict[str, str]]:
    """A CSV text as rows."""
    return list(csv.DictReader(io.StringIO(text)))


EXPECTED = rows_of(VECTORS.read_text(encoding="utf-8"))


def test_every_example_in_every_column(hj212d: Hj212d) -> None:
    """The file as it is, without options: standard and mode are the row's."""
    done = hj212d("aqi", VECTORS)
    found = rows_of(done.out)
    assert (done.status, done.err) == (0, "")
    assert found == [row | {"mark": ""} for row in EXPECTED]


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("standard", ["HJ633-2012", "HJ633-2026"])
@pytest.mark.parametrize("mode", ["daily", "hourly"])
def test_examples_by_options(
    mode: str, standard: str, form: str, hj212d: Hj212d, tmp_path: Path
) -> None:
    """Those of one version and mode, in a file that says neither."""
    rows = [row for row in EXPECTED if (row["standard"], row["mode"]) == (standard, mode)]
    inputs = [name for name in HEAD.strip().split(",") if name not in ("standard", "mode")]
    path = tmp_path / "some.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, inputs, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    done = hj212d("aqi", path, "--standard", standard, "--mode", mode, "--format", form)
    if form == "csv":
        found = rows_of(done.out)
    else:
        objects = [json.loads(line) for line in done.out.splitlines()]
        found = [
            {name: "" if cell is None else str(cell) for name, cell in one.items()}
            for one in objects
        ]
    assert rows
    for row, one in zip(rows, found, strict=True):
        assert {name: one[name] for name in ("standard", "mode", *OUTPUTS)} == {
            name: row[name] for name in ("standard", "mode", *OUTPUTS)
        }


def test_option_counts_before_the_column() -> None:
    """A year by the old and by the new standard is one file and two calls."""
    text = HEAD + "a,HJ633-2026,daily,60,90,12,35,0.8,,120,\n"
    for standard, aqi in (("HJ633-2012", "82"), ("hj633-2026", "100"), ("auto", "100")):
        done = process("aqi", "-", "--standard", standard, stdin=text.encode())
        (row,) = rows_of(done.stdout.decode())
        assert row["aqi"] == aqi


@pytest.mark.parametrize(
    ("moment", "standard"),
    [
        ("2026-02-28", "HJ633-2012"),
        ("2026/3/1 00:00", "HJ633-2026"),
        ("2026年2月28日", "HJ633-2012"),
        ("20260301", "HJ633-2026"),
        ("2026-02-28T15:59Z", "HJ633-2012"),
        ("2026-02-28T16:00Z", "HJ633-2026"),
    ],
)
def test_version_by_date(moment: str, standard: str) -> None:
    """The Beijing day of the row, where no version is named."""
    text = f"date,pm25,co\n{moment},60,0.8\n"
    done = process("aqi", "--mode", "daily", "-", stdin=text.encode())
    (row,) = rows_of(done.stdout.decode())
    assert (row["standard"], row["mark"], row["date"]) == (standard, "", moment)


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("abc", "'abc' is not a number"),
        ("-1", "'-1' is negative"),
        ("1e9", "'1e9' is absurd"),
        ("1_000", "'1_000' is not a number"),
        ("inf", "'inf' is not a number"),
    ],
)
def test_bad_cell_is_marked(cell: str, what: str, hj212d: Hj212d, tmp_path: Path) -> None:
    """Row, column and value are named; the value counts as missing; the other rows stand."""
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEAD}a,{CLEAN}\nb,HJ633-2026,daily,20,{cell},10,15,0.5,,60,\n", "utf-8")
    done = hj212d("aqi", path)
    good, bad = rows_of(done.out)
    assert (good["aqi"], good["mark"]) == ("30", "")
    assert bad["mark"] == f"row 2, column pm10: {what}"
    assert (bad["pm10"], bad["iaqi_pm10"], bad["published_aqi"]) == (cell, "", "NA")
    assert done.status == 1
    assert done.err == f"hj212d aqi: {bad['mark']}\n"


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        ("a,HJ633-2030,daily,20", "row 1, column standard: 'HJ633-2030' is not HJ633-2012 or"),
        ("a,HJ633-2026,weekly,20", "row 1, column mode: 'weekly' is not daily or hourly"),
        ("a,,daily,20", "row 1, column standard: '' names no version and no date"),
        ("a,HJ633-2026,daily,20,30", "row 1: 5 cells under 4 columns"),
    ],
)
def test_rows_that_cannot_be_judged(row: str, mark: str) -> None:
    """No index, and the reason."""
    done = process("aqi", "-", stdin=f"id,standard,mode,pm25\n{row}\n".encode())
    (found,) = rows_of(done.stdout.decode())
    assert found["mark"].startswith(mark)
    assert done.returncode == 1


def test_many_marks_are_cut_on_standard_error(hj212d: Hj212d, tmp_path: Path) -> None:
    """The file has them all."""
    path = tmp_path / "bad.csv"
    path.write_text("standard,mode,pm25\n" + "HJ633-2026,daily,x\n" * 30, "utf-8")
    done = hj212d("aqi", path)
    assert all(row["mark"] for row in rows_of(done.out))
    assert done.err.splitlines()[-1] == "hj212d aqi: and 10 more such marks"


def test_outside_the_programme_and_exempt(hj212d: Hj212d, tmp_path: Path) -> None:
    """A slash is not missing: with --exempt the index is published."""
    path = tmp_path / "five.csv"
    path.write_text(f"{HEAD}a,HJ633-2026,daily,20,30,10,15,/,,60,\n", "utf-8")
    assert rows_of(hj212d("aqi", path).out)[0]["published_aqi"] == "NA"
    exempt = hj212d("aqi", path, "--exempt", "CO")
    assert rows_of(exempt.out)[0]["published_aqi"] == "30"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_encodings_and_separators(encoding: str, sign: str) -> None:
    """As Excel and others write them; other columns pass through."""
    text = "站点,PM25,mode\n杭州,６0,daily\n,,\n".replace(",", sign)
    done = process("aqi", "-", "--standard", "HJ633-2026", stdin=text.encode(encoding))
    (row,) = rows_of(done.stdout.decode("utf-8"))
    assert (row["站点"], row["aqi"], row["primary"]) == ("杭州", "100", "PM2.5")


def test_table_for_people(hj212d: Hj212d) -> None:
    """Columns that hold anything, aligned."""
    lines = hj212d("aqi", VECTORS, "--format", "table").out.splitlines()
    assert len(lines) == len(EXPECTED) + 1
    assert lines[0].split()[:4] == ["id", "standard", "mode", "pm25"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "the file has no column of pm25, pm10"),
        (b"id,mode,standard\n", "the file has no column of pm25, pm10"),
        (b"pm25,pm25\n", "the file has two columns pm25"),
        (b"pm25\n", "the file has no column mode: say --mode daily or --mode hourly"),
        (b"pm25,mode\n", "the file has neither a column standard nor a date: say --standard"),
        (b"x" * 200_000, "line 1: field larger than field limit"),
        (b"PK\x03\x04\0\0pm25,mode", "the file is neither UTF-8 nor GBK text"),
    ],
)
def test_files_that_are_no_table(text: bytes, sentence: str) -> None:
    """One line, status 2."""
    done = process("aqi", "-", stdin=text)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"hj212d: {sentence}")
    assert done.stderr.count(b"\n") == 1
