"""What a factor code means at a site of a medium: item, unit, decimals; by codes old and new.

Ambient air is factors.py's. Reads the data file. Tests: tests/aqi/test_media_codes.py.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class MediaFactor(msgspec.Struct, frozen=True):
    """``item``: the name that formulas and tables use: "COD", "NOx", "O2", "LA" ..."""

    item: str
    unit: str
    legacy: str = ""
    decimals: int | None = None


class _File(msgspec.Struct, frozen=True):
    media: dict[str, dict[str, MediaFactor]]


def factor_of(medium: str, code: str) -> MediaFactor | None:
    """HJ 212-2017, annex B, and the codes of 2005 (confirmed). None: not known for this medium;
    a medium without a table knows none."""
    return _by_code().get((medium, code))


def codes_of(medium: str, item: str) -> tuple[str, ...]:
    """All codes that carry an item at sites of a medium."""
    return tuple(
        code for (of, code), factor in _by_code().items() if of == medium and factor.item == item
    )


@cache
def _by_code() -> dict[tuple[str, str], MediaFactor]:
    found = resources.files("aqi").joinpath("data", "media_codes.json")
    media = msgspec.json.decode(found.read_bytes(), type=_File).media
    old = {
        (medium, factor.legacy): factor
        for medium, factors in media.items()
        for factor in factors.values()
        if factor.legacy
    }
    new = {
        (medium, code): factor
        for medium, factors in media.items()
        for code, factor in factors.items()
    }
    return {**old, **new}
