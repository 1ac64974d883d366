"""Wind roses, pollution roses and polar frequencies: counts and means by direction and speed.

Directions are where the wind comes from, degrees clockwise from north, 0 and 360 alike; the first
sector is centred on north. Pictures: rose_picture.py. Tests: tests/aqi/test_roses.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

SECTORS = 16
SECTOR_NAMES = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)
SECTOR_NAMES_ZH = (
    *("北", "北东北", "东北", "东东北", "东", "东东南", "东南", "南东南"),
    *("南", "南西南", "西南", "西西南", "西", "西西北", "西北", "北西北"),
)
# Wind below this has no direction to trust; the wind force "calm" of GB/T 28591 is 0 to 0.2 m/s
# (background knowledge), vanes commonly start at 0.3 to 0.5.
CALM_MS = 0.5
SPEED_EDGES_MS = (1.5, 3.3, 5.4, 7.9)  # upper ends of wind forces 1 to 4 (background knowledge)
_FASTEST_MS = 100.0


@dataclass(frozen=True)
class Rose:
    """``counts[s, c]``: hours of sector s and class c, calm ones left out.

    ``edges``: borders of the classes in the unit of ``what``; a border belongs to the class below
    it, as wind forces (1.5 m/s is force 1) and nodes of sub-indices do. ``mean``: of each sector,
    NaN without hours; ``calm_mean`` that of calm hours (of a wind rose the speed). ``skipped``:
    hours without a usable direction, speed or value.
    """

    what: str
    edges: tuple[float, ...]
    counts: Counts
    mean: Floats
    calm: int
    calm_mean: float
    skipped: int

    @property
    def n(self) -> int:
        """Hours that count, calm ones included."""
        return int(self.counts.sum()) + self.calm

    def shares(self) -> Floats:
        """Part of all hours that count, 0 to 1; the calm ones are the rest."""
        return self.counts / max(self.n, 1)

    def class_names(self) -> tuple[str, ...]:
        """ "<= 1.5", "1.5-3.3", … "> 7.9"."""
        edges = [f"{edge:g}" for edge in self.edges]
        if not edges:
            return ("",)
        inner = [f"{a}-{b}" for a, b in pairwise(edges)]
        return (f"<= {edges[0]}", *inner, f"> {edges[-1]}")


@dataclass(frozen=True)
class VectorMean:
    """``direction`` in degrees, NaN where directions cancel; ``speed`` of the mean vector in m/s;
    ``steadiness`` 0 to 1: that speed by the mean speed; ``n`` hours."""

    direction: float
    speed: float
    steadiness: float
    n: int


@dataclass(frozen=True)
class PolarFrequency:
    """By sector and speed class (``edges`` in m/s as in a rose): hours, and the mean of the
    values, NaN without hours."""

    edges: tuple[float, ...]
    counts: Counts
    mean: Floats
    skipped: int


def wind_rose(
    direction: ArrayLike,
    speed: ArrayLike,
    *,
    calm_ms: float = CALM_MS,
    edges: Sequence[float] = SPEED_EDGES_MS,
    sectors: int = SECTORS,
) -> Rose:
    """How often the wind comes from where, and how fast. ValueError: edges that do not rise."""
    return _rose("speed", direction, speed, np.asarray(speed, np.float64), calm_ms, edges, sectors)


def pollution_rose(
    direction: ArrayLike,
    speed: ArrayLike,
    values: ArrayLike,
    edges: Sequence[float],
    *,
    what: str = "",
    calm_ms: float = CALM_MS,
    sectors: int = SECTORS,
) -> Rose:
    """How often which concentration comes with wind from where (counts by class of the value), and
    the mean concentration of each sector. Negative and missing values are skipped."""
    given = np.asarray(values, dtype=np.float64)
    given = np.where(given >= 0, given, np.nan)
    return _rose(what, direction, speed, given, calm_ms, edges, sectors)


def polar_frequency(
    direction: ArrayLike,
    speed: ArrayLike,
    values: ArrayLike | None = None,
    *,
    edges: Sequence[float] = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    sectors: int = SECTORS,
) -> PolarFrequency:
    """Hours and mean values by sector and speed; calm hours lie in the lowest speed class."""
    borders = _rising(edges)
    d, v, usable = _wind(direction, speed)
    given = v if values is None else np.asarray(values, dtype=np.float64)
    usable &= np.isfinite(given)
    cells = sector_of(d[usable], sectors) * (len(borders) + 1) + np.digitize(
        v[usable], borders, right=True
    )
    shape = (sectors, len(borders) + 1)
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(cells, weights=given[usable], minlength=counts.size).reshape(shape)
    return PolarFrequency(
        tuple(map(float, borders)), counts, _means(sums, counts), int((~usable).sum())
    )


def vector_mean(direction: ArrayLike, speed: ArrayLike, calm_ms: float = 0.0) -> VectorMean:
    """The mean wind as a vector: never the mean of degrees, which makes south of two norths."""
    d, v, usable = _wind(direction, speed)
    usable &= v >= calm_ms
    angle, length = np.radians(d[usable]), v[usable]
    if length.size == 0:
        return VectorMean(np.nan, np.nan, np.nan, 0)
    east, north = float((length * np.sin(angle)).mean()), float((length * np.cos(angle)).mean())
    whole = float(np.hypot(east, north))
    mean = float(length.mean())
    none = whole <= 1e-9 * max(mean, 1e-300)
    return VectorMean(
        np.nan if none else float(np.degrees(np.arctan2(east, north)) % 360.0),
        whole,
        whole / mean if mean else np.nan,
        int(length.size),
    )


def sector_of(direction: ArrayLike, sectors: int = SECTORS) -> Counts:
    """Number of the sector, 0 north, clockwise; a border belongs to the next sector."""
    width = 360.0 / sectors
    degrees = np.asarray(direction, dtype=np.float64)
    return np.floor((degrees + width / 2) / width).astype(np.int64) % sectors


def _rose(
    what: str,
    direction: ArrayLike,
    speed: ArrayLike,
    values: Floats,
    calm_ms: float,
    edges: Sequence[float],
    sectors: int,
) -> Rose:
    borders = _rising(edges)
    d, v, usable = _wind(direction, speed, calm_ms)
    usable &= np.isfinite(values)
    calm = usable & (v < calm_ms)
    blown = usable & ~calm
    sector = sector_of(d[blown], sectors)
    cells = sector * (len(borders) + 1) + np.digitize(values[blown], borders, right=True)
    shape = (sectors, len(borders) + 1)
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(sector, weights=values[blown], minlength=sectors)
    return Rose(
        what,
        tuple(map(float, borders)),
        counts,
        _means(sums, counts.sum(axis=1)),
        int(calm.sum()),
        float(values[calm].mean()) if calm.any() else np.nan,
        int((~usable).sum()),
    )


def _wind(
    direction: ArrayLike, speed: ArrayLike, calm_ms: float = 0.0
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Directions, speeds, and which are usable: a calm hour needs no direction."""
    d, v = np.asarray(direction, dtype=np.float64), np.asarray(speed, dtype=np.float64)
    if d.shape != v.shape:
        raise ValueError(f"directions and speeds are not as many: {d.size} and {v.size}")
    with np.errstate(invalid="ignore"):
        blows = (v >= 0) & (v <= _FASTEST_MS)
        points = (d >= 0) & (d <= 360)
        return d, v, blows & (points | (v < calm_ms))


def _rising(edges: Sequence[float]) -> Floats:
    borders = np.asarray(edges, dtype=np.float64)
    if borders.ndim != 1 or (np.diff(borders) <= 0).any() or not np.isfinite(borders).all():
        raise ValueError(f"borders of classes must rise: {', '.join(map(str, edges))}")
    return borders


def _means(sums: ArrayLike, counts: Counts) -> Floats:
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
