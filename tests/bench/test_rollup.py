"""The bench of means (bench/rollup.py)."""

from __future__ import annotations

from pathlib import Path

from bench.minutes import FACTORS
from bench.rollup import run


def test_an_hour_and_late_data_are_measured(tmp_path: Path) -> None:
    """All values are rolled up once; late ones of their stations alone, and then nothing more."""
    result = run(tmp_path, stations=3, day_stations=3, late_stations=1)
    hour, late = result["hour"], result["late"]
    assert hour["values"] == 3 * 60 * len(FACTORS)
    assert hour["rows"] == 3 * len(FACTORS)
    assert (late["late_stations"], late["late_hours"]) == (1, 24)
    assert late["few"]["cpu_s"] > 0 < late["whole"]["cpu_s"]
