"""Pollutants and the HJ 212 codes that carry them; the unit of a code where a site names none.

Only look-ups in data/factors.json, whose facts name source and confidence; conversion is
units.py's. Tests: tests/aqi/test_factors.py.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")  # of the AQI, in the order of its reports


def code_of(pollutant: str) -> str:
    """ "PM2.5" -> "a34004". KeyError: not a pollutant of the table."""
    return _codes()[pollutant]


def codes_of(pollutant: str) -> tuple[str, ...]:
    """ "PM2.5" -> its codes, that of 2017 first. KeyError: not a pollutant of the table."""
    older = {row["pollutant"]: row["older_code"] for row in _table()["pollutants"]}
    return tuple(code for code in (code_of(pollutant), older[pollutant]) if code)


def pollutant_of(code: str) -> str | None:
    """ "a34004" -> "PM2.5", by the codes of 2017 and of 2005; None for all other factors."""
    return _pollutants().get(code)


def default_unit(code: str, medium: str) -> str | None:
    """The unit readings of a factor are taken to have at a site of this medium.

    "air", "dust", "flue", "wastewater", "water", "noise"; None for any other. A site's own units
    count before it. Only PM2.5 to TSP, and what the table names, are more than a guess.
    """
    found = _table()["units"].get(medium)
    if found is None:
        return None
    unit: str = found["units"].get(code, found["otherwise"])
    return unit


def judged_unit(pollutant: str) -> str:
    """The unit in which a pollutant of the air is judged: mg/m3 for CO, ug/m3 for the others."""
    return "mg/m3" if pollutant == "CO" else "ug/m3"


@cache
def _table() -> dict[str, Any]:
    text = resources.files("aqi").joinpath("data/factors.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


@cache
def _codes() -> dict[str, str]:
    return {row["pollutant"]: row["code"] for row in _table()["pollutants"]}


@cache
def _pollutants() -> dict[str, str]:
    rows = _table()["pollutants"]
    older = {row["older_code"]: row["pollutant"] for row in rows if row["older_code"]}
    return older | {row["code"]: row["pollutant"] for row in rows}
