"""Limits of noise by table and zone, day and night, and for single events of the night.

Reads the data file. Tests: tests/aqi/noise/test_noise_limits.py.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Event = Literal["sporadic", "frequent"]


class ZoneLimits(msgspec.Struct, frozen=True):
    """dB(A) by day and by night."""

    day: float
    night: float


class NoiseTable(msgspec.Struct, frozen=True):
    """Limits by zone ("0" ... "4b"; "" where the standard knows no zones). Margins: by how much
    the loudest moment of a night may exceed the limit of the night."""

    standard: str
    zones: dict[str, ZoneLimits]
    night_sporadic_margin: float
    confidence: str
    clause: str = ""
    night_frequent_margin: float | None = None
    since: date | None = None
    until: date | None = None
    confidence_note: str = ""

    def zone(self, name: str) -> ZoneLimits | None:
        """Limits of a zone. "4" and "4a" are one; None when there is no such zone."""
        other = {"4": "4a", "4a": "4"}.get(name, name)
        return self.zones.get("") or self.zones.get(name) or self.zones.get(other)

    def most_at_night(self, name: str, event: Event = "sporadic") -> float | None:
        """What Lmax may be at night; None without such a zone or margin."""
        limits = self.zone(name)
        frequent = event == "frequent"
        margin = self.night_frequent_margin if frequent else self.night_sporadic_margin
        return None if limits is None or margin is None else limits.night + margin


class _File(msgspec.Struct, frozen=True):
    day_from: int
    day_to: int
    tables: dict[str, NoiseTable]


def tables() -> dict[str, NoiseTable]:
    """GB3096-2008 (zones of a town), GB12348-2008 (fence of a plant), GB12523-2011 and -2025
    (building sites; the figures of 2025 were not seen). Each says how sure it is."""
    return _file().tables


def construction(day: date) -> NoiseTable:
    """The table for building sites at a date: GB 12523-2025 from 2026-01-01 (one source)."""
    new = tables()["GB12523-2025"]
    return new if new.since is not None and day >= new.since else tables()["GB12523-2011"]


@cache
def _file() -> _File:
    found = resources.files("aqi").joinpath("data", "noise_limits.json")
    return msgspec.json.decode(found.read_bytes(), type=_File)
