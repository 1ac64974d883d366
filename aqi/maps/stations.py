"""Stations of a map: names, coordinates in WGS-84 and values, made fit for interpolation.

What does not fit is left out by name, never silently. Tests: tests/aqi/test_map_stations.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aqi.maps.notes import Note

Floats = NDArray[np.float64]
_FARTHEST_DEG = 20.0
_PLACE_DECIMALS = 6  # of a degree: 0.1 m


@dataclass(frozen=True)
class Stations:
    """One row a place; ``values`` are of each pollutant, NaN where there is none."""

    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    values: dict[str, Floats]
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def gather(
    names: Sequence[str],
    lon: ArrayLike,
    lat: ArrayLike,
    values: Mapping[str, ArrayLike],
) -> Stations:
    """Stations with usable coordinates.

    ``lon``, ``lat`` in degrees (WGS-84), NaN where unknown; ``values`` by pollutant in its own
    unit. Left out and named: no coordinates; coordinates outside the globe or exactly 0, 0; more
    than 20 degrees from the middle of the others. Stations at one place (to 0.1 m) become one with
    the mean of their values. Negative and infinite values are missing.
    """
    x = np.array(lon, dtype=np.float64)
    y = np.array(lat, dtype=np.float64)
    columns = {key: np.array(column, dtype=np.float64) for key, column in values.items()}
    notes: list[Note] = []
    label = np.array(list(names), dtype=object)
    unknown = np.isnan(x) | np.isnan(y)
    with np.errstate(invalid="ignore"):
        absurd = ~unknown & ((np.abs(x) > 180) | (np.abs(y) > 90) | ((x == 0) & (y == 0)))
    far = _far(x, y, ~unknown & ~absurd)
    for code, which in (
        ("no_coordinates", unknown),
        ("bad_coordinates", absurd),
        ("far_away", far),
    ):
        if which.any():
            notes.append(Note(code, tuple(label[which])))
    keep = ~(unknown | absurd | far)
    x, y, label = x[keep], y[keep], label[keep]
    bad = np.zeros(len(label), dtype=bool)
    for key, column in columns.items():
        kept = column[keep]
        wrong = (kept < 0) | np.isinf(kept)
        bad |= wrong
        columns[key] = np.where(wrong, np.nan, kept)
    if bad.any():
        notes.append(Note("bad_value", tuple(label[bad])))
    return _merged(label, x, y, columns, notes)


def _far(x: Floats, y: Floats, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Two swapped or mistyped numbers must not stretch the map over half the globe."""
    if usable.sum() < 3:
        return np.zeros(len(x), dtype=bool)
    off = np.hypot(x - np.median(x[usable]), y - np.median(y[usable]))
    return usable & (np.nan_to_num(off, nan=np.inf) > _FARTHEST_DEG)


def _merged(
    label: NDArray[np.object_], x: Floats, y: Floats, columns: dict[str, Floats], notes: list[Note]
) -> Stations:
    places = np.round(np.column_stack([x, y]), _PLACE_DECIMALS)
    _, first, group = np.unique(places, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    if len(first) == len(label):
        return Stations(tuple(label), x, y, columns, tuple(notes))
    order = np.argsort(first)  # the stations keep the order they came in
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    group = rank[group]
    together: list[list[str]] = [[] for _ in first]
    for name, number in zip(label, group, strict=True):
        together[number].append(name)
    shared = [name for names in together if len(names) > 1 for name in names]
    notes.append(Note("same_place", tuple(shared)))
    first = np.sort(first)
    return Stations(
        tuple("+".join(names) for names in together),
        x[first],
        y[first],
        {key: _mean_of_groups(column, group, len(first)) for key, column in columns.items()},
        tuple(notes),
    )


def _mean_of_groups(column: Floats, group: NDArray[np.int64], count: int) -> Floats:
    there = ~np.isnan(column)
    total = np.bincount(group[there], weights=column[there], minlength=count)
    number = np.bincount(group[there], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))
