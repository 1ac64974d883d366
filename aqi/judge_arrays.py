"""Judgements of whole arrays: AQI, level and primary pollutants of a province's year in seconds.

The rules are those of index.py, applied to a piece of the arrays at a time that stays in the
processor's cache; beside the results it needs a few MB. Tests: tests/aqi/test_judge_arrays.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from aqi.breakpoints import nodes
from aqi.factors import POLLUTANTS
from aqi.index import DailyO3, PmRealtime
from aqi.lookup import NONE, Indices, look_up, lookup_table
from aqi.rounding import Floats, floats
from aqi.standards import Mode, Standard, levels

_PIECE = 1 << 16
BIT = {pollutant: 1 << place for place, pollutant in enumerate(POLLUTANTS)}
KEYS = (*POLLUTANTS, "O3_1h", "O3_8h", "SO2_24h", "PM2.5_24h", "PM10_24h")


@dataclass(frozen=True, slots=True)
class Judgements:
    """As many as there were readings, in their shape.

    ``aqi`` int16, -1: none; ``level`` int8, 0: none; ``primary`` and ``exceeding`` (2012 only)
    uint8, a bit for each pollutant (`BIT`); ``published``: whether AQI, level and primary may be
    published; ``iaqi``: int16 by pollutant, -1: none (O3: the greater of the two).
    """

    aqi: Indices
    level: npt.NDArray[np.int8]
    primary: npt.NDArray[np.uint8]
    exceeding: npt.NDArray[np.uint8]
    published: npt.NDArray[np.bool_]
    iaqi: dict[str, Indices]


def primary_names(mask: int) -> tuple[str, ...]:
    """The pollutants of a bit mask, in the order of reports."""
    return tuple(pollutant for pollutant, bit in BIT.items() if mask & bit)


def judge_arrays(
    standard: Standard,
    mode: Mode,
    values: Mapping[str, npt.ArrayLike],
    programme: Collection[str] = POLLUTANTS,
    *,
    exempt: Collection[str] = (),
    daily_o3: DailyO3 = ("8h",),
    pm_realtime: PmRealtime = "1h",
) -> Judgements:
    """Judge arrays of mean concentrations (ug/m3, CO mg/m3; NaN: missing), as `judge` would
    (HJ 633; how sure, it says).

    ``values`` by pollutant: "O3" is the greatest 8 h mean when daily, the 1 h mean when hourly.
    The other forms have keys of their own: "O3_1h", "O3_8h", "SO2_24h", "PM2.5_24h",
    "PM10_24h". All arrays have one shape; what is not there is missing. ValueError: an unknown
    key, differing shapes, or no array at all.
    """
    unknown = [key for key in values if key not in KEYS]
    if unknown or not values:
        raise ValueError(f"no such item: {unknown[0]}" if unknown else "nothing to judge")
    arrays = {key: floats(value) for key, value in values.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1:
        raise ValueError(f"arrays of different shapes: {sorted(shapes)}")
    shape = shapes.pop()
    rows = {key: array.reshape(-1) for key, array in _by_item(arrays, mode).items()}
    judging = _Judging(standard, mode, programme, exempt, daily_o3, pm_realtime)
    size = int(np.prod(shape, dtype=np.int64))
    made = Judgements(
        np.empty(size, np.int16),
        np.empty(size, np.int8),
        np.empty(size, np.uint8),
        np.zeros(size, np.uint8),
        np.empty(size, np.bool_),
        {pollutant: np.empty(size, np.int16) for pollutant in POLLUTANTS},
    )
    for start in range(0, size, _PIECE):
        piece = slice(start, start + _PIECE)
        judging.piece({key: row[piece] for key, row in rows.items()}, made, piece)
    return Judgements(
        made.aqi.reshape(shape),
        made.level.reshape(shape),
        made.primary.reshape(shape),
        made.exceeding.reshape(shape),
        made.published.reshape(shape),
        {pollutant: one.reshape(shape) for pollutant, one in made.iaqi.items()},
    )


def _by_item(arrays: dict[str, Floats], mode: Mode) -> dict[str, Floats]:
    """O3 under the form it has in this mode."""
    if "O3" not in arrays:
        return arrays
    form = "O3_8h" if mode == "daily" else "O3_1h"
    if form in arrays:
        raise ValueError(f"both O3 and {form}: they are the same when {mode}")
    return {form if key == "O3" else key: array for key, array in arrays.items()}


@dataclass(frozen=True, slots=True)
class _Judging:
    standard: Standard
    mode: Mode
    programme: Collection[str]
    exempt: Collection[str]
    daily_o3: DailyO3
    pm_realtime: PmRealtime

    def piece(self, rows: dict[str, Floats], made: Judgements, piece: slice) -> None:
        """Judge the rows and put the results where they belong."""
        size = made.aqi[piece].shape[0]
        aqi = np.full(size, NONE, np.int16)
        missing = np.zeros(size, np.bool_)
        for pollutant in POLLUTANTS:
            out = made.iaqi[pollutant][piece]
            out[:] = NONE
            if pollutant not in self.programme:
                missing |= pollutant not in self.exempt
                continue
            out[:] = self._pollutant(pollutant, rows, out)
            missing |= out < 0
            np.maximum(aqi, out, out=aqi)
        primary = np.zeros(size, np.uint8)
        above_50 = aqi > 50
        for pollutant, bit in BIT.items():
            index = made.iaqi[pollutant][piece]
            primary |= ((index == aqi) & above_50).view(np.uint8) * np.uint8(bit)
            if self.standard.names_exceeding:
                made.exceeding[piece] |= (index > 100).view(np.uint8) * np.uint8(bit)
        made.aqi[piece] = aqi
        made.level[piece] = _level_by_aqi().take(aqi, mode="wrap")
        made.primary[piece] = primary
        shown = aqi > 100 if self.standard.needs_all else aqi >= 0
        if self.standard.needs_all:
            shown |= (aqi >= 0) & ~missing
        made.published[piece] = shown

    def _pollutant(self, pollutant: str, rows: dict[str, Floats], none: Indices) -> Indices:
        old, mode = self.standard.names_exceeding, self.mode
        if pollutant in ("PM2.5", "PM10"):
            running = old and mode == "hourly" and self.pm_realtime == "running24h"
            key = f"{pollutant}_24h" if running else pollutant
            return self._index(pollutant, "24h", rows.get(key), none)
        if pollutant == "O3":
            return self._ozone(rows, none)
        average = "24h" if mode == "daily" else "1h"
        index = self._index(pollutant, average, rows.get(pollutant), none)
        if pollutant == "SO2" and old and mode == "hourly" and "SO2_24h" in rows:
            instead = _measured(rows.get("SO2"), index) & (index < 0)
            index[instead] = self._index("SO2", "24h", rows["SO2_24h"][instead], none[instead])
        return index

    def _ozone(self, rows: dict[str, Floats], none: Indices) -> Indices:
        old, mode = self.standard.names_exceeding, self.mode
        if not old:
            form = "8h" if mode == "daily" else "1h"
            return self._index("O3", form, rows.get(f"O3_{form}"), none)
        hour = self._index("O3", "1h", rows.get("O3_1h"), none)
        eight = self._index("O3", "8h", rows.get("O3_8h"), none)
        if mode == "daily" and "8h" not in self.daily_o3:
            return hour
        if mode == "daily" and "1h" not in self.daily_o3:
            # Beyond the 8 h nodes the greatest hour reports, and only then.
            hour = np.where(_measured(rows.get("O3_8h"), eight) & (eight < 0), hour, NONE)
        return np.maximum(hour, eight)

    def _index(
        self, pollutant: str, average: str, values: Floats | None, none: Indices
    ) -> Indices:
        if values is None:
            return np.full_like(none, NONE)
        table = lookup_table(self.standard, pollutant, average)
        return look_up(table, values, nodes(self.standard, pollutant, average).decimals)


def _measured(values: Floats | None, like: Indices) -> npt.NDArray[np.bool_]:
    """Where there is a concentration, be it beyond the nodes."""
    if values is None:
        return np.zeros(like.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        return (values >= 0.0) & (values < np.inf)


@cache
def _level_by_aqi() -> npt.NDArray[np.int8]:
    """Level by AQI; the last entry, which -1 finds, is 0."""
    table = np.zeros(levels()[-1].top + 2, np.int8)
    for level in reversed(levels()):
        table[: level.top + 1] = level.level
    return table
