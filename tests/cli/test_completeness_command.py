"""`hj212d completeness` and `gaps`, of what a daemon left: from store and registry themselves."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from command_line import Hj212d

from store.duckdb_store import DuckDBStore
from store.registry.open import open_registry
from store.registry.records import DeviceRecord, GapRecord
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

MN = "A" * 24
MIDNIGHT = datetime(2026, 5, 31, 16)  # June the first in Beijing
HOUR = timedelta(hours=1)
ASKED = ("completeness", "--from", "2026-06-01", "--to", "2026-06-02")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """18 hours of a day, 9 of them marked; a gap in the book."""
    folder = tmp_path_factory.mktemp("left")
    frames, samples = [], []
    for number in range(18):
        at = MIDNIGHT + number * HOUR
        row = dict.fromkeys(FRAMES.names) | {
            "received_at": at + HOUR, "lane": "0", "position": number, "link": 1, "mn": MN,
            "st": "32", "cn": "2061", "version": "2017", "rf": False, "encrypted": False,
            "reason": "ok", "data_time": at, "key_time": at, "digest": number, "raw": b"x",
        }  # fmt: skip
        frames.append(row)
        samples.append(
            dict.fromkeys(SAMPLES.names)
            | {name: row[name] for name in ("data_time", "mn", "rf", "received_at", "lane")}
            | {"position": number, "factor": "w01018", "period": "hour", "avg": 1.0}
            | {"flag": "N" if number % 2 else "D"}
        )
    store = DuckDBStore(folder / "hj212d.duckdb")
    store.commit(
        Batch(
            pa.Table.from_pylist(frames, FRAMES),
            pa.Table.from_pylist(samples, SAMPLES),
            LINKS.empty_table(),
            COUNTS.empty_table(),
            {"0": 18},
        )
    )
    store.close()
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    registry.devices.put(DeviceRecord(MN, name="污水厂", region="350200"), "test")
    start = datetime(2026, 6, 1, 10, tzinfo=UTC)
    gap = GapRecord(
        mn=MN, period="hour", start=start, end=start + 6 * HOUR, missing=6, found_at=start
    )
    closed = GapRecord(
        mn=MN, period="day", start=start, end=start + 6 * HOUR, missing=1, found_at=start,
        state="unavailable", attempts=2, why="the instrument has no data of this time",
    )  # fmt: skip
    registry.gaps.put([gap, closed])
    registry.close()
    return folder


def test_people_read_percent(data: Path, hj212d: Hj212d) -> None:
    """Counts, three rates, the interval, and which definition of validity they go by."""
    done = hj212d(*ASKED, "--data", data)
    assert done.status == 0
    (_, row, together) = [line for line in done.out.splitlines() if line]
    for word in ("2026-06-01", MN, "污水厂", "24", "18", "75.00 %", "50.00 %", "37.50 %"):
        assert word in row
    assert "1 h (standard)" in row
    assert "2026-06-01 17:00:00" in row
    assert together == (
        "together 18 of 24: transfer 75.00 %, validity 50.00 % (valid of received), "
        "effective 37.50 %"
    )


def test_programs_read_files(data: Path, hj212d: Hj212d, tmp_path: Path) -> None:
    """JSON lines, CSV and Parquet with the same rows; times in Beijing time."""
    found = json.loads(hj212d(*ASKED, "--json", "--data", data).out)
    assert (found["expected"], found["received"], found["valid"]) == (24, 18, 9)
    assert (found["transfer_rate"], found["validity_of"]) == (0.75, "received")
    assert found["start"] == "2026-06-01T00:00:00+08:00"
    assert found["last"] == "2026-06-01T17:00:00+08:00"
    (row,) = csv.DictReader(io.StringIO(hj212d(*ASKED, "--format", "csv", "--data", data).out))
    assert (row["mn"], row["transfer_rate"]) == (MN, "0.75")
    assert row["last"] == "2026-06-01T17:00:00+08:00"
    path = tmp_path / "rates.parquet"
    done = hj212d(*ASKED, "--format", "parquet", "--output", path, "--data", data)
    assert done.status == 0
    assert pyarrow.parquet.read_table(path)["received"].to_pylist() == [18]


def test_by_month_and_of_some(data: Path, hj212d: Hj212d) -> None:
    """A month is one row; a region without stations has none."""
    asked = ("completeness", "--from", "2026-06-01", "--to", "2026-07-01", "--by", "month")
    found = json.loads(hj212d(*asked, "--region", "3502", "--json", "--data", data).out)
    assert (found["expected"], found["received"]) == (720, 18)
    assert hj212d(*asked, "--region", "11", "--json", "--data", data).out == ""
    people = hj212d(*asked, "--mn", MN, "--summed", "--data", data).out
    assert "month" in people
    assert "2026-06 " in people


def test_the_other_definition_of_validity(data: Path, hj212d: Hj212d, tmp_path: Path) -> None:
    """A setting decides what valid values are divided by; the output says which it was."""
    config = tmp_path / "config.toml"
    config.write_text('[completeness]\nvalidity = "expected"\n')
    done = hj212d(*ASKED, "--json", "--config", config, "--data", data)
    found = json.loads(done.out)
    assert (found["validity_rate"], found["validity_of"]) == (9 / 24, "expected")


def test_gaps(data: Path, hj212d: Hj212d) -> None:
    """Those that are open, unless others are asked for."""
    (found,) = map(json.loads, hj212d("gaps", "--json", "--data", data).out.splitlines())
    assert (found["mn"], found["period"], found["missing"], found["state"]) == (
        MN,
        "hour",
        6,
        "open",
    )
    lines = hj212d("gaps", "--state", "all", "--data", data).out.splitlines()
    assert len(lines) == 3
    lost = hj212d("gaps", "--state", "unavailable", "--mn", MN, "--period", "day", "--data", data)
    assert "the instrument has no data of this time" in lost.out
    assert hj212d("gaps", "--state", "filled", "--json", "--data", data).out == ""


def test_wrong_use(data: Path, hj212d: Hj212d) -> None:
    """A span that ends before it begins, and a table into a file."""
    done = hj212d("completeness", "--from", "now", "--to", "yesterday", "--data", data)
    assert (done.status, "before" in done.err) == (2, True)
    assert hj212d(*ASKED, "--output", "x", "--data", data).status == 2


def test_without_anything(hj212d: Hj212d, tmp_path: Path) -> None:
    """No store: one sentence; no registry: no gaps."""
    done = hj212d(*ASKED, "--data", tmp_path)
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert hj212d("gaps", "--data", tmp_path).status == 0
