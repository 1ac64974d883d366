"""Surface water as lines: each item with its class, and the class of the section.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aqi.rounding import round_half_even
from aqi.water.classes import NAMES, NAMES_ZH, NOT_RATED, Rating, item_class, mark_of, rate
from aqi.water.quality import main_pollutants, quality
from aqi.water.standard_index import saturated_oxygen
from aqi.water.table import Body, items
from hj212d.hub.media.lines import Items, Line, Mean, by_period, in_unit, line, unit_of
from hj212d.hub.site import Site


def body_of(site: Site) -> Body:
    """ "lake" or "river", which is what a section is unless somebody says otherwise."""
    return "lake" if site.water.get("body") == "lake" else "river"


def target_of(site: Site) -> int:
    """The class that the section is to keep, 1 to 5; 0: not said."""
    target = str(site.water.get("target", ""))
    return NAMES.index(target) if target in NAMES[1:6] else 0


def lines(site: Site, means: Iterable[Mean]) -> Iterator[Line]:
    """Lines of all periods; the last one of each is the class of the section."""
    body = body_of(site)
    for found in by_period(means).values():
        values: dict[str, float | None] = {}
        made = []
        for item, stats in found.items():
            mean = stats.get("mean")
            if mean is None:
                continue
            one = _line(site, mean)
            if item in items():
                values[item] = one.value if one.mark == "" else None
            made.append(one)
        saturation = _saturation(values)
        for one in made:
            if one.value is not None and one.mark == "" and one.item in items():
                grade = item_class(one.item, one.value, body, saturation=saturation)
                one.grade = grade if grade != NOT_RATED else None
            yield one
        known = {item: value for item, value in values.items() if value is not None}
        rating = rate(known, body, saturation=saturation)
        yield _section(site, found, rating, values, body)


def _line(site: Site, mean: Mean) -> Line:
    """A mean in the unit of the table, rounded as it is compared."""
    row = items().get(mean.item)
    unit = unit_of(site, mean.factor)
    if row is None or mean.value is None:
        return line(mean, unit)
    value = in_unit(mean.value, unit, row.unit)
    if value is None:
        return line(mean, unit, mark=mean.mark or "unit")
    rounded = float(round_half_even(value, row.decimals))
    mark = mean.mark or mark_of(mean.item, rounded)
    return line(mean, row.unit, value=rounded, min=None, max=None, mark=mark)


def _saturation(values: dict[str, float | None]) -> float | None:
    oxygen, warm = values.get("DO"), values.get("temperature")
    if oxygen is None or warm is None or warm < 0:
        return None
    return 100 * oxygen / float(saturated_oxygen(warm))


def _section(
    site: Site, found: Items, rating: Rating, values: dict[str, float | None], body: Body
) -> Line:
    some = next(iter(next(iter(found.values())).values()))
    target, said = target_of(site), quality(rating.number)
    words = ""
    if said is not None:
        worse = "、".join(each.text for each in main_pollutants(rating, values, body))
        words = f"{NAMES_ZH[rating.number]}类 {said.zh}" + (f"：{worse}" if worse else "")
    known = rating.number != NOT_RATED
    return Line(
        start=some.start,
        end=some.end,
        factor="",
        item="class",
        stat="class",
        value=float(rating.number) if known else None,
        unit="",
        n=len(rating.classes),
        mark="" if known else "none",
        grade=rating.number if known else None,
        words=words,
        exceeded=rating.number > target if known and target else None,
        revision=max(mean.revision for stats in found.values() for mean in stats.values()),
        as_of=some.as_of,
    )
