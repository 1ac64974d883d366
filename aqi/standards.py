"""The two versions of HJ 633, which one a date falls under, the six levels and their words.

The date is that of the data, never of the calculation. Nodes of the sub-indices are in
breakpoints.py. Tests: tests/aqi/test_standards.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

Mode = Literal["daily", "hourly"]


@dataclass(frozen=True, slots=True)
class Standard:
    """A version of HJ 633. ``names_exceeding``: its reports name every pollutant above 100;
    ``needs_all``: an index without all pollutants is published only above 100 (5.3.1)."""

    name: str
    title: str
    since: date
    names_exceeding: bool
    needs_all: bool


# GB 3095-2012 and HJ 633-2012 came into force in steps until 2016; data before are judged by them.
HJ633_2012 = Standard(
    "HJ633-2012",
    "环境空气质量指数(AQI)技术规定(试行)",
    date.min,
    names_exceeding=True,
    needs_all=False,
)
HJ633_2026 = Standard(
    "HJ633-2026",
    "环境空气质量指数(AQI)技术规定",
    date(2026, 3, 1),
    names_exceeding=False,
    needs_all=True,
)
STANDARDS = {one.name: one for one in (HJ633_2012, HJ633_2026)}


def standard_at(day: date) -> Standard:
    """The version for data of that (Beijing) day: from 2026-03-01 that of 2026 (confirmed)."""
    return HJ633_2026 if day >= HJ633_2026.since else HJ633_2012


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the AQI (HJ 633, table of levels; the same in both versions; confirmed).

    ``top``: its greatest AQI. Effect and advice are words of ours, Chinese and English.
    """

    level: int
    top: int
    roman: str
    name: str
    category: str
    category_en: str
    colour: str
    colour_en: str
    rgb: tuple[int, int, int]
    cmyk: tuple[int, int, int, int]
    effect: str
    advice: str
    effect_en: str
    advice_en: str

    @property
    def hex(self) -> str:
        """The colour as "#00E400"."""
        return "#{:02X}{:02X}{:02X}".format(*self.rgb)


@cache
def levels() -> tuple[Level, ...]:
    """The six levels, the cleanest first."""
    return tuple(
        Level(**row | {"rgb": tuple(row["rgb"]), "cmyk": tuple(row["cmyk"])})
        for row in _table()["levels"]
    )


def level_of(aqi: int) -> Level:
    """The level of an AQI of 0 or more; an AQI of 0 is level 1 (one source)."""
    return next((one for one in levels() if aqi <= one.top), levels()[-1])


def missing_colour() -> str:
    """The colour of "no index": a choice of ours, no standard has one."""
    return "#{:02X}{:02X}{:02X}".format(*_table()["missing_rgb"])


def sensitive_groups(pollutant: str, *, english: bool = False) -> tuple[str, ...]:
    """Who is sensitive to a pollutant; said when its sub-index is above 100 (HJ 633-2026;
    confirmed). Empty for what is not of the six."""
    table = _table()["sensitive"]
    keys = table["by_pollutant"].get(pollutant, ())
    return tuple(table["groups"][key][1 if english else 0] for key in keys)


@cache
def _table() -> dict[str, Any]:
    text = resources.files("aqi").joinpath("data/levels.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
