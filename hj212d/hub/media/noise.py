"""Noise as lines: hours by day and by night, Ld, Ln, Ldn of days, the loudest moment of a night.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from aqi.means.calendar import DAY_US, start
from aqi.noise.statistics import is_day
from hj212d.hub.media.grid import micros, moment
from hj212d.hub.media.lines import Line, Mean, line, unit_of
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site

_BEIJING = timedelta(hours=8)
_LIMITED = ("leq", "ld", "ln")
_LEVELS = ("LA", "Leq")  # what limits are for; an instrument's own Ldn, L10 ... stand as they are


def lines(
    site: Site,
    means: Iterable[Mean],
    hours: Iterable[Mean],
    settings: MediaSettings,
    level: str,
) -> Iterator[Line]:
    """Lines as they come; an hour says whether it is judged by day or by night. ``hours``: those
    of the days, for the loudest moment of each night."""
    for mean in means:
        limited = mean.stat in _LIMITED and mean.item in _LEVELS
        stat = mean.stat if limited else ""
        if level == "hour" and stat == "leq":
            stat = "leq day" if _by_day(mean, settings) else "leq night"
        item = "LA" if limited else mean.item
        yield line(mean, unit_of(site, mean.factor), item=item, limit_stat=stat)
    yield from _loudest(site, hours, settings)


def _loudest(site: Site, hours: Iterable[Mean], settings: MediaSettings) -> Iterator[Line]:
    """The loudest moment of the night's hours of each day."""
    loudest: dict[int, Mean] = {}
    for mean in hours:
        if (
            mean.stat != "leq"
            or mean.item not in _LEVELS
            or not mean.valid
            or mean.max is None
            or _by_day(mean, settings)
        ):
            continue
        day = start("day", micros(mean.start))
        other = loudest.get(day)
        if other is None or other.max is None or mean.max > other.max:
            loudest[day] = mean
    for day, mean in loudest.items():
        yield line(
            mean,
            unit_of(site, mean.factor),
            start=moment(day),
            end=moment(day + DAY_US),
            item="LA",
            stat="lmax night",
            value=mean.max,
            min=None,
            max=None,
        )


def _by_day(mean: Mean, settings: MediaSettings) -> bool:
    hour = (mean.start + _BEIJING).hour
    return bool(is_day(hour, settings.day_from, settings.day_to))
