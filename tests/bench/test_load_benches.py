"""The load benches in small: each runs a real daemon, measures what it says, and judges it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from waiting import wait_until

from bench import burst, connect, memory, pace, steady_load, storm
from bench.generator import GeneratorFailed
from bench.load_command import prepared, show

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)


def check_latencies(found: dict[str, float]) -> None:
    """Percentiles are in order and plausible, in milliseconds."""
    ranked = [found[name] for name in ("p50", "p90", "p99", "p99.9", "max")]
    assert ranked == sorted(ranked)
    assert 0 < ranked[0] < 20_000


def test_pace_compares_three_servers(tmp_path: Path) -> None:
    """Yardstick, null sink and daemon in turn; what was acknowledged is in the journal."""
    result = pace.run(30, 0.4, journal="group", folder=tmp_path, rounds=2)
    assert result["passed"], result["problems"]
    assert [each["server"] for each in result["servers"]] == ["yardstick", "null sink", "daemon"]
    assert result["rounds"] == 2
    assert result["frames_in_journal"] >= result["frames_acked"] > 30
    assert result["servers"][0]["ratio_per_s"] == 1.0
    assert result["ratio_per_s"] > 0
    for each in result["servers"]:
        check_latencies(each["ack_ms"])


def test_steady_counts_bad_weather_apart(tmp_path: Path) -> None:
    """Good frames are answered and stored once, bad ones in quarantine; one link floods."""
    weather = steady_load.Weather(bad_crc=0.1, half=0.1, flood_per_s=300)
    result = steady_load.run(60, 200, 1.5, folder=tmp_path, weather=weather)
    assert result["passed"], result["problems"]
    frames = result["frames"]
    assert frames["stored"] == frames["sent"] > 60 + 300
    assert frames["samples"] == 12 * frames["stored"]
    assert frames["bad"] > 0 < result["bad_sent"]
    assert result["frames_per_s"] == pytest.approx(200, rel=0.2)
    check_latencies(result["ack_ms"])
    assert result["cpu"]["all"] == pytest.approx(
        sum(share for role, share in result["cpu"].items() if role != "all"), abs=0.001
    )


def test_connect_holds_its_links(tmp_path: Path) -> None:
    """On two listeners: none lost, a frame each interval, bytes a link by place."""
    result = connect.run(200, 0.5, 1.0, folder=tmp_path, workers=2)
    assert result["passed"], result["problems"]
    assert (result["opened"], result["greeted"], result["lost"]) == (200, 200, 0)
    assert result["frames"]["stored"] == result["sent"] == result["acked"] == 600
    assert result["least_links_in_status"] == 200
    assert {"listeners", "hub", "kernel_both_ends"} <= set(result["idle_link_bytes"])


def test_memory_is_told_by_stage(tmp_path: Path) -> None:
    """Silent, after a frame, idle and gone."""
    result = memory.run(100, 0.8, folder=tmp_path)
    assert result["passed"], result["problems"]
    assert set(result["bytes_a_link"]) == {"silent", "first_frame", "idle", "gone"}
    assert result["frames"]["stored"] == 100 * memory.FRAMES


def test_storm_brings_every_link_back(tmp_path: Path) -> None:
    """All are answered again, and identified."""
    result = storm.run(150, 20, folder=tmp_path, workers=2)
    assert result["passed"], result["problems"]
    assert result["returned"] == result["identified_in_status"] == 150
    assert result["frames"]["stored"] == 300
    assert 0 < result["all_answered_s"] < 20
    check_latencies(result["connected_ms"])


def test_burst_waits_for_the_last_row(tmp_path: Path) -> None:
    """Not before its answer; every frame once."""
    result = burst.run(70, 1000, 60, folder=tmp_path)
    assert result["passed"], result["problems"]
    assert result["frames"]["stored"] == 1070
    assert 0 < result["last_ack_s"] <= result["last_row_queryable_s"] <= 60


def test_a_result_is_told_with_its_problems() -> None:
    """As JSON or as lines; the exit status is 1 when there are problems."""

    def told(result: dict[str, Any], as_json: bool) -> tuple[int, str]:
        @click.command()
        @click.pass_context
        def command(context: click.Context) -> None:
            show(context, result, as_json)

        run = CliRunner().invoke(command, [])
        return run.exit_code, run.output

    good = {"passed": True, "problems": [], "links": 5, "cpu": {"hub": 0.1, "all": 0.2}}
    bad = {"passed": False, "problems": ["2 links lost"], "links": 5}
    assert told(good, True) == (0, json.dumps(good) + "\n")
    status, lines = told(good, False)
    assert status == 0
    assert "hub 0.1, all 0.2" in lines
    assert told(bad, False)[1].endswith("problem: 2 links lost\n")
    assert told(bad, False)[0] == told(bad, True)[0] == 1


def test_a_failure_is_one_line() -> None:
    """A generator that fails is told in its words, without a traceback."""

    @click.command()
    def command() -> None:
        with prepared(10):
            raise GeneratorFailed("the load generator ended: without a word")

    run = CliRunner().invoke(command, [])
    assert run.exit_code == 1
    assert run.output == "Error: the load generator ended: without a word\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_bench_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Daemon, generator and folder go with it."""
    bench = subprocess.Popen(
        [sys.executable, "-m", "bench", "connect", "--links", "20", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: any(_names(bench.pid, "load-")), "the generator")
        children = _children(bench.pid)
        bench.send_signal(number)
        assert bench.wait(90) == 1
    finally:
        bench.kill()
        bench.wait()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), "their end")
    assert list(tmp_path.iterdir()) == []


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    own = [int(word) for word in text.split()]
    return own + [deeper for child in own for deeper in _children(child)]


def _names(pid: int, part: str) -> list[str]:
    found = [Path(f"/proc/{child}/cmdline").read_text() for child in _children(pid)]
    return [name for name in found if part in name]
