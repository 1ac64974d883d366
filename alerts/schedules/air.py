"""The air of an interval, place by place, from rows of the AQI: once for all readers. Pure.

Stations above 100 in a sub-index exceed; the figures are those that hours or days are published
with. 36,000 stations over 12 h are 432,000 rows: all of it is done in columns.
Tests: tests/alerts/schedules/test_summary_air.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aqi.factors import POLLUTANTS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EXCEEDS = 100
REGION = "region:"


class Over(msgspec.Struct, frozen=True):
    """Of one pollutant, by place: how many hours (or days) above 100, the highest sub-index and
    concentration of these."""

    times: Ints
    index: Ints
    value: Floats


class Air(msgspec.Struct, frozen=True):
    """Columns by place. ``region``: code of the region of a station, of a region its own.
    ``mean``: of the AQI as published, nan for none; ``peak``: its highest, -1 for none;
    ``primary``: pollutant -> how often it was primary."""

    places: Sequence[str]
    names: Sequence[str]
    region: Sequence[str]
    is_region: NDArray[np.bool_]
    mean: Floats
    peak: Ints
    over: Mapping[str, Over]
    primary: Mapping[str, Ints]


def air_of(rows: pa.Table, region_of: Callable[[str], str]) -> Air:
    """From rows of the AQI by the hour or day (place, name, published_aqi, published_primary, and
    a concentration and sub-index of each pollutant)."""
    place = rows["place"].combine_chunks().dictionary_encode()
    places: list[str] = place.dictionary.to_pylist()
    count, at = len(places), place.indices.to_numpy()
    names = [""] * count
    first = np.full(count, -1)
    first[at[::-1]] = np.arange(len(at))[::-1]
    for number, name in enumerate(rows["name"].take(pa.array(first)).to_pylist()):
        names[number] = name or places[number]
    aqi = _published(rows)
    known = aqi >= 0
    sums = np.bincount(at[known], aqi[known], count)
    times = np.bincount(at[known], minlength=count)
    mean = np.full(count, np.nan)
    np.divide(sums, times, out=mean, where=times > 0)
    peak = np.full(count, -1, np.int64)
    np.maximum.at(peak, at, aqi)
    is_region = np.array([one.startswith(REGION) for one in places], bool)
    return Air(
        places,
        names,
        [
            one.removeprefix(REGION) if flag else region_of(one)
            for one, flag in zip(places, is_region, strict=True)
        ],
        is_region,
        mean,
        peak,
        {one: _over(rows, one, at, count) for one in POLLUTANTS},
        _primary(rows, at, count),
    )


def ranks(values: Floats) -> Ints:
    """Competition ranks, the smallest first (1, 2, 2, 4); 0 for nan."""
    found = np.zeros(len(values), np.int64)
    known = np.isfinite(values)
    ordered = np.sort(values[known])
    found[known] = np.searchsorted(ordered, values[known]) + 1
    return found


def column_of(pollutant: str) -> str:
    """PM2.5 -> pm25, as columns of the AQI are named."""
    return pollutant.lower().replace(".", "")


def _published(rows: pa.Table) -> Ints:
    """-1 where none is to be published."""
    text = rows["published_aqi"].combine_chunks()
    number = pc.if_else(pc.utf8_is_digit(text), text, None).cast(pa.int64())
    return np.asarray(pc.fill_null(number, -1).to_numpy(zero_copy_only=False), np.int64)


def _over(rows: pa.Table, pollutant: str, at: Ints, count: int) -> Over:
    column = column_of(pollutant)
    indices = pc.fill_null(rows[f"{column}_iaqi"].cast(pa.int64()), -1).to_numpy()
    above = indices > EXCEEDS
    times = np.bincount(at[above], minlength=count).astype(np.int64)
    highest = np.full(count, -1, np.int64)
    np.maximum.at(highest, at[above], indices[above])
    value = np.full(count, np.nan)
    np.fmax.at(value, at[above], rows[column].to_numpy()[above])
    return Over(times, highest, value)


def _primary(rows: pa.Table, at: Ints, count: int) -> dict[str, Ints]:
    words = rows["published_primary"].combine_chunks().dictionary_encode()
    codes = pc.fill_null(words.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    found = {}
    for pollutant in POLLUTANTS:
        named = [
            number
            for number, text in enumerate(words.dictionary.to_pylist())
            if pollutant in (text or "").split(";")
        ]
        hit = np.isin(codes, named)
        found[pollutant] = np.bincount(at[hit], minlength=count).astype(np.int64)
    return found
