"""Emission limits of boilers and power plants by table: "GB13223-2011/coal/new".

Reads the data file. Which table an outlet is under is configuration; its permit overrides it.
Tests: tests/aqi/flue/test_flue_limits.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class FlueTable(msgspec.Struct, frozen=True):
    """Limits in mg/m3, dry, standard state, at ``reference_o2`` %; ``permit``: of no standard, in
    force only where a permit says so."""

    table: str
    standard: str
    clause: str
    reference_o2: float
    limits: dict[str, float]
    confidence: str
    reference_o2_confidence: str
    note: str = ""
    permit: bool = False


class _File(msgspec.Struct, frozen=True):
    tables: tuple[FlueTable, ...]


@cache
def tables() -> dict[str, FlueTable]:
    """All tables by name (GB 13271-2014, tables 1 to 3; GB 13223-2011, tables 1 and 2).
    Each says how sure it is."""
    found = resources.files("aqi").joinpath("data", "flue_limits.json")
    decoded = msgspec.json.decode(found.read_bytes(), type=_File)
    return {table.table: table for table in decoded.tables}
