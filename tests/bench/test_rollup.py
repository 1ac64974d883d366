"""The bench of means (bench/rollup.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.readings import FACTORS, Readings, Span
from bench.rollup import DAY, DAY_STEP_S, HOUR, START, STEP_S, run
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import SampleQuery


def test_an_hour_and_late_data_are_measured(tmp_path: Path) -> None:
    """All values are rolled up once; late ones of their stations alone, wherever the day lies."""
    result = run(tmp_path, stations=40, day_stations=3, late_stations=1, passes=2)
    hour, steady, late = result["hour"], result["steady"], result["late"]
    assert hour["values"] == 40 * (3600 // STEP_S) * len(FACTORS)
    assert hour["rows"] == 40 * len(FACTORS)
    assert steady["late_hours"] == 4
    for day in (late["open"], late["closed"]):
        assert day["late_hours"] == 24
        assert day["few"]["cpu_s"] > 0 < day["whole"]["cpu_s"]


def test_readings_are_what_a_store_answers(tmp_path: Path) -> None:
    """The rows that are written past the store are rows of the store, each once."""
    path = tmp_path / "s.duckdb"
    store = open_store(f"duckdb:///{path}", StoreSettings())
    store.cursors()
    fleet = Readings(path, 3, START)
    fleet.closed(Span(START, START + HOUR, DAY_STEP_S), [2])
    fleet.all_closed(START + DAY)
    written = fleet.arrive(Span(START + DAY, START + DAY + HOUR, STEP_S), with_frames=True)
    assert written == 3 * 120 * len(FACTORS)
    assert store.cursors() == {"0": 360}
    (mn,) = store.devices()["mn"].to_pylist()[1:2]
    found = store.samples(SampleQuery(mn, None, START, START + 2 * DAY))
    assert found.num_rows == (60 + 120) * len(FACTORS)
    assert set(found["factor"].to_pylist()) == set(FACTORS)
    values = found.filter(found["factor"].to_numpy(zero_copy_only=False) == "a34004")["rtd"]
    assert min(values.to_pylist()) >= 35 * 0.7 - 0.1
    assert max(values.to_pylist()) == pytest.approx(35, rel=0.35)
    fleet.close()
    store.close()
