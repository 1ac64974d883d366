"""By which kind of mean a factor is averaged: data/averaging.json, else arithmetic.

The arithmetic itself is in hour.py, day.py and periods.py. Tests: tests/aqi/means/test_hour.py.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

Kind = Literal["mean", "energy", "vector", "total", "largest", "least"]
Floats = npt.NDArray[np.float64]

# What the statistic of a kind is called in derived rows.
STATS: dict[Kind, str] = {
    "mean": "mean",
    "energy": "leq",
    "vector": "vector",
    "total": "total",
    "largest": "max",
    "least": "min",
}
# How the values of a statistic make one of a longer period.
KINDS_OF_STATS: dict[str, Kind] = {
    "mean": "mean",
    "zs": "mean",
    "mda8": "mean",
    "max1h": "mean",
    "leq": "energy",
    "ld": "energy",
    "ln": "energy",
    "ldn": "energy",
    "vector": "vector",
    "total": "total",
    "max": "largest",
    "min": "least",
}

_DECIMALS = 9
_ROUNDED_BELOW = 4e6  # above, doubles have no more than nine decimals
_NO_DIRECTION = 1e-6  # directions whose vectors add up to less than this have none


def kind_of(factor: str) -> Kind:
    """How a factor is averaged."""
    return _kinds().get(factor, "mean")


def of_kind(kind: Kind) -> tuple[str, ...]:
    """The factors that the table names for a kind, in order."""
    return tuple(sorted(factor for factor, one in _kinds().items() if one == kind))


def may_be_negative(factor: str) -> bool:
    """Whether a mean below zero can be."""
    return factor in _table().below_zero.factors


def kept(values: Floats) -> Floats:
    """Means as they are kept: to nine decimals.

    Finer than any tie that readings of three decimals can make, and coarser than the noise of
    binary sums: so a mean that is 35.5 is 35.5, and GB/T 8170 rounds it once and rightly
    (nine: a choice).
    """
    small = np.abs(values) < _ROUNDED_BELOW
    return np.where(small, np.round(np.where(small, values, 0.0), _DECIMALS), values) + 0.0


def level_of(energies: Floats) -> Floats:
    """dB of mean energies, 10 lg E (GB 3096-2008, 3.2; background knowledge); nan where there is
    none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = 10.0 * np.log10(energies)
    return np.where(energies > 0, levels, np.nan)


def energy_of(levels: Floats) -> Floats:
    """Energies of levels in dB, 10^(0.1 L) (GB 3096-2008, 3.2; background knowledge)."""
    return np.asarray(10.0 ** (levels / 10.0))


def direction_of(sines: Floats, cosines: Floats) -> Floats:
    """Degrees in [0, 360) of mean sines and cosines (background knowledge); nan where the vectors
    cancel out."""
    degrees = kept(np.degrees(np.arctan2(sines, cosines)) % 360.0)
    degrees = np.where(degrees >= 360.0, 0.0, degrees)
    return np.where(np.hypot(sines, cosines) < _NO_DIRECTION, np.nan, degrees)


def day_night_level(day: Floats, night: Floats) -> Floats:
    """Ldn of Ld (16 hours) and Ln (8 hours, 10 dB heavier) (GB 3096-2008; background
    knowledge)."""
    mean = (16.0 * energy_of(day) + 8.0 * energy_of(night + 10.0)) / 24.0
    return level_of(mean)


def unit_vectors(degrees: Floats) -> tuple[Floats, Floats]:
    """Sines and cosines."""
    turned = degrees * (math.pi / 180.0)
    return np.sin(turned), np.cos(turned)


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    factors: list[str]
    source: str
    confidence: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kinds: dict[Literal["energy", "largest", "least", "vector", "total"], _Named]
    below_zero: _Named


@cache
def _table() -> _Table:
    text = (files("aqi") / "data" / "averaging.json").read_bytes()
    return msgspec.json.decode(text, type=_Table)


@cache
def _kinds() -> dict[str, Kind]:
    return {factor: kind for kind, named in _table().kinds.items() for factor in named.factors}
