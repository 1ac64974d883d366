"""`hj212d analyse`, of what a daemon left: roses, patterns, shares, calendars, trends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import air_network
import pytest
from command_line import Hj212d
from PIL import Image

SPAN = ("--from", "2026-10-10", "--to", "2026-10-12")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of ten stations, wind at one."""
    folder = tmp_path_factory.mktemp("left")
    air_network.make(folder)
    return folder


def test_wind_rose(hj212d: Hj212d, data: Path) -> None:
    """All wind comes from the east; every fifth hour is calm."""
    done = hj212d("analyse", "rose", "--data", data, "--place", "S0", *SPAN, "--json")
    assert (done.status, done.err) == (0, "")
    found = json.loads(done.out)
    assert (found["n"], found["calm"], found["skipped"]) == (48, 10, 0)
    assert [row["sector"] for row in found["rows"] if row["n"]] == ["E"]
    assert found["wind"]["direction"] == pytest.approx(91, abs=1)
    calmer = hj212d(
        *("analyse", "rose", "--data", data, "--place", "S0", *SPAN, "--json"),
        *("--calm-ms", "0.1", "--sectors", "8", "--edges", "1,2"),
    )
    found = json.loads(calmer.out)
    assert (found["calm"], len(found["rows"]), found["classes"]) == (0, 8, ["<= 1", "1-2", "> 2"])


def test_pollution_of_a_region_with_the_wind_of_a_station(hj212d: Hj212d, data: Path) -> None:
    """The region's mean, the station's wind; a region alone has none."""
    asked = ("analyse", "rose", "--data", data, "--place", "region:330100", *SPAN)
    done = hj212d(*asked, "--wind", "S0", "--factor", "PM2.5")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 16
    assert float(rows[4]["mean"]) > 30
    polar = hj212d(*asked, "--wind", "S0", "--factor", "O3", "--polar", "--json")
    assert sum(row["n"] for row in json.loads(polar.out)["rows"]) == 48
    alone = hj212d(*asked)
    assert alone.status == 2
    assert alone.err.startswith("hj212d: a region has no wind of its own")


def test_patterns(hj212d: Hj212d, data: Path) -> None:
    """Two days make two values an hour; other factors come from means."""
    done = hj212d(
        *("analyse", "patterns", "--data", data, "--place", "S0", *SPAN),
        *("--factor", "PM2.5", "--factor", "a01007"),
    )
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 48
    assert rows[0] == {
        "factor": "PM2.5",
        "hour": "1",
        "n": "2",
        "mean": "30.0",
        "median": "30.0",
        "p25": "30.0",
        "p75": "30.0",
    }


def test_shares_and_calendar(hj212d: Hj212d, data: Path) -> None:
    """Two polluted days of the dirtiest station."""
    asked = ("--data", data, "--place", "S8", *SPAN, "--json")
    found = json.loads(hj212d("analyse", "share", *asked).out)
    assert (found["polluted"], found["ties"]) == (2, "each")
    found = json.loads(hj212d("analyse", "calendar", *asked).out)
    assert [row["day"] for row in found["rows"]] == ["2026-10-10", "2026-10-11"]
    assert found["rows"][0]["aqi"] > 100


def test_trend(hj212d: Hj212d, data: Path) -> None:
    """Two days are no month: it is shown, short, and nothing is tested."""
    asked = ("--data", data, "--place", "region:330100", *SPAN, "--factor", "PM2.5")
    found = json.loads(hj212d("analyse", "trend", *asked, "--critical", "1%", "--json").out)
    assert [(row["period"], row["n"], row["mark"]) for row in found["rows"]] == [
        ("2026-10", 2, "short")
    ]
    assert found["spearman"]["direction"] == found["mann_kendall"]["direction"] == "too_few"
    rows = list(csv.DictReader(io.StringIO(hj212d("analyse", "trend", *asked).out)))
    assert list(rows[0]) == ["period", "value", "n", "need", "mark", "tested"]


@pytest.mark.parametrize(
    "words",
    [
        ["rose"],
        ["rose", "--factor", "PM2.5"],
        ["rose", "--factor", "PM2.5", "--polar"],
        ["patterns", "--factor", "PM2.5", "--factor", "O3"],
        ["patterns", "--cycle", "weekday"],
        ["share", "--level", "hour", "--ties", "shared", "--above", "100"],
        ["calendar"],
        ["trend", "--by", "month"],
    ],
)
def test_pictures(hj212d: Hj212d, data: Path, tmp_path: Path, words: list[str]) -> None:
    """Each kind has one."""
    file = tmp_path / "made.png"
    done = hj212d("analyse", *words, "--data", data, "--place", "S0", *SPAN, "--output", file)
    assert (done.status, done.err) == (0, "")
    assert Image.open(io.BytesIO(file.read_bytes())).width > 900


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rose", "--polar"], "--polar shows means of a factor"),
        (["rose", "--edges", "a,b"], "--edges a,b: write numbers"),
        (["rose", "--edges", "3,2"], "borders of classes must rise"),
        (["rose", "--format", "png"], "a picture goes to a file"),
        (["share", "--output", "x.pdf"], "--output x.pdf: the format pdf is none of"),
        (
            ["patterns", "--factor", "CO", "--factor", "O3", "--output", "x.png"],
            "one picture has one unit, not mg/m³ and μg/m³",
        ),
        (["calendar", "--to", "2026-10-09"], "--from must be before --to"),
    ],
)
def test_refusals(
    hj212d: Hj212d,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    """One sentence, and no file."""
    monkeypatch.chdir(tmp_path)
    done = hj212d("analyse", words[0], "--data", data, "--place", "S0", *SPAN, *words[1:])
    assert done.status == 2
    assert done.err.startswith(f"hj212d: {sentence}")
    assert not any(file.is_file() for file in tmp_path.iterdir())
