"""Rows of the AQI of places, from arrays to a table. Tests: tests/hub/quality/test_quality.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from aqi.factors import POLLUTANTS
from aqi.judge_arrays import primary_names
from aqi.standards import levels, missing_colour
from hj212d.hub.quality.readings import LENGTHS_US, mark_texts
from hj212d.hub.quality.series import Judged, Series
from hj212d.hub.quality.tables import AQI_ROWS, COLUMNS

_NA = "NA"
_MASKS = [";".join(primary_names(mask)) for mask in range(64)]
_PRIMARY = pa.array(_MASKS)
_PRIMARY_NA = pa.array([*_MASKS, _NA])
_NUMBERS = pa.array([*(str(number) for number in range(levels()[-1].top + 1)), _NA])


def aqi_rows(series: Series, judged: Judged, events: str) -> pa.Table:
    """Rows of AQI_ROWS in order of place and start. Concentrations are not rounded."""
    times = len(series.starts)
    size = len(series.places) * times
    shown = judged.published.reshape(-1)
    aqi = judged.aqi.reshape(-1)
    primary = judged.primary.reshape(-1)
    level = judged.level.reshape(-1)
    start = np.tile(series.starts, len(series.places))
    columns: dict[str, Any] = {
        "place": _each([place.code for place in series.places], times),
        "name": _each([place.name for place in series.places], times),
        "start": _moments(start),
        "end": _moments(start + LENGTHS_US[series.level]),
        "aqi": _whole(aqi),
        "level": pa.array(level, mask=level == 0),
        "category": _of_level(level, ["", *(one.category for one in levels())]),
        "colour": _of_level(level, [missing_colour(), *(one.hex for one in levels())]),
        "primary": _looked_up(primary, _PRIMARY),
        "published_aqi": _looked_up(np.where(shown, aqi, -1), _NUMBERS),
        "published_primary": _looked_up(
            np.where(shown, primary.astype(np.int16), -1), _PRIMARY_NA
        ),
        "missing": _missing(judged, series),
        "sites": pa.array(series.sites.reshape(-1)),
        "events": _each([events], size),
        "standard": _tiled([one.name for one in judged.standards], len(series.places)),
        "mark": pa.array(mark_texts(series.marks, POLLUTANTS).reshape(-1), pa.string()),
        "revision": pa.array(series.revision.reshape(-1)),
        "as_of": _moments(series.as_of.reshape(-1), null_at=0),
    }
    for pollutant, name in COLUMNS.items():
        values = series.values[pollutant].reshape(-1)
        columns[name] = pa.array(values, mask=np.isnan(values))
        columns[f"{name}_iaqi"] = _whole(judged.iaqi[pollutant].reshape(-1))
    return pa.table([columns[name] for name in AQI_ROWS.names], schema=AQI_ROWS)


def _missing(judged: Judged, series: Series) -> pa.Array:
    """Pollutants of the programme without a sub-index, joined by ";"."""
    mask = np.zeros(judged.aqi.shape, np.uint8)
    for number, pollutant in enumerate(POLLUTANTS):
        asked = np.array([pollutant in place.programme for place in series.places])
        mask |= ((judged.iaqi[pollutant] < 0) & asked[:, None]).astype(np.uint8) << number
    return _looked_up(mask.reshape(-1), _PRIMARY)


def _looked_up(codes: np.ndarray, texts: pa.Array) -> pa.Array:
    """The text of each code; -1 is the last one."""
    return texts.take(pa.array(np.mod(codes, len(texts)).astype(np.int16)))


def _of_level(level: np.ndarray, texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(level))


def _whole(values: np.ndarray) -> pa.Array:
    """Indices; below 0 there is none."""
    return pa.array(values, mask=values < 0)


def _each(texts: list[str], times: int) -> pa.Array:
    """Each text so many times."""
    return pa.array(texts, pa.string()).take(pa.array(np.repeat(np.arange(len(texts)), times)))


def _tiled(texts: list[str], times: int) -> pa.Array:
    """All texts so many times."""
    return pa.array(texts, pa.string()).take(pa.array(np.tile(np.arange(len(texts)), times)))


def _moments(values: np.ndarray, null_at: int | None = None) -> pa.Array:
    mask = None if null_at is None else values == null_at
    return pa.array(values, pa.int64(), mask=mask).cast(pa.timestamp("us"))
