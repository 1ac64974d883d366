"""Who stands near whom: the nearest stations of the same medium within a radius.

Great circles on a sphere. Up to ``most`` nearest each: a median of a dozen is as good as one of a
hundred. Tests: tests/alerts/detect/test_neighbours.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
MOST = 12
_EARTH_KM = 6371.0
_ROWS_AT_ONCE = 256


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
        members = members[np.argsort(latitude[members], kind="stable")]
        for start in range(0, len(members), _ROWS_AT_ONCE):
            _fill(
                near, members, slice(start, start + _ROWS_AT_ONCE), longitude, latitude, radius_km
            )
    return near


def _fill(
    near: Near,
    members: NDArray[np.intp],
    rows: slice,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    radius_km: float,
) -> None:
    some = members[rows]
    ordered = latitude[members]
    reach = np.degrees(radius_km / _EARTH_KM) * 1.001
    low, high = np.searchsorted(ordered, [ordered[rows][0] - reach, ordered[rows][-1] + reach])
    others = members[low : high + 1]
    km = _km(longitude[some], latitude[some], longitude[others], latitude[others])
    km[some[:, None] == others[None, :]] = np.inf
    km[km > radius_km] = np.inf
    wanted = min(near.who.shape[1], len(others))
    order = np.argpartition(km, wanted - 1, axis=1)[:, :wanted]
    by_distance = np.argsort(np.take_along_axis(km, order, 1), axis=1, kind="stable")
    order = np.take_along_axis(order, by_distance, 1)
    far = np.take_along_axis(km, order, 1)
    near.km[some, :wanted] = far
    near.who[some, :wanted] = np.where(np.isfinite(far), others[order], NOBODY)


def _km(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    longitudes: NDArray[np.float64],
    latitudes: NDArray[np.float64],
) -> NDArray[np.float64]:
    a, b = np.radians(latitude)[:, None], np.radians(latitudes)[None, :]
    half = np.sin((a - b) / 2) ** 2
    turned = np.sin((np.radians(longitude)[:, None] - np.radians(longitudes)[None, :]) / 2) ** 2
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
