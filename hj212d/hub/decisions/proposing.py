"""Marks that are proposed: hour means that look wrong, as the fields of `review add`.

Values only; the means come from who asks, the judgement from aqi/suspicion.py.
Tests: tests/hub/decisions/test_proposing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aqi.factors import judged_unit, pollutant_of
from aqi.suspicion import Figures, suspicions
from aqi.units import UnitRefused, convert
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.site import Site

_HOUR = timedelta(hours=1)
# Where DataTime is the end of a period, what belongs to an hour lies behind its start.
_BEHIND = timedelta(seconds=1)


def figures(settings: ReviewSettings) -> Figures:
    """When a value is suspicious, by the settings."""
    return Figures(
        constant_h=settings.constant_h,
        jump_times=settings.jump_times,
        jump_least=settings.jump_least,
        inversion_margin=settings.inversion_margin,
        range_most=settings.range_most,
    )


def proposals(
    means: pa.Table, site_of: Callable[[str], Site], settings: ReviewSettings
) -> list[dict[str, Any]]:
    """Marks for hour means (columns start, mn, factor, stat, value of MEANS) that look wrong.

    Only the pollutants of the air, in their judged units; a station or factor whose unit cannot
    become that is left alone. A mark covers the readings of all periods of its hours.
    """
    wanted = means.filter(pc.equal(means["stat"], "mean"))
    by = figures(settings)
    found = []
    for mn in pc.unique(wanted["mn"]).sort().to_pylist():
        rows = wanted.filter(pc.equal(wanted["mn"], mn))
        site = site_of(mn)
        start, hours, codes = _hours(rows, site)
        shift = _BEHIND if site.stamp == "end" else timedelta()
        for one in suspicions(hours, by):
            found.append(
                {
                    "mn": mn,
                    "factor": codes[one.pollutant],
                    "start": _iso(start + one.first * _HOUR + shift),
                    "end": _iso(start + one.last * _HOUR + shift),
                    "reason": one.reason,
                    "note": one.note,
                }
            )
    return found


def _hours(
    rows: pa.Table, site: Site
) -> tuple[datetime, dict[str, NDArray[np.float64]], dict[str, str]]:
    """The first hour, a value an hour by pollutant, and the code that each came with."""
    start, last = pc.min(rows["start"]).as_py(), pc.max(rows["start"]).as_py()
    length = (last - start) // _HOUR + 1
    hours: dict[str, NDArray[np.float64]] = {}
    codes: dict[str, str] = {}
    for pollutant, code, places, values in _series(rows, site, start):
        hours[pollutant] = np.full(length, np.nan)
        hours[pollutant][places] = values
        codes[pollutant] = code
    return start, hours, codes


def _series(
    rows: pa.Table, site: Site, start: datetime
) -> Iterator[tuple[str, str, NDArray[np.int64], NDArray[np.float64]]]:
    for code in pc.unique(rows["factor"]).sort().to_pylist():
        pollutant = pollutant_of(code)
        unit = site.unit(code)
        if pollutant is None or unit is None:
            continue
        mine = rows.filter(pc.and_(pc.equal(rows["factor"], code), pc.is_valid(rows["value"])))
        values = mine["value"].to_numpy().astype(np.float64)
        try:
            judged = convert(values, unit, judged_unit(pollutant), pollutant)
        except UnitRefused:
            continue
        since = mine["start"].to_numpy() - np.datetime64(start, "us")
        yield pollutant, code, since // np.timedelta64(1, "h"), judged


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat()
