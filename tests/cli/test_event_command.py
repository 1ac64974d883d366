"""`hj212d event` without a daemon; with one: test_site_command.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d

ADD = ("event", "add", "--kind", "dust", "--from", "2026-03-01", "--to", "2026-03-02")


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_add_approve_reject_list(hj212d: Hj212d) -> None:
    """It counts for nothing before somebody approves it."""
    done = hj212d(*ADD, "--area", "330100", "--area", "A", "--pollutant", "PM10")
    assert (done.status, done.out) == (0, "event 1 is proposed\n")
    assert hj212d("event", "list", "--state", "approved", "--json").out == ""
    assert hj212d("event", "approve", "1").out == "event 1 is approved\n"
    (event,) = [json.loads(line) for line in hj212d("event", "list", "--json").out.splitlines()]
    assert (event["area"], event["state"]) == (["330100", "A"], "approved")
    assert "330100, A  PM10" in hj212d("event", "list").out
    assert hj212d("event", "reject", "1").out == "event 1 is rejected\n"
    assert hj212d("event", "list", "--from", "2026-03-02", "--json").out == ""
    missing = hj212d("event", "approve", "2")
    assert (missing.status, missing.err) == (1, "hj212d: there is no event 2\n")
    wrong = hj212d(*ADD, "--area", "A", "--pollutant", "PM1").err
    assert 'pollutants = "PM1": expected one of PM2.5' in wrong
