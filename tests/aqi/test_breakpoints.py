"""The nodes of both versions against the tables as people read them."""

from __future__ import annotations

import exact_index
import pytest

from aqi.breakpoints import nodes
from aqi.standards import HJ633_2012, HJ633_2026, Standard

VERSIONS = [(2012, HJ633_2012), (2026, HJ633_2026)]


@pytest.mark.parametrize(("year", "standard"), VERSIONS)
@pytest.mark.parametrize(("pollutant", "average"), exact_index.COLUMNS)
def test_nodes(year: int, standard: Standard, pollutant: str, average: str) -> None:
    """Each concentration, in steps of its last decimal, with source and confidence."""
    found = nodes(standard, pollutant, average)
    scale = 10 if pollutant == "CO" else 1
    expected = [one * scale for one in exact_index.column(year, pollutant, average)]
    assert list(found.steps) == expected
    assert found.iaqi == exact_index.NODES[: len(expected)]
    assert found.source.startswith("HJ 633")
    assert found.confidence == "confirmed"


def test_only_two_nodes_changed() -> None:
    """PM2.5 and PM10 at 100."""
    changed = {
        (pollutant, old, new)
        for pollutant, average in exact_index.COLUMNS
        for old, new in zip(
            nodes(HJ633_2012, pollutant, average).steps,
            nodes(HJ633_2026, pollutant, average).steps,
            strict=True,
        )
        if old != new
    }
    assert changed == {("PM10", 150, 120), ("PM2.5", 75, 60)}


def test_particles_of_an_hour_go_by_the_day() -> None:
    """There is no column of their own; other combinations do not exist."""
    assert nodes(HJ633_2026, "PM2.5", "1h") == nodes(HJ633_2026, "PM2.5", "24h")
    with pytest.raises(ValueError, match="HJ633-2026 has no sub-index for NO2 8h"):
        nodes(HJ633_2026, "NO2", "8h")
