"""The store's benchmark (bench/store.py)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bench.minutes import FACTORS, Minutes
from bench.store import START, run
from bench.store_engines import ENGINES
from store.timeseries import FRAMES, SAMPLES


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_is_measured(tmp_path: Path, name: str) -> None:
    """A tiny county goes through all parts, and the questions find what was filled in."""
    result = run(ENGINES[name], tmp_path, stations=2, days=2, batches=2, frames=50)
    values = 2 * 2 * 1440 * len(FACTORS)
    assert result["fill"]["values"] == values
    assert result["commits"]["values"] == 50 * len(FACTORS)
    assert result["commits"]["ratio"] > 0 < result["fill"]["bytes_per_value"]
    assert {name: row["rows"] for name, row in result["queries"].items()} == {
        "24 h, values": 1440,
        "24 h, hours": 24,
        "2 days, values": 2880,
        "2 days, hours": 48,
    }
    assert result["commit_beside_ms"]["median_ms"] > 0


def test_the_county_is_the_same_each_time() -> None:
    """Two objects with the same arguments make the same batches, minute after minute."""
    first, second = (Minutes(START, 3).batch(2) for _ in range(2))
    assert first.frames.equals(second.frames)
    assert first.samples.equals(second.samples)
    assert (first.frames.schema, first.samples.schema) == (FRAMES, SAMPLES)
    assert first.samples.num_rows == 2 * 3 * len(FACTORS)
    county = Minutes(START, 3)
    last = list(county.batches(5, at_once=2))[-1]
    assert last.frames.num_rows == 3
    assert county.now == START + timedelta(minutes=5)
    assert last.frames["position"].to_pylist() == [12, 13, 14]
