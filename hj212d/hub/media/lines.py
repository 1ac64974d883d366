"""A line of an assessment before its verdict, and means sorted by period and item.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from aqi.flue.gases import MOLAR_MASS, from_ppm
from aqi.media_codes import factor_of
from aqi.units import UnitRefused, convert, unit_named
from hj212d.hub.site import Site


class Mean(msgspec.Struct, gc=False):
    """A row of MEANS; ``item``: what its factor means at its site."""

    start: datetime
    end: datetime
    factor: str
    item: str
    stat: str
    value: float | None
    min: float | None
    max: float | None
    n: int
    need: int
    mark: str
    revision: int
    as_of: datetime | None

    @property
    def valid(self) -> bool:
        """It counts."""
        return self.mark == "" and self.value is not None


class Line(msgspec.Struct, kw_only=True):
    """A value that may have a limit. ``limit_stat``: under which statistic the limit is looked
    for; ``judge_also``: a second value that must keep the limit, too (both ends of a range);
    ``below``: the detection limit that the value is under, in ``unit``; ``index``: S of water."""

    start: datetime
    end: datetime
    factor: str
    item: str
    stat: str
    value: float | None
    unit: str
    n: int = 0
    need: int = 0
    mark: str = ""
    min: float | None = None
    max: float | None = None
    limit_stat: str = ""
    limit_period: str = ""
    judge_also: float | None = None
    below: float | None = None
    index: float | None = None
    exceeded: bool | None = None
    grade: int | None = None
    words: str = ""
    revision: int = 0
    as_of: datetime | None = None


Items = dict[str, dict[str, Mean]]  # item -> stat -> mean

_EPOCH = datetime(1970, 1, 1)
_TAKEN = ("mn", "factor", "stat", "value", "min", "max", "n", "need", "mark", "revision")


def by_mn(table: pa.Table, sites: dict[str, Site]) -> dict[str, list[Mean]]:
    """MEANS as objects, by MN, in the order of the table."""
    found: dict[str, list[Mean]] = {mn: [] for mn in sites}
    moments = [_moments(table[name]) for name in ("start", "end", "as_of")]
    rest = [table[name].to_pylist() for name in _TAKEN]
    for begin, end, as_of, mn, factor, stat, value, least, most, n, need, mark, revision in zip(
        *moments, *rest, strict=True
    ):
        known = factor_of(sites[mn].medium, factor)
        item = known.item if known else factor
        whole = (n or 0, need or 0, mark, revision or 0, as_of)
        found[mn].append(Mean(begin, end, factor, item, stat, value, least, most, *whole))
    return found


def by_period(means: Iterable[Mean]) -> dict[datetime, Items]:
    """Start -> item -> stat -> mean; of two codes for one item a valid mean goes first."""
    periods: dict[datetime, Items] = {}
    for mean in means:
        stats = periods.setdefault(mean.start, {}).setdefault(mean.item, {})
        if mean.stat not in stats or not stats[mean.stat].valid:
            stats[mean.stat] = mean
    return periods


def line(mean: Mean, unit: str, **more: Any) -> Line:
    """A mean as it is; ``more`` instead of its own fields."""
    made = Line(
        start=mean.start,
        end=mean.end,
        factor=mean.factor,
        item=mean.item,
        stat=mean.stat,
        value=mean.value,
        unit=unit,
        n=mean.n,
        need=mean.need,
        mark=mean.mark,
        min=mean.min,
        max=mean.max,
        revision=mean.revision,
        as_of=mean.as_of,
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made


def newest(parts: Iterable[Mean | Line | None]) -> dict[str, Any]:
    """ "revision" and "as_of" of what is made of these: their largest."""
    some = [one for one in parts if one is not None]
    return {
        "revision": max((one.revision for one in some), default=0),
        "as_of": max((one.as_of for one in some if one.as_of is not None), default=None),
    }


def unit_of(site: Site, factor: str) -> str:
    """The unit in which a factor comes from a site; "" unknown or none."""
    own = site.units.get(factor)
    if own is not None:
        return own
    known = factor_of(site.medium, factor)
    return known.unit if known else site.unit(factor) or ""


def in_unit(value: float, unit: str, wanted: str, item: str = "") -> float | None:
    """The value in another unit, ppm of a stack in the state of 273 K; None: it cannot be."""
    if unit == wanted:
        return value
    try:
        named = unit_named(unit)
        if named in ("ppm", "ppb") and item in MOLAR_MASS:
            ppm = value if named == "ppm" else value / 1000
            return convert(float(from_ppm(item, ppm)), "mg/m3", wanted)
        return convert(value, named, wanted)
    except UnitRefused:
        return None


def _moments(column: pa.ChunkedArray) -> list[datetime | None]:
    """Each different moment is made once: there are few in many rows."""
    made: dict[int | None, datetime | None] = {None: None}
    numbers = column.cast(pa.int64()).to_pylist()
    for number in set(numbers) - {None}:
        made[number] = _EPOCH + timedelta(microseconds=number)
    return [made[number] for number in numbers]
