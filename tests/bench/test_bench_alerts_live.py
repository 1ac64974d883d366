"""The bench of alerts beside a load (bench/alerts_live.py), in small."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import alerts_live

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)


def test_stations_over_a_limit_are_told_of(tmp_path: Path) -> None:
    """Each station that breaks a limit gets its alarm and its incident; nothing is behind."""
    result = alerts_live.run(40, 100, 2.0, 1, folder=tmp_path)
    assert result["passed"], result["problems"]
    assert result["probes"] == 4
    assert 0 < result["to_alarm_s"]["p50"] <= result["to_incident_s"]["max"]
    assert result["raised"] >= 4
    assert result["evaluated_frames"] >= 40 + 200 + 8
    assert set(result["cpu"]["on"]) == set(result["cpu"]["off"]) >= {"hub", "worker"}
