"""Inverse distance weighting: the mean of the nearest stations, near ones counting more.

Never below the least nor above the greatest value; exact at stations; bull's eyes around lonely
ones. Shepard 1968 with the nearest k stations. Tests: tests/aqi/test_map_idw.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aqi.extras import needed

Floats = NDArray[np.float64]

NEIGHBOURS = 12
POWER = 2.0


def idw(
    points: Floats,
    values: Floats,
    targets: Floats,
    neighbours: int = NEIGHBOURS,
    power: float = POWER,
) -> Floats:
    """Values at ``targets`` (rows x, y in metres) from stations at ``points``, all different.

    Weights are 1 / distance ** power over the nearest ``neighbours`` (all when there are fewer).
    ValueError without a station.
    """
    if len(points) == 0:
        raise ValueError("no station has a value")
    k = min(neighbours, len(points))
    way, nearest = needed("scipy.spatial").cKDTree(points).query(targets, k=k)
    return _weighted(way.reshape(len(targets), k), values[nearest.reshape(len(targets), k)], power)


def idw_without_each(
    points: Floats, values: Floats, neighbours: int = NEIGHBOURS, power: float = POWER
) -> Floats:
    """What the other stations say of each one's place: leave-one-out, all at once.

    NaN when there is only one station.
    """
    if len(points) < 2:
        return np.full(len(points), np.nan)
    k = min(neighbours, len(points) - 1)
    way, nearest = needed("scipy.spatial").cKDTree(points).query(points, k=k + 1)
    return _weighted(
        way[:, 1:], values[nearest[:, 1:]], power
    )  # the nearest is the station itself


def _weighted(way: Floats, values: Floats, power: float) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        # Relative to the nearest, so that a great power does not overflow.
        weights = (way[:, :1] / way) ** power
    weights[way[:, 0] == 0] = 0.0
    weights[way == 0] = 1.0
    return np.asarray((weights * values).sum(axis=1) / weights.sum(axis=1))
