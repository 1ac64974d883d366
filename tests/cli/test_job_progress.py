"""How far a job is: lines for a program, nothing where nobody looks."""

from __future__ import annotations

import json
import sys

import pytest

from hj212d.cli.job_progress import job_progress


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A JSON line a step; within a stage not at each row, but always the last."""
    now = [0.0]
    with job_progress(True, lambda: now[0]) as step:
        for done in range(1, 101):
            step("rows", done, 100)
            now[0] += 0.01
        step("file", 0, 1)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"stage": "rows", "done": 1, "total": 100}
    assert 3 < len(lines) < 10
    assert lines[-2]["done"] == 100
    assert lines[-1]["stage"] == "file"


def test_nothing_and_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log stays clean, a terminal shows the stage."""
    with job_progress(False) as step:
        step("rows", 1, 2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with job_progress(False) as step:
        step("查询数据", 1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "查询数据" in err
