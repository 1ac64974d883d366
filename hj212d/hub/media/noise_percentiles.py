"""L10, L50 and L90 of hours and days from a station's own readings, where it does not send them.

Readings of seconds, else of minutes, as they are stored: marks of people reach them as far as they
take the Leq of the hour or day with them. Tests: tests/hub/media/test_noise_percentiles.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aqi.means.calendar import DAY_US, HOUR_US, start
from aqi.noise.statistics import percentile_levels
from hj212d.hub.media.grid import micros, moment
from hj212d.hub.media.lines import Line, Mean, line, unit_of
from hj212d.hub.media.noise import LEVELS
from hj212d.hub.site import Site
from store.timeseries import SampleQuery

NAMES = ("L10", "L50", "L90")
MOST_STATION_DAYS = 62  # at a reading a second five million of them

Samples = Callable[[SampleQuery], pa.Table]
Readings = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]  # starts of hours, dB


def lines(
    site: Site,
    means: Sequence[Mean],
    samples: Samples,
    valid_flags: Sequence[str],
    future_s: float,
) -> Iterator[Line]:
    """Three lines for each hour or day with a Leq, less those that were sent; their mark is its.
    ``samples``: the store's; flags beside "N" whose values count; a DataTime so far behind the
    receipt does not."""
    sent = {(mean.start, mean.item) for mean in means if mean.item in NAMES and mean.valid}
    known: dict[tuple[str, int], Readings] = {}
    for mean in _levels(means):
        missing = [name for name in NAMES if (mean.start, name) not in sent]
        if not missing:
            continue
        first, behind = micros(mean.start), micros(mean.end)
        key = (mean.factor, start("day", first))
        if key not in known:
            known = {key: _readings(samples, site, *key, (*valid_flags, "", "N"), future_s)}
        hours, levels = known[key]
        found = percentile_levels(levels[(hours >= first) & (hours < behind)])
        values = dict(zip(NAMES, (found.l10, found.l50, found.l90), strict=True))
        for name in missing:
            value = values[name]
            yield line(
                mean,
                unit_of(site, mean.factor),
                item=name,
                stat=name.lower(),
                value=None if value is None else round(value, 1),
                min=None,
                max=None,
                n=found.n,
                need=0,
                mark=mean.mark or ("" if found.n else "none"),
                words=f"由 {found.n} 个读数",
            )


def _levels(means: Sequence[Mean]) -> Iterator[Mean]:
    """One Leq of each hour or day: of several factors the first of LEVELS, of a day its ldn's."""
    chosen: dict[tuple[int, int], Mean] = {}
    for mean in means:
        if mean.item in LEVELS and mean.stat == "leq":
            key = (micros(mean.start), micros(mean.end))
            other = chosen.get(key)
            if other is None or LEVELS.index(mean.item) < LEVELS.index(other.item):
                chosen[key] = mean
    yield from (chosen[key] for key in sorted(chosen))


def _readings(
    samples: Samples, site: Site, factor: str, day: int, flags: Sequence[str], future_s: float
) -> Readings:
    """The readings of a day, each with the start of its hour. A real-time value on the full hour
    belongs to the hour that ends there, a minute to the one it begins in."""
    nothing = np.zeros(0, np.int64), np.zeros(0)
    for period in ("realtime", "minute"):
        ends = period == "realtime" or site.stamp == "end"
        query = SampleQuery(
            factor=factor,
            mn=site.mn,
            start=moment(day),
            end=moment(day + DAY_US + 1_000_000),
            period=period,
        )
        rows = samples(query)
        moments = rows["data_time"].cast(pa.int64()).to_numpy() - int(ends)
        received = rows["received_at"].cast(pa.int64()).to_numpy()
        columns = [rows[name].to_numpy(zero_copy_only=False) for name in ("rtd", "avg", "data")]
        values = np.asarray(columns[0], np.float64)
        for other in columns[1:]:
            values = np.where(np.isnan(values), np.asarray(other, np.float64), values)
        flagged = ~np.isin(rows["flag"].fill_null("").to_numpy(zero_copy_only=False), flags)
        good = ~flagged & ~np.isnan(values) & (moments - received <= future_s * 1e6)
        good &= (moments >= day) & (moments < day + DAY_US)
        if good.any():
            return moments[good] // HOUR_US * HOUR_US, values[good]
    return nothing
