"""The hours of one site side by side: an array a factor and statistic, nan where nothing is.

Tests: tests/hub/media/test_grid.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from aqi.flue.state import flow as wet_flow
from aqi.flue.state import standard_dry_flow
from aqi.means.calendar import HOUR_US
from hj212d.hub.media.lines import Mean, in_unit, unit_of
from hj212d.hub.media.outlet_words import number
from hj212d.hub.site import Site

Floats = npt.NDArray[np.float64]

_EPOCH = datetime(1970, 1, 1)
_M3_S = {"m3/s": 1.0, "m3/h": 1 / 3600, "L/s": 1e-3, "L/h": 1e-3 / 3600, "10000 m3/h": 1e4 / 3600}


class Grid:
    """Hours from ``first_us`` to before ``behind_us``; values of marked means are nan."""

    def __init__(self, means: Iterable[Mean], first_us: int, behind_us: int) -> None:
        self.first_us, self.behind_us = first_us, behind_us
        self.size = (behind_us - first_us) // HOUR_US
        self.factors: dict[str, str] = {}  # factor -> item, in the order in which they came
        self._values: dict[tuple[str, str], Floats] = {}
        self._marks: dict[str, npt.NDArray[np.object_]] = {}
        self._versions: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]] = {}
        for mean in means:
            self._put(mean)

    def has(self, item: str) -> bool:
        """Whether any factor means this."""
        return item in self.factors.values()

    def factor_of(self, item: str) -> str | None:
        """The first factor that means this."""
        return next((code for code, each in self.factors.items() if each == item), None)

    def values(self, factor: str, stat: str = "mean") -> Floats:
        """Valid values of all hours."""
        found = self._values.get((factor, stat))
        return np.full(self.size, np.nan) if found is None else found

    def marks(self, factor: str) -> npt.NDArray[np.object_]:
        """Marks of the means of all hours; "" also where nothing is."""
        found = self._marks.get(factor)
        return np.full(self.size, "", object) if found is None else found

    def of_item(self, item: str, stat: str = "mean") -> Floats:
        """Valid values of an item, of the first factor that has one."""
        found = np.full(self.size, np.nan)
        for factor, each in self.factors.items():
            if each == item:
                found = np.where(np.isnan(found), self.values(factor, stat), found)
        return found

    def version(self, places: slice, items: Iterable[str], factor: str = "") -> dict[str, Any]:
        """ "revision" and "as_of" of what is made of these hours of a factor, and of the factors
        that mean one of ``items``: their largest."""
        revision = as_of = 0
        for code, (revisions, moments) in self._versions.items():
            if code == factor or self.factors[code] in items:
                revision = max(revision, int(revisions[places].max(initial=0)))
                as_of = max(as_of, int(moments[places].max(initial=0)))
        return {"revision": revision, "as_of": moment(as_of) if as_of else None}

    def between(self, first_us: int, behind_us: int) -> slice:
        """The places of a period."""
        return slice(
            max(0, (first_us - self.first_us) // HOUR_US),
            min(self.size, (behind_us - self.first_us) // HOUR_US),
        )

    def _put(self, mean: Mean) -> None:
        place = (micros(mean.start) - self.first_us) // HOUR_US
        if not 0 <= place < self.size:
            return
        self.factors.setdefault(mean.factor, mean.item)
        key = (mean.factor, mean.stat)
        if key not in self._values:
            self._values[key] = np.full(self.size, np.nan)
        if mean.valid and mean.value is not None:
            self._values[key][place] = mean.value
        if mean.factor not in self._versions:
            nothing = np.zeros(self.size, np.int32), np.zeros(self.size, np.int64)
            self._versions[mean.factor] = nothing
        revisions, moments = self._versions[mean.factor]
        revisions[place] = max(revisions[place], mean.revision)
        if mean.as_of is not None:
            moments[place] = max(moments[place], micros(mean.as_of))
        if mean.stat == "mean":
            marks = self._marks.setdefault(mean.factor, np.full(self.size, "", object))
            marks[place] = mean.mark


def cubic_metres(site: Site, grid: Grid) -> Floats:
    """m3 of water of each hour, from the mean flow; nan where it is not known or negative, or in
    a unit that is no flow."""
    factor = grid.factor_of("flow")
    per_second = _M3_S.get(unit_of(site, factor)) if factor is not None else None
    if per_second is None:
        return np.full(grid.size, np.nan)
    found = grid.of_item("flow") * per_second * 3600
    return np.where(found >= 0, found, np.nan)


def dry_cubic_metres(site: Site, grid: Grid) -> tuple[Floats, str]:
    """m3 of flue gas of each hour, dry, in the standard state; and of what: "flow" as sent, taken
    as dry and standard unless the site's outlet says ``flow = "wet"``; else "velocity" through
    the duct's cross-section; "" neither."""
    factor = grid.factor_of("flow")
    if factor is not None and (per_second := _M3_S.get(unit_of(site, factor))) is not None:
        found = grid.of_item("flow") * per_second * 3600
        if site.outlet.get("flow") == "wet":
            found = _standard(site, grid, found)
        return np.where(found >= 0, found, np.nan), "flow"
    if site.stack_area_m2 and grid.has("velocity"):
        field = number(site, "field_factor", 1.0)
        moved = wet_flow(grid.of_item("velocity"), site.stack_area_m2, field)
        return _standard(site, grid, moved), "velocity"
    return np.full(grid.size, np.nan), ""


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of naive UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """The way back."""
    return datetime.fromtimestamp(us // 1_000_000, UTC).replace(
        tzinfo=None, microsecond=us % 1_000_000
    )


def _standard(site: Site, grid: Grid, flow: Floats) -> Floats:
    pressure = grid.of_item("pressure")
    factor = grid.factor_of("pressure")
    scale = in_unit(1.0, unit_of(site, factor), "Pa") if factor is not None else None
    air = number(site, "atmosphere_pa", 101_325.0)
    gauge = pressure * scale if scale is not None else np.full(grid.size, np.nan)
    return standard_dry_flow(
        flow, grid.of_item("temperature"), gauge, grid.of_item("humidity") / 100, air
    )
