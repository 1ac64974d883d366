"""Surface water as lines: each item with its class and index, the class of the section, and the
trophic index of a lake.

Tests: tests/hub/media/test_assessing.py, tests/hub/media/test_water_sections.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from aqi.rounding import round_half_even
from aqi.water.classes import NAMES, NAMES_ZH, NOT_RATED, Rating, item_class, mark_of, rate
from aqi.water.lake_tli import tli
from aqi.water.quality import main_pollutants, quality
from aqi.water.standard_index import index, oxygen_index, ph_index, saturated_oxygen
from aqi.water.table import Body, items
from hj212d.hub.media.lines import Line, Mean, by_period, in_unit, line, unit_of
from hj212d.hub.media.undetected import Found
from hj212d.hub.site import Site

# What the trophic index takes beside the items of the classes: in mg/m3 of water, which are ug/L,
# and in metres.
_TROPHIC_UNITS = {"chla": "ug/L", "SD": "m"}
_TROPHIC_ITEMS = 5


class Section(msgspec.Struct):
    """A section in a period. ``values``: of the items that count, in the units of the table, an
    undetected one with its detection limit."""

    start: datetime
    end: datetime
    lines: list[Line]
    values: dict[str, float]
    rating: Rating


def body_of(site: Site) -> Body:
    """ "lake" or "river", which is what a section is unless somebody says otherwise."""
    return "lake" if site.water.get("body") == "lake" else "river"


def target_of(site: Site) -> int:
    """The class that the section is to keep, 1 to 5; 0: not said."""
    target = str(site.water.get("target", ""))
    return NAMES.index(target) if target in NAMES[1:6] else 0


def lines(site: Site, means: Iterable[Mean], below: Found) -> Iterator[Line]:
    """Lines of all periods; those of the section itself stand last in each."""
    for section in sections(site, means, below):
        yield from section.lines


def sections(site: Site, means: Iterable[Mean], below: Found) -> Iterator[Section]:
    """The section period by period. ``below``: which means are under the detection limit."""
    body = body_of(site)
    for found in by_period(means).values():
        values: dict[str, float] = {}
        made = []
        for item, stats in found.items():
            mean = stats.get("mean")
            if mean is None:
                continue
            one = _line(site, mean, below)
            if one.value is not None and one.mark == "" and item in items():
                values[item] = one.value if one.below is None else one.below
            made.append(one)
        saturation = _saturation(values)
        for one in made:
            if one.item in values:
                value = values[one.item]
                grade = item_class(one.item, value, body, saturation=saturation)
                one.grade = grade if grade != NOT_RATED else None
                one.index = _index(site, one.item, value, values.get("temperature"))
        rating = rate(values, body, saturation=saturation)
        some = next(iter(next(iter(found.values())).values()))
        newest = max(mean.revision for stats in found.values() for mean in stats.values())
        told = [_class(site, rating, values, body)]
        if body == "lake":
            told.append(_trophic(made))
        for one in told:
            one.start, one.end, one.as_of, one.revision = some.start, some.end, some.as_of, newest
        yield Section(some.start, some.end, made + told, values, rating)


def _line(site: Site, mean: Mean, below: Found) -> Line:
    """A mean in the unit of the table, rounded as it is compared."""
    row = items().get(mean.item)
    unit = unit_of(site, mean.factor)
    wanted = _TROPHIC_UNITS.get(mean.item) if row is None else row.unit
    if wanted is None or mean.value is None:
        return line(mean, unit)
    value = in_unit(mean.value, unit, wanted)
    if value is None:
        return line(mean, unit, mark=mean.mark or "unit")
    if row is None:
        return line(mean, wanted, value=value, min=None, max=None)
    rounded = float(round_half_even(value, row.decimals))
    mark = mean.mark or mark_of(mean.item, rounded)
    made = line(mean, wanted, value=rounded, min=None, max=None, mark=mark)
    under = below.get((mean.start, mean.factor))
    if under is not None:
        made.words = under.words
        made.value = value  # half a detection limit has one decimal more
        made.below = in_unit(under.limit, unit, wanted) if under.whole else None
    return made


def _saturation(values: dict[str, float]) -> float | None:
    oxygen, warm = values.get("DO"), values.get("temperature")
    if oxygen is None or warm is None or warm < 0:
        return None
    return 100 * oxygen / float(saturated_oxygen(warm))


def _index(site: Site, item: str, value: float, warm: float | None) -> float | None:
    """S against the target class; None without one, without a limit of it, or without a meaning.
    Above 1 the target is missed. That of oxygen needs the temperature of the water."""
    row, target = items()[item], target_of(site)
    limits = row.limits(body_of(site))
    if not target:
        return None
    if row.direction == "range":
        found = float(ph_index(value, row.low, row.high))
    elif not limits:
        return None
    elif row.direction == "ge":
        if warm is None:
            return None
        found = float(oxygen_index(value, warm, limits[target - 1]))
    else:
        found = float(index(value, limits[target - 1]))
    return round(found, 3) if abs(found) < float("inf") else None


def _class(site: Site, rating: Rating, values: dict[str, float], body: Body) -> Line:
    target, said = target_of(site), quality(rating.number)
    words = ""
    if said is not None:
        worse = "、".join(each.text for each in main_pollutants(rating, values, body))
        words = f"{NAMES_ZH[rating.number]}类 {said.zh}" + (f"：{worse}" if worse else "")
    known = rating.number != NOT_RATED
    return _of_all(
        item="class",
        stat="class",
        value=float(rating.number) if known else None,
        n=len(rating.classes),
        mark="" if known else "none",
        grade=rating.number if known else None,
        words=words,
        exceeded=rating.number > target if known and target else None,
    )


def _trophic(made: list[Line]) -> Line:
    """The trophic index of a lake; none unless all five are there."""
    found = tli({one.item: one.value for one in made if one.mark == ""})
    known = found.value is not None
    return _of_all(
        item="TLI",
        stat="tli",
        value=round(found.value, 1) if found.value is not None else None,
        n=len(found.parts),
        need=_TROPHIC_ITEMS,
        mark="" if known else "none",
        words=found.level_zh if known else "缺 " + "、".join(found.missing),
    )


def _of_all(**said: object) -> Line:
    """A line of the section itself, of no factor."""
    nowhen = datetime.min  # set by whoever asked
    return Line(start=nowhen, end=nowhen, factor="", unit="", **said)  # type: ignore[arg-type]
