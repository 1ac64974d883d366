"""Frames of a day become a report: by command and by API, in a real daemon and from its store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pypdfium2
import pytest
from running_daemon import PROGRAM, WITH_API, WITHIN_S, Daemon, serving
from waiting import wait_until

from hj212d.wire.build import frame

BEIJING = timezone(timedelta(hours=8))
CODES = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
NAMES = {"HZ1": "西湖", "HZ2": "=下沙"}
CONFIG = f"""{WITH_API}[means]
every_s = 1
late_every_s = 1
first_days = 5
[completeness]
fill = false
""" + "".join(
    f'[[device]]\nmn = "{mn}"\nname = "{name}"\n'
    f'[[site]]\nmn = "{mn}"\nregion = "330100"\nmedium = "air"\n'
    for mn, name in NAMES.items()
)
TODAY = datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = TODAY - timedelta(days=2)


def value(mn: str, hour: int, number: int) -> float:
    """What a station says of an hour; CO is small."""
    found = 20.0 + hour + 3 * number + 5 * (mn == "HZ2")
    return round(found / 40, 1) if CODES[number] == "a21005" else found


def frames(mn: str) -> Iterator[bytes]:
    """24 hours; of one station PM2.5 is missing in half of them."""
    for hour in range(24):
        at = DAY + timedelta(hours=hour)
        values = ";".join(
            f"{code}-Avg={value(mn, hour, number)},{code}-Flag=N"
            for number, code in enumerate(CODES)
            if mn == "HZ1" or code != "a34004" or hour % 2
        )
        yield frame(
            f"QN={at + timedelta(hours=1):%Y%m%d%H%M%S}000;ST=22;CN=2061;PW=123456;MN={mn};"
            f"Flag=5;CP=&&DataTime={at:%Y%m%d%H%M%S};{values}&&".encode()
        )


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command with the daemon's folder and configuration."""
    return subprocess.run(
        [*PROGRAM, *words, "--data", str(data), "--config", str(data / "own.toml")],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def rows(data: Path, *words: str) -> list[dict[str, Any]]:
    """JSON lines of a command."""
    done = run(data, *words, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One that has made its means of the day, with a configuration elsewhere than in its place."""
    data = tmp_path_factory.mktemp("reports") / "data"
    data.mkdir()
    (data / "own.toml").write_text(CONFIG, encoding="utf-8")
    with serving(data, "--config", str(data / "own.toml")) as running:
        for mn in NAMES:
            running.send(*frames(mn))

        def complete() -> bool:
            words = ("airquality", "stations:*", "--from", f"{DAY:%F}")
            found = rows(data, *words, "--to", f"{DAY + timedelta(days=1):%F}")
            return [row["aqi"] is not None for row in found] == [True, True]

        wait_until(complete, "two days of means", WITHIN_S)
        yield running


def test_a_day_by_command(daemon: Daemon, tmp_path: Path) -> None:
    """Cells are the numbers of the query; what is missing is NA with its reason."""
    path = tmp_path / "day.xlsx"
    period = f"{DAY:%F}"
    (made,) = rows(daemon.data, "report", "day", "--period", period, "--output", str(path))
    assert (made["file"], made["template"]) == (str(path), "air-day")
    asked = rows(
        daemon.data, "airquality", "stations:*", "--from", period,
        "--to", f"{DAY + timedelta(days=1):%F}",
    )  # fmt: skip
    sheet = openpyxl.load_workbook(path)["空气质量日报"]
    heads = [str(cell.value).replace("\n", " ") for cell in sheet[1]]
    found = [
        dict(zip(heads, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=2, max_row=3)
    ]
    assert [row["点位/区域"] for row in found] == ["西湖", "=下沙"]
    assert [row["PM10 μg/m³"] for row in found] == [row["pm10"] for row in asked]
    assert found[0]["PM2.5 μg/m³"] == asked[0]["pm25"] == 31.5
    assert found[1]["PM2.5 μg/m³"] == "NA"
    assert found[1]["缺测项目"] == "PM2.5"
    assert "PM2.5" in str(found[1]["说明"])
    assert [str(row["AQI （发布）"]) for row in found] == [row["published_aqi"] for row in asked]


def test_by_api(daemon: Daemon) -> None:
    """A PDF and a Parquet file, made by child processes of the hub, which knows the file of the
    configuration; gone when they are removed."""
    job, raw = daemon.made("reports", {"kind": "day", "period": f"{DAY:%F}", "format": "pdf"})
    pages = pypdfium2.PdfDocument(raw)
    words = pages[0].get_textpage()
    text = words.get_text_range()
    words.close()
    pages.close()
    assert job["title"] in text
    assert "西湖" in text
    assert "31.5" in text
    export, raw = daemon.made(
        "exports", {"what": "means", "level": "hour", "period": f"{DAY:%F}", "format": "parquet"}
    )
    path = daemon.data.parent / "hours.parquet"
    path.write_bytes(raw)
    table = pq.read_table(path)
    assert table.filter(table["n"].is_valid()).num_rows >= 2 * 24 * 6 - 12
    daemon.api(f"reports/{job['id']}", method="DELETE")
    kept = [one.name for one in (daemon.data / "reports").iterdir()]
    assert kept == [export["id"]]


def test_progress_and_refusals(daemon: Daemon, tmp_path: Path) -> None:
    """Lines for a program; what cannot be made is one sentence and no file."""
    path = tmp_path / "hours.csv"
    done = run(
        daemon.data, "report", "hour", "--period", f"{DAY:%F}", "--output", str(path),
        "--progress-json",
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["stage"] for line in lines[:-1]} == {"查询数据", "生成文件"}
    assert lines[-1]["made"]["rows"] == 48
    for words, said in (
        (("report", "day", "--place", "region:x", "--output", "x.pdf"), "region"),
        (("report", "day", "--template", "air-period"), "is for"),
        (("report", "day", "--output", str(tmp_path / "no" / "x.csv")), "cannot be written"),
        (("report",), "which KIND"),
        (("report", "day", "--output", "x.exe"), "exe is none of"),
    ):
        done = run(daemon.data, *words)
        assert (done.returncode in (1, 2), said in done.stderr) == (True, True), done.stderr
        assert done.stderr.count("\n") == 1
    assert [one.name for one in tmp_path.iterdir()] == ["hours.csv"]


def test_samples(daemon: Daemon, tmp_path: Path) -> None:
    """What the instruments sent, as they sent it."""
    path = tmp_path / "x.csv"
    (made,) = rows(
        daemon.data, "export", "samples", "--place", "HZ1", "--period", f"{DAY:%F}",
        "--output", str(path),
    )  # fmt: skip
    assert made["rows"] == 24 * 6
    assert "站点编码" in path.read_text("utf-8-sig").splitlines()[0]


def test_without_a_daemon(daemon: Daemon, tmp_path: Path) -> None:
    """The store that it leaves gives the same report."""
    words = ("report", "day", "--period", f"{DAY:%F}", "--format", "json", "--output")
    rows(daemon.data, *words, str(tmp_path / "1.json"))
    daemon.stop()
    rows(daemon.data, *words, str(tmp_path / "2.json"))
    first, second = (json.loads((tmp_path / f"{n}.json").read_bytes()) for n in (1, 2))
    assert first["parts"] == second["parts"]
