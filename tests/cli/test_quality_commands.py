"""`hj212d airquality`, `evaluate` and `rank`, of what a daemon left: from store and registry."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from command_line import Hj212d

from aqi.factors import code_of
from hj212d.cli.refusal import Refusal
from hj212d.cli.span_option import chosen
from store.means import DERIVED
from store.open import open_store
from store.registry.decisions import EventRecord
from store.registry.open import open_registry
from store.registry.records import DeviceRecord
from store.settings import StoreSettings

LEVELS = {"PM2.5": 40.0, "PM10": 70.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 110.0}
MIDNIGHT = datetime(2026, 10, 9, 16)  # of October the 10th in Beijing
SPAN = ("--span", "2026-10-10..22")
DAYS = 13
HOUR = timedelta(hours=1)
NAMES = DERIVED.names
DUST = [*[80.0] * 6, 200.0, 640.0, 300.0, 85.0, 80.0]


def hours_of(mn: str, pm10: list[float]) -> list[dict[str, Any]]:
    """Rows of hours of PM10 from October the 10th on."""
    known = {
        "level": "hour",
        "mn": mn,
        "factor": code_of("PM10"),
        "stat": "mean",
        "n": 60,
        "need": 45,
        "mark": "",
        "source": "realtime",
        "as_of": datetime(2026, 11, 1),
    }
    return [
        {name: {**known, "start": MIDNIGHT + at * HOUR, "value": one}.get(name) for name in NAMES}
        for at, one in enumerate(pm10)
    ]


def days_of(mn: str, **levels: float) -> list[dict[str, Any]]:
    """Rows of days, all alike."""
    rows = []
    for pollutant, level in {**LEVELS, **levels}.items():
        for day in range(DAYS):
            known = {
                "level": "day",
                "start": MIDNIGHT + day * timedelta(days=1),
                "mn": mn,
                "factor": code_of(pollutant),
                "stat": "mda8" if pollutant == "O3" else "mean",
                "value": level,
                "n": 24,
                "need": 20,
                "mark": "",
                "source": "hour",
                "as_of": datetime(2026, 11, 1),
            }
            rows.append({name: known.get(name) for name in DERIVED.names})
    return rows


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cities, a station each, and an approved event."""
    folder = tmp_path_factory.mktemp("left")
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    rows = [*days_of("A"), *days_of("B", PM10=50.0), *hours_of("A", DUST)]
    store.put_derived(pa.Table.from_pylist(rows, schema=DERIVED))
    store.close()
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    for mn, name, region in [("A", "翠苑", "330106"), ("B", "江北", "330205")]:
        registry.devices.put(DeviceRecord(mn, name=name, region=region, st="22"), "test")
    start = MIDNIGHT.replace(tzinfo=UTC)
    event = EventRecord(kind="dust", area=["3301"], start=start, end=start + timedelta(hours=6))
    registry.events.decide(registry.events.add(event, "test").id, "approved", "test")
    registry.close()
    return folder


def test_days_of_stations(hj212d: Hj212d, data: Path) -> None:
    """A line a day and station, with the index and what it is made of."""
    done = hj212d("airquality", "--data", data, *SPAN)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["time", "place", "name", "aqi"]
    assert lines[1].split() == [
        *("2026-10-10", "A", "翠苑", "65", "良", "PM10"),
        *("40", "70", "8", "30", "0.8", "110"),
    ]
    assert len([line for line in lines if " B " in line]) == DAYS
    assert lines[-1] == "standard: HJ633-2026"


def test_json_and_csv_in_beijing_time(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """All columns, in their order; Parquet as well."""
    asked = ("airquality", "--data", data, "region:330100", *SPAN)
    rows = [json.loads(line) for line in hj212d(*asked, "--json").out.splitlines()]
    assert len(rows) == DAYS
    assert (rows[0]["place"], rows[0]["start"]) == ("region:330100", "2026-10-10T00:00:00+08:00")
    assert rows[0]["as_of"] == "2026-11-01T08:00:00+08:00"
    table = list(csv.DictReader(io.StringIO(hj212d(*asked, "--format", "csv").out)))
    assert table[0]["end"] == "2026-10-11T00:00:00+08:00"
    assert (table[0]["aqi"], table[0]["standard"]) == ("65", "HJ633-2026")
    file = tmp_path / "rows.parquet"
    assert hj212d(*asked, "--format", "parquet", "--output", file).status == 0
    assert pyarrow.parquet.read_table(file).num_rows == DAYS


def test_evaluate(hj212d: Hj212d, data: Path) -> None:
    """Regions one level below the one that holds all; with and without the event."""
    done = hj212d("evaluate", "--data", data, *SPAN, "--events", "both")
    assert done.status == 0
    first = done.out.splitlines()[1].split()
    assert first == ["region:330100", "PM2.5", "mean", "40", "30", "no", "0.33", "13/10", "with"]
    assert "2026-10-10 to 2026-10-22" in done.out
    assert done.out.splitlines()[-2:] == ["standard: GB3095-2026-transition", "method: rank2014"]
    rows = [
        json.loads(line)
        for line in hj212d(
            *("evaluate", "--data", data, *SPAN, "A", "--events", "without", "--json")
        ).out.splitlines()
    ]
    # The day of the event has no hours in the store, so nothing of its particles is left.
    assert [row["n"] for row in rows if row["statistic"] == "mean"][:3] == [12, 12, 13]


def test_rank(hj212d: Hj212d, data: Path) -> None:
    """Both standards; the cleaner city first; what there is not before is empty."""
    asked = ("rank", "--data", data, *SPAN, "--standard", "old", "--standard", "new")
    done = hj212d(*asked)
    assert done.status == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert [line[:4] for line in lines[1:5]] == [
        ["1", "region:330200", "330200", "3.62"],
        ["2", "region:330100", "330100", "3.91"],
        ["1", "region:330200", "330200", "3.93"],
        ["2", "region:330100", "330100", "4.27"],
    ]
    rows = [json.loads(line) for line in hj212d(*asked, "--json").out.splitlines()]
    # 40/35 = 1.14, 50/70 = .71, 8/60 = .13, 30/40 = .75, .8/4 = .2, 110/160 = .69
    assert rows[0]["value"] == 3.62
    assert rows[1]["value"] == 3.91  # 70/70
    assert rows[2]["value"] == 3.93  # 40/30 = 1.33, 50/60 = .83
    assert rows[3]["value"] == 4.27  # 70/60 = 1.17
    assert [row["rank"] for row in rows] == [1, 2, 1, 2]


def test_over_time(hj212d: Hj212d, data: Path) -> None:
    """A station's own ten days; those of which too few days are there have no rank."""
    done = hj212d("rank", "--data", data, *SPAN, "A", "--over-time", "tenday", "--by", "pm10")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[1][:4] == ["1", "2026-10-11", "2026-10-20", "A"]
    assert [line[0] for line in lines[2:4]] == ["-", "-"]
    assert "key: pm10" in done.out


def test_hours_that_look_like_dust(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """They are listed, and added for somebody to approve."""
    copied = tmp_path / "data"
    shutil.copytree(data, copied)
    asked = ("event", "propose", "--data", copied, "--from", "2026-10-10", "--to", "2026-10-12")
    done = hj212d(*asked)
    assert done.status == 0
    line = done.out.splitlines()[1]
    assert line.split()[:5] == ["330100", "2026-10-10", "06:00:00", "2026-10-10", "09:00:00"]
    assert line.endswith("PM10 200 ug/m3, 80 in the six hours before, at most 640")
    (kept,) = [json.loads(line) for line in hj212d(*asked, "--add", "--json").out.splitlines()]
    assert (kept["state"], kept["area"], kept["pollutants"]) == (
        "proposed",
        ["330100"],
        ["PM2.5", "PM10"],
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("rank", "region:33x"), "2, 4, 6, 9 or 12 digits"),
        (("rank", "--span", "2026-13"), "--span"),
        (("rank", "--span", "2026", "--days", "3"), "exclude each other"),
        (("rank", "--method", "rank2099"), "there is no method rank2099"),
        (("rank", "--within-region", "--over-time", "day"), "exclude each other"),
        (("evaluate", "A", *SPAN, "--three-year"), "whole years"),
        (("evaluate", "--to", "2026-10-10"), "--to needs --from"),
        (("airquality", "--from", "2026-10-10", "--to", "2026-10-09"), "must be before"),
        (("airquality", "--output", "x"), "--format table is for the screen"),
    ],
)
def test_wrong_questions(hj212d: Hj212d, data: Path, words: tuple[str, ...], problem: str) -> None:
    """One sentence, status 2."""
    done = hj212d(words[0], "--data", data, *words[1:])
    assert (done.status, done.out) == (2, "")
    assert problem in done.err


def test_nothing_there(hj212d: Hj212d, tmp_path: Path) -> None:
    """Without a store the answer is no, in one line."""
    done = hj212d("rank", "--data", tmp_path)
    assert done.status in (1, 2)
    assert done.err.count("\n") == 1


NOW = datetime(2026, 3, 1, 1, tzinfo=UTC)  # 9:00 in Beijing


@pytest.mark.parametrize(
    ("said", "first", "behind"),
    [
        ({}, date(2026, 2, 22), date(2026, 3, 1)),
        ({"days": 3}, date(2026, 2, 26), date(2026, 3, 1)),
        ({"months": 3}, date(2025, 12, 1), date(2026, 3, 1)),
        ({"span": "2025-Q4"}, date(2025, 10, 1), date(2026, 1, 1)),
    ],
)
def test_spans(said: dict[str, Any], first: date, behind: date) -> None:
    """Whole days of Beijing, up to yesterday; whole months up to the last."""
    known = {"span": None, "days": None, "months": None, "start": None, "end": None}
    start, end = chosen(**{**known, **said}, usual_days=7, now=NOW)
    hours = timedelta(hours=8)
    assert ((start + hours).date(), (end + hours).date()) == (first, behind)
    assert (start + hours).hour == (end + hours).hour == 0


def test_from_without_to() -> None:
    """Up to now."""
    begin = datetime(2026, 2, 1, tzinfo=UTC)
    assert chosen(None, None, None, begin, None, 7, NOW)[1] == NOW.replace(tzinfo=None)
    with pytest.raises(Refusal, match="before"):
        chosen(None, None, None, NOW, begin, 7, NOW)
