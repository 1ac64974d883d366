"""Emission limits of boilers and power plants."""

from __future__ import annotations

import pytest

from aqi.flue.limits import tables


@pytest.mark.parametrize(
    ("name", "oxygen", "pm", "so2", "nox"),
    [
        ("GB13271-2014/coal/new", 9, 50, 300, 300),
        ("GB13271-2014/coal/special", 9, 30, 200, 200),
        ("GB13271-2014/gas/new", 3.5, 20, 50, 200),
        ("GB13271-2014/coal/existing/high-sulfur", 9, 80, 550, 400),
        ("GB13223-2011/coal/new", 6, 30, 100, 100),
        ("GB13223-2011/coal/special", 6, 20, 50, 100),
        ("GB13223-2011/gas/turbine", 15, 5, 35, 50),
        ("ultra-low/coal", 6, 10, 35, 50),
    ],
)
def test_limits(name: str, oxygen: float, pm: float, so2: float, nox: float) -> None:
    """The published figures, each with its reference oxygen."""
    table = tables()[name]
    assert table.reference_o2 == oxygen
    assert (table.limits["PM"], table.limits["SO2"], table.limits["NOx"]) == (pm, so2, nox)


def test_every_table_says_how_sure_it_is() -> None:
    """And ultra-low is of no standard."""
    sure = {"confirmed", "one source", "background knowledge"}
    assert {table.confidence for table in tables().values()} <= sure
    assert {table.reference_o2_confidence for table in tables().values()} <= sure
    assert [name for name, table in tables().items() if table.permit] == ["ultra-low/coal"]
