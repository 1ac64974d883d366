"""Means of water below what the instrument can detect: half of that in means, itself in verdicts.

A site says so in its words: ``water = {detection_w21003 = "0.025"}``, in the unit of the factor;
"0.025L" and "<0.025" are the same. Tests: tests/hub/media/test_water_below_detection.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean

import msgspec

from aqi.means.calendar import start
from aqi.water.detection import detected, for_means
from hj212d.hub.media.grid import micros
from hj212d.hub.media.lines import Mean
from hj212d.hub.site import Site

_WORD = "detection_"


class Below(msgspec.Struct, frozen=True):
    """``limit``: of detection; ``n`` of ``of`` hours were below it; ``whole``: so is their mean,
    with half of it in their places."""

    limit: float
    n: int
    of: int
    whole: bool

    @property
    def words(self) -> str:
        """未检出（<0.025），or how many hours were."""
        if self.whole:
            return f"未检出（<{self.limit:g}）"
        return f"{self.n}/{self.of} 小时未检出（<{self.limit:g}）"


Found = dict[tuple[datetime, str], Below]  # of a period's start and a factor


def limits_of(site: Site) -> dict[str, float]:
    """Detection limits by factor code or item. ValueError: one is no number."""
    found = {}
    for word, text in site.water.items():
        if word.startswith(_WORD):
            said = detected(str(text))
            if said is None:
                raise ValueError(f"site {site.mn}: water {word} is {text!r}, not a number")
            found[word.removeprefix(_WORD)] = said.value
    return found


def halved(
    means: Sequence[Mean],
    level: str,
    limits: Mapping[str, float],
    hours: Iterable[Mean],
    days: Iterable[Mean],
) -> tuple[list[Mean], Found]:
    """The means with half the detection limit in the place of each hour below it, and where that
    was. ``hours`` and ``days``: those of the periods, when they are longer than one hour and one
    day; a day that does not count does not count here either."""
    of_days = _of_days(hours, limits)
    counting = {(mean.factor, micros(mean.start)) for mean in days if mean.valid}
    found: Found = {}
    made = []
    for mean in means:
        limit = _limit(limits, mean)
        if limit is None or mean.value is None or mean.stat != "mean":
            made.append(mean)
            continue
        if level == "hour":
            parts = [[mean.value]]
        elif level == "day":
            parts = [of_days.get((mean.factor, micros(mean.start)), [])]
        else:
            parts = [
                values
                for (factor, day), values in of_days.items()
                if factor == mean.factor
                and (factor, day) in counting
                and micros(mean.start) <= day < micros(mean.end)
            ]
        flat = [value for values in parts for value in values]
        n = sum(value < limit for value in flat)
        if n == 0:
            made.append(mean)
            continue
        value = fmean(
            fmean(for_means(each, limit) for each in values) for values in parts if values
        )
        made.append(msgspec.structs.replace(mean, value=value))
        found[mean.start, mean.factor] = Below(limit, n, len(flat), value < limit)
    return made, found


def _of_days(
    hours: Iterable[Mean], limits: Mapping[str, float]
) -> dict[tuple[str, int], list[float]]:
    """Valid hours by factor and day."""
    found: dict[tuple[str, int], list[float]] = {}
    for mean in hours:
        counts = mean.valid and mean.stat == "mean" and _limit(limits, mean) is not None
        if counts and mean.value is not None:
            day = start("day", micros(mean.start))
            found.setdefault((mean.factor, day), []).append(mean.value)
    return found


def _limit(limits: Mapping[str, float], mean: Mean) -> float | None:
    return limits.get(mean.factor, limits.get(mean.item))
