"""The limits of GB 3838-2002 as numbers: one `Item` for each row of table 1.

Reads the data file, judges nothing. Tests: tests/aqi/water/test_water_classes.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Body = Literal["river", "lake"]


class Item(msgspec.Struct, frozen=True):
    """An item: its limits for classes I to V, the best first (GB 3838-2002, table 1).

    ``direction``: "le" at most, "ge" at least, "range" ``low`` to ``high`` for all classes, "none"
    without limits. ``rated``: takes part in the class. ``first``: cyanide and heavy metals, named
    before others. ``decimals``: what values are rounded to before they are compared.
    """

    zh: str
    unit: str
    direction: Literal["le", "ge", "range", "none"]
    decimals: int
    confidence: str
    rivers: tuple[float, ...] = ()
    lakes: tuple[float, ...] = ()
    lakes_confidence: str = ""
    low: float = 0.0
    high: float = 0.0
    rated: bool = True
    first: bool = False
    saturation_class_1: float | None = None

    def limits(self, body: Body) -> tuple[float, ...]:
        """Limits of classes I to V for a river or a lake; () when the item has none there."""
        return (self.lakes or self.rivers) if body == "lake" else self.rivers


class Trophic(msgspec.Struct, frozen=True):
    """A line of the trophic index: TLI = 10 (a + b ln x), and its weight."""

    unit: str
    weight: float
    a: float
    b: float


class _Trophics(msgspec.Struct, frozen=True):
    items: dict[str, Trophic]


class _File(msgspec.Struct, frozen=True):
    items: dict[str, Item]
    tli: _Trophics


def items() -> dict[str, Item]:
    """All items by name: "COD", "NH3-N", "TP" ... (GB 3838-2002, table 1). Each says how sure it
    is."""
    return _file().items


def trophics() -> dict[str, Trophic]:
    """The five lines of the trophic index (background knowledge)."""
    return _file().tli.items


@cache
def _file() -> _File:
    found = resources.files("aqi").joinpath("data", "surface_water.json")
    return msgspec.json.decode(found.read_bytes(), type=_File)
