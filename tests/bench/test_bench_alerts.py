"""The bench of alarms on labelled faults (bench/alerts.py), in small."""

from __future__ import annotations

from bench import alerts
from bench.alerts_days import make
from bench.instruments import faults


def test_a_small_county() -> None:
    """Every kind of fault and of rule has its row; silent stations are told of within minutes,
    and nobody is called silent who is not."""
    found = alerts.run(12, 2, 5, each_fault=1, each_episode=1, calm_days=0.5, step_s=600)
    assert set(found["faults"]) <= set(faults.KINDS)
    for kind in ("silent", "link"):
        row = found["faults"][kind]
        assert row["recall"] == 1.0
        assert 900 <= row["delay_median_s"] <= 1620
    assert found["alarms"]["offline"]["precision"] == 1.0
    assert found["healthy"]["by_kind"]["offline"]["alarms"] == 0
    assert found["values"] > 2 * 2 * 12 * 1440 * 5
    assert not found["published_seed"]


def test_the_same_seed_tells_the_same() -> None:
    """Signals are those of a second run, to the microsecond."""
    county = make(12, 2, 5, each_fault=1, each_episode=1, calm_days=0.5)
    first, _ = alerts.signals_of(county, step_s=1800)
    second, _ = alerts.signals_of(county, step_s=1800)
    assert first == second
    assert first
