"""Noise as lines: hours by day and by night, Ld, Ln, Ldn of days, the loudest moment of a night.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from aqi.means.calendar import DAY_US, start
from aqi.noise.background import corrected
from aqi.noise.statistics import is_day
from hj212d.hub.media.grid import micros, moment
from hj212d.hub.media.lines import Line, Mean, line, unit_of
from hj212d.hub.media.outlet_words import number
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site

_BEIJING = timedelta(hours=8)
_LIMITED = ("leq", "ld", "ln")
LEVELS = ("LA", "Leq")  # what limits are for; an instrument's own Ldn, L10 ... stand as they are


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
        limited = mean.stat in _LIMITED and mean.item in LEVELS
        stat = mean.stat if limited else ""
        if level == "hour" and stat == "leq":
            stat = "leq day" if _by_day(mean, settings) else "leq night"
        item = "LA" if limited else mean.item
        made = line(mean, unit_of(site, mean.factor), item=item, limit_stat=stat)
        if limited and (background := _background(site, stat)) is not None:
            _take_off(made, background)
        yield made
    yield from _loudest(site, hours, settings)


def _background(site: Site, stat: str) -> float | None:
    """What the site says of the noise without its source: ``background_db``, at night
    ``background_night_db`` where that is another one."""
    both = number(site, "background_db")
    by_night = stat in ("ln", "leq night")
    return number(site, "background_night_db", both) if by_night else both


def _take_off(made: Line, background: float) -> None:
    """The level of the source alone; as it was measured where the background is too near."""
    if made.mark or made.value is None:
        return
    found = corrected(made.value, background)
    made.mark = found.mark
    if found.value is not None:
        made.words = f"实测 {made.value:.1f}，背景 {background:g}，修正 {found.correction:g}"
        made.value = found.value
    else:
        made.words = f"背景 {background:g} 过近，应重测"


def _loudest(site: Site, hours: Iterable[Mean], settings: MediaSettings) -> Iterator[Line]:
    """The loudest moment of the night's hours of each day."""
    loudest: dict[int, Mean] = {}
    for mean in hours:
        if (
            mean.stat != "leq"
            or mean.item not in LEVELS
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
