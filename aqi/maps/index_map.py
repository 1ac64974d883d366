"""A map of the AQI: concentrations are interpolated, then judged cell by cell.

The AQI itself is never interpolated: the greatest sub-index of two places says nothing about the
place between them. Tests: tests/aqi/test_map_index.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from aqi.factors import POLLUTANTS
from aqi.judge_arrays import Judgements, judge_arrays
from aqi.maps.bands import bands_of_index, smooth_index
from aqi.maps.field import Field
from aqi.maps.grid import Grid
from aqi.maps.notes import Note
from aqi.maps.scoring import score
from aqi.maps.stations import Stations
from aqi.maps.surface import Surface, words_of_method
from aqi.standards import Mode, Standard

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class IndexMap:
    """``judged``: AQI, level, primary and sub-indices of each cell, -1 and 0 outside; ``surface``
    has the unrounded index for contours, and the stations' own AQI beside what the others say."""

    fields: dict[str, Field]
    judged: Judgements
    surface: Surface


def index_map(
    standard: Standard,
    mode: Mode,
    grid: Grid,
    fields: Mapping[str, Field],
    stations: Stations,
    points: Floats,
) -> IndexMap:
    """Judge the fields of one time (HJ 633, ``standard``; confirmed as `judge` is).

    A pollutant counts as far as its own stations reach; where it does not reach, the index is that
    of the others and a note names it. ValueError without a field.
    """
    if not fields:
        raise ValueError("an index needs the field of at least one pollutant")
    inside = reduce(np.logical_or, [field.inside for field in fields.values()])
    judged = judge_arrays(standard, mode, {p: field.shown() for p, field in fields.items()})
    own = _index(standard, mode, {p: field.measured for p, field in fields.items()})
    said = _index(standard, mode, {p: field.said for p, field in fields.items()})
    # A station is scored only where all that it measures is said by others, too.
    for field in fields.values():
        said = np.where(~np.isnan(field.measured) & np.isnan(field.said), np.nan, said)
    first = next(iter(fields.values()))
    surface = Surface(
        "AQI",
        "",
        0,
        standard.name,
        mode,
        grid,
        _smooth(standard, mode, fields, inside),
        inside,
        reduce(lambda a, b: a.union(b), [field.reach for field in fields.values()]),
        bands_of_index(),
        stations.names,
        points,
        own,
        said,
        score(own, said),
        words_of_method(first) if _alike(fields) else _by_pollutant(fields),
        (*stations.notes, *_notes(fields, inside)),
        level_hits=_level_hits(own, said),
    )
    return IndexMap(dict(fields), judged, surface)


def _index(standard: Standard, mode: Mode, values: Mapping[str, Floats]) -> Floats:
    aqi = judge_arrays(standard, mode, values).aqi
    return np.where(aqi < 0, np.nan, aqi.astype(np.float64))


def _smooth(
    standard: Standard, mode: Mode, fields: Mapping[str, Field], inside: NDArray[np.bool_]
) -> Floats:
    """The unrounded index, in all of the rectangle, so that contours run to the rim."""
    index = np.full(inside.shape, np.nan)
    for pollutant, field in fields.items():
        own = smooth_index(standard, pollutant, mode, field.values)
        index = np.fmax(index, np.where(field.inside | ~inside, own, np.nan))
    return index


def _level_hits(own: Floats, said: Floats) -> int:
    """Stations whose level the others say rightly."""
    both = ~(np.isnan(own) | np.isnan(said))
    tops = [band.upper for band in bands_of_index()]
    return int((np.searchsorted(tops, own[both]) == np.searchsorted(tops, said[both])).sum())


def _alike(fields: Mapping[str, Field]) -> bool:
    return all(field.method == "idw" for field in fields.values())


def _by_pollutant(fields: Mapping[str, Field]) -> tuple[str, str]:
    kriged = [p for p, field in fields.items() if field.method == "kriging"]
    if len(kriged) == len(fields):
        return "普通克里金（逐项目）", "ordinary kriging of each pollutant"
    return (
        f"普通克里金（{'、'.join(kriged)}），其余反距离加权",
        f"ordinary kriging of {', '.join(kriged)}, the others by inverse distance",
    )


def _notes(fields: Mapping[str, Field], inside: NDArray[np.bool_]) -> tuple[Note, ...]:
    """Notes of the fields, those about pollutants first; the same ones once."""
    absent = tuple(p for p in POLLUTANTS if p not in fields or not fields[p].inside.any())
    part = tuple(
        p for p, field in fields.items() if p not in absent and (inside & ~field.inside).any()
    )
    notes = [Note("absent", absent)] if absent else []
    notes += [Note("covers_part", part)] if part else []
    silent = [
        {name for note in field.notes if note.code == "no_value" for name in note.names}
        for field in fields.values()
    ]
    nowhere = set.intersection(*silent)
    if nowhere:
        notes.append(Note("no_value", tuple(sorted(nowhere))))
    for pollutant, field in fields.items():
        for note in field.notes:
            if note.code in ("few_for_kriging", "no_variogram") and pollutant not in absent:
                found = Note(note.code, (pollutant,))
            elif note.code in ("one_line", "one_station"):
                found = note
            else:
                continue
            if found not in notes:
                notes.append(found)
    return tuple(notes)
