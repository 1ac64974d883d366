"""`hj212d means` and the levels of `hj212d query`, asked of a store that no daemon holds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from command_line import Hj212d

from store.means import DERIVED
from store.open import open_store
from store.settings import StoreSettings

FIRST = datetime(2026, 9, 30, 16)  # the 1st of October in Beijing


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose store has 27 days of A and three of B."""
    folder = tmp_path / "data"
    folder.mkdir()
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    rows = [
        {
            "level": "day",
            "start": FIRST + timedelta(days=day),
            "mn": mn,
            "factor": "a34004",
            "stat": "mean",
            "value": value + day,
            "n": 24,
            "need": 20,
            "mark": "",
            "source": "hour",
            "reported": value + day + 0.5,
            "computed": value + day,
            "revision": 0,
            "as_of": FIRST + timedelta(days=40),
        }
        for mn, days, value in (("A", 27, 10.0), ("B", 3, 100.0))
        for day in range(days)
    ]
    store.put_derived(pa.Table.from_pylist(rows, DERIVED))
    store.close()
    return folder


def test_a_month_of_a_station(hj212d: Hj212d, data: Path) -> None:
    """As a table for people and as lines for programs."""
    words = ("means", "A", "--level", "month", "--span", "2026-10", "--data", data)
    shown = hj212d(*words)
    assert shown.status == 0, shown.err
    assert "2026-10" in shown.out
    row = json.loads(hj212d(*words, "--json").out)
    assert (row["mn"], row["value"], row["mark"], row["n"]) == ("A", 23.0, "", 27)
    assert row["start"] == "2026-10-01T00:00:00+08:00"
    assert row["end"] == "2026-11-01T00:00:00+08:00"


def test_show_is_what_is_usually_meant(hj212d: Hj212d, data: Path) -> None:
    """With and without the word; all stations where none is named."""
    words = ("--span", "2026-10-02..03", "--json", "--data", data)
    short = hj212d("means", *words)
    assert short.out == hj212d("means", "show", *words).out
    assert [json.loads(line)["mn"] for line in short.out.splitlines()] == ["A", "B", "A", "B"]


def test_a_free_span_is_one_period(hj212d: Hj212d, data: Path) -> None:
    """The 10th to the 22nd."""
    words = ("--level", "span", "--span", "2026-10-10..22", "--json", "--data", data)
    row = json.loads(hj212d("means", *words).out)
    assert (row["n"], row["need"], row["value"]) == (13, 10, 25.0)


def test_both_sides_are_compared(hj212d: Hj212d, data: Path) -> None:
    """Difference and whether that is the same; at the end how many are."""
    words = ("means", "--compare", "--span", "2026-10-01..03", "--data", data)
    lines = [json.loads(line) for line in hj212d(*words, "--json").out.splitlines()]
    assert [line["difference"] for line in lines] == [0.5] * 6
    assert [line["within"] for line in lines].count(True) == 6
    assert hj212d(*words).out.endswith("6 of 6 within the tolerance\n")
    only = hj212d("means", "--side", "reported", "--span", "2026-10-01", "--json", "--data", data)
    assert json.loads(only.out.splitlines()[0])["value"] == 10.5


def test_query_has_the_longer_levels(hj212d: Hj212d, data: Path) -> None:
    """Of one station; ours in place of what it sent."""
    words = ("query", "--mn", "A", "--format", "json", "--data", data)
    tens = [
        json.loads(line)["value"] for line in hj212d(*words, "--level", "tenday").out.splitlines()
    ]
    assert tens == [14.5, 24.5, 33.0]
    ours = hj212d(*words, "--level", "day", "--computed", "ours", "--limit", "2")
    assert [json.loads(line)["value"] for line in ours.out.splitlines()] == [35.0, 36.0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--span", "soon"), "is no span"),
        (("--span", "2026-10", "--from", "today"), "--span goes without --from and --to"),
        (("--from", "now", "--to", "-1h"), "--from must be before --to"),
        (("--compare", "--side", "computed"), "--compare shows both sides"),
        (("--output", "x"), "--format table is for the screen"),
        (("--level", "minute", "--span", "2026-10-01"), "stations that are named"),
    ],
)
def test_what_cannot_be_asked(
    hj212d: Hj212d, data: Path, words: tuple[str, ...], sentence: str
) -> None:
    """One line."""
    done = hj212d("means", *words, "--data", data)
    assert (done.status > 0, done.err.count("\n")) == (True, 1)
    assert sentence in done.err


def test_only_a_daemon_makes_means_anew(hj212d: Hj212d, data: Path) -> None:
    """Without one it says so."""
    done = hj212d("means", "recompute", "--from", "-2d", "--to", "now", "--data", data)
    assert (done.status, done.err.count("\n")) == (1, 1)
