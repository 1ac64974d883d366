"""Who stands near whom: stations of the same medium within a radius.

Up to ``most`` of each, a median of a dozen is as good as one of a hundred: near ones, not always
the nearest, for where many crowd only some of a cell of a grid are looked at. Distances are great
circles on a sphere; the date line is not crossed. Tests: tests/alerts/detect/test_neighbours.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
MOST = 12
_EARTH_KM = 6371.0
_KM_PER_DEGREE = np.pi / 180 * _EARTH_KM
_ROWS_AT_ONCE = 4096
_FINER = 6  # the finest cells have a sixty-fourth of the radius
_OF_A_CELL = 16
_CELLS_A_ROW = 1 << 20


class Near(NamedTuple):
    """``who``: a row a station, its nearest first, NOBODY for none; ``km``: how far each is."""

    who: NDArray[np.int32]
    km: NDArray[np.float32]

    def within(
        self, stations: NDArray[np.intp], radius_km: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """The neighbours of some stations, NOBODY beyond each one's radius."""
        found: NDArray[np.int32] = np.where(
            self.km[stations] <= radius_km[:, None], self.who[stations], NOBODY
        )
        return found


def nearest(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    group: NDArray[np.integer],
    radius_km: float,
    most: int = MOST,
) -> Near:
    """Degrees, nan where it is not known; only stations of one group are neighbours."""
    count = len(longitude)
    near = Near(
        np.full((count, most), NOBODY, np.int32), np.full((count, most), np.inf, np.float32)
    )
    for one in np.unique(group):
        members = np.flatnonzero((group == one) & np.isfinite(longitude) & np.isfinite(latitude))
        if len(members) > 1:
            _fill(near, members, longitude[members], latitude[members], radius_km)
    return near


def _fill(
    near: Near,
    members: NDArray[np.intp],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    radius_km: float,
) -> None:
    """Each station by the finest grid of which the cells around it hold enough others."""
    narrow = max(0.05, float(np.cos(np.radians(np.abs(latitude).max()))))
    left = np.arange(len(members))
    for finer in range(_FINER, -1, -1):
        size = max(radius_km, 1e-3) / 2**finer / _KM_PER_DEGREE
        column = np.floor((longitude + 180) * narrow / size).astype(np.int64)
        cell = np.floor((latitude + 90) / size).astype(np.int64) * _CELLS_A_ROW + column
        order = np.argsort(cell, kind="stable")
        ordered = cell[order]
        around = np.array([up * _CELLS_A_ROW + right for up in (-1, 0, 1) for right in (-1, 0, 1)])
        wanted = cell[left][:, None] + around
        begin = np.searchsorted(ordered, wanted)
        held = np.searchsorted(ordered, wanted, "right") - begin
        enough = held.sum(axis=1) > near.who.shape[1] if finer else np.ones(len(left), np.bool_)
        for rows in np.array_split(np.flatnonzero(enough), len(left) // _ROWS_AT_ONCE + 1):
            nth = np.arange(_OF_A_CELL)
            at = np.minimum(begin[rows][:, :, None] + nth, len(order) - 1)
            others = np.where(nth < held[rows][:, :, None], order[at], NOBODY)
            _choose(
                near,
                members,
                left[rows],
                others.reshape(len(rows), len(around) * _OF_A_CELL),
                longitude,
                latitude,
            )
        left = left[~enough]
    near.who[near.km > radius_km] = NOBODY
    near.km[near.km > radius_km] = np.inf


def _choose(
    near: Near,
    members: NDArray[np.intp],
    rows: NDArray[np.intp],
    others: NDArray[np.intp],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
) -> None:
    """The nearest of some others of each."""
    km = _km(
        longitude[rows][:, None], latitude[rows][:, None], longitude[others], latitude[others]
    )
    km[(others == NOBODY) | (others == rows[:, None])] = np.inf
    most = near.who.shape[1]
    order = np.argpartition(km, most - 1, axis=1)[:, :most]
    by_distance = np.argsort(np.take_along_axis(km, order, 1), axis=1, kind="stable")
    order = np.take_along_axis(order, by_distance, 1)
    far = np.take_along_axis(km, order, 1)
    found = members[np.take_along_axis(others, order, 1)]
    near.km[members[rows]] = far
    near.who[members[rows]] = np.where(np.isfinite(far), found, NOBODY)


def _km(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    longitudes: NDArray[np.float64],
    latitudes: NDArray[np.float64],
) -> NDArray[np.float64]:
    a, b = np.radians(latitude), np.radians(latitudes)
    half = np.sin((a - b) / 2) ** 2
    turned = np.sin(np.radians(longitude - longitudes) / 2) ** 2
    found: NDArray[np.float64] = (
        2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(half + np.cos(a) * np.cos(b) * turned, 1.0)))
    )
    return found


def medians(values: NDArray[np.float64], least: NDArray[np.integer]) -> NDArray[np.float64]:
    """Median of each row without its nan; nan where fewer than ``least`` remain."""
    there = np.isfinite(values)
    n = there.sum(axis=1)
    ordered = np.sort(np.where(there, values, np.inf), axis=1)
    rows = np.arange(len(values))
    top = values.shape[1] - 1
    low = ordered[rows, np.clip((n - 1) // 2, 0, top)]
    high = ordered[rows, np.clip(n // 2, 0, top)]
    with np.errstate(invalid="ignore"):
        found: NDArray[np.float64] = np.where((n >= least) & (n > 0), (low + high) / 2, np.nan)
    return found
