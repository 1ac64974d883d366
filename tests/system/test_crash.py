"""The promise itself: what was acknowledged is stored, once, byte for byte, whatever happens.

Short runs of `python -m bench crash`, against real processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_until

from bench.crash import Plan, run

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="a small disk needs root: mount -t tmpfs"
)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(blow="kill", blows=6), id="kill"),
        pytest.param(Plan(blow="torn", blows=2), id="torn"),
        pytest.param(Plan(blow="bitflip", blows=3), id="bitflip"),
        pytest.param(Plan(blow="full", blows=2), id="full", marks=needs_root),
        pytest.param(Plan(blow="kill", blows=2, store="chdb"), id="chdb"),
        pytest.param(Plan(blow="kill", blows=3, store="clickhouse-front"), id="clickhouse"),
        pytest.param(Plan(blow="kill", blows=2, codec="python"), id="python wire"),
    ],
)
def test_no_acknowledged_frame_is_lost_or_doubled(tmp_path: Path, plan: Plan) -> None:
    """100 links, blows at random moments, and the oracle finds no broken promise."""
    plan = Plan(
        100, plan.blows, plan.blow, seed=7, pause_s=0.4, gap_s=0.6,
        store=plan.store, codec=plan.codec,
    )  # fmt: skip
    said: list[str] = []
    result = run(plan, tmp_path, said.append)
    assert result["passed"], "\n".join([*result["violations"], *said])
    assert len(said) == plan.blows
    assert result["frames_acked"] > 100
    assert result["samples_checked"] > result["frames_acked"]
    assert result["connects"] >= 100
    assert result["codec"] == plan.codec or plan.codec == ""


def test_a_crash_test_that_is_ended_takes_its_daemon_along(tmp_path: Path) -> None:
    """SIGTERM to the harness: no process of the daemon stays behind."""
    harness = subprocess.Popen(
        [sys.executable, "-m", "bench", "crash", "--links", "5", "--keep", str(tmp_path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    log = tmp_path / "serve.log"
    wait_until(lambda: log.exists() and b"event=ready name=hub" in log.read_bytes(), "a daemon")
    harness.send_signal(signal.SIGTERM)
    assert harness.wait(90) != 0
    lock = (tmp_path / "disk" / "data" / "lock").resolve()
    wait_until(lambda: lock not in open_files(), "a free data folder")


def open_files() -> set[Path]:
    """What any process that we may look at holds open."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            found.add(link.readlink())
        except OSError:
            continue
    return found
