"""Commands beside a load, in small; and the light instruments that are asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import commanding

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)


def test_commands_end_and_answers_are_measured_with_and_without(tmp_path: Path) -> None:
    """Each instrument is asked once a round, none twice; the load is answered in both phases."""
    result = commanding.run(20, 100, 30, 1.5, folder=tmp_path)
    assert result["passed"], result["problems"]
    assert result["commands"] >= 30
    assert result["commands"] % 30 == 0
    assert result["sent_again"] == 0
    assert result["commands_per_s"] > 0
    for phase in ("alone", "beside"):
        assert 0 < result["ack_ms"][phase]["p50"] <= result["ack_ms"][phase]["p99"]
        assert set(result["cpu"][phase]) == {"supervisor", "hub", "worker"}
