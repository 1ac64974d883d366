"""The rules for online data of waste water as numbers. Reads the data file, judges nothing.

Tests: tests/aqi/waste_water/test_discharge.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class Rules(msgspec.Struct, frozen=True):
    """HJ 356-2019 (background knowledge: its clauses were not seen)."""

    day_valid_share: float
    month_valid_share: float
    flow_weighted: tuple[str, ...]
    ranges: tuple[str, ...]
    invalid_flags: dict[str, str]


@cache
def rules() -> Rules:
    """Those of the data file."""
    found = resources.files("aqi").joinpath("data", "waste_water.json")
    return msgspec.json.decode(found.read_bytes(), type=Rules)
