"""Rivers by their sections: ``water = {river = "..."}`` says of which river a section is one.

Tests: tests/hub/media/test_rivers_asked.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aqi.water.classes import NAMES_ZH, NOT_RATED, WORSE
from aqi.water.quality import main_of_river, main_pollutants
from aqi.water.rivers import mean_values, river
from aqi.water.table import items
from hj212d.hub.media.surface_water import Section, body_of
from hj212d.hub.site import Site


def river_of(site: Site) -> str:
    """The river's name; "": the site is a lake, or nobody says."""
    return "" if body_of(site) == "lake" else str(site.water.get("river", "")).strip()


def rows(name: str, sections: Iterable[tuple[Site, Section]]) -> list[dict[str, Any]]:
    """Rows of RIVERS of a river, in order of start."""
    periods: dict[Any, list[tuple[Site, Section]]] = {}
    for site, section in sections:
        periods.setdefault(section.start, []).append((site, section))
    return [_row(name, periods[start]) for start in sorted(periods)]


def _row(name: str, together: list[tuple[Site, Section]]) -> dict[str, Any]:
    some = together[0][1]
    known = [one for _, one in together if one.rating.number != NOT_RATED]
    numbers = [one.rating.number for one in known]
    found = river([one.values for one in known], [one.rating for one in known])
    grade, main = None, ""
    if found.rating is not None:
        grade = found.rating.number
        means = mean_values([one.values for one in known])
        main = "、".join(each.text for each in main_pollutants(found.rating, means))
    elif found.quality is not None and any(number > 3 for number in numbers):
        worst = main_of_river([one.rating for one in known])
        main = "、".join(f"{items()[item].zh}（{share:.0f} %）" for item, share in worst)
    words = "" if found.quality is None else found.quality.zh
    if grade is not None:
        words = f"{NAMES_ZH[grade]}类 {words}"
    return {
        "start": some.start,
        "end": some.end,
        "river": name,
        "method": found.method,
        "sections": len(known),
        "without": len(together) - len(known),
        "shares": [
            round(100 * numbers.count(number) / len(known), 1) if known else None
            for number in range(1, WORSE + 1)
        ],
        "good_share": None if found.good_share is None else round(found.good_share, 1),
        "worse_share": None if found.worse_share is None else round(found.worse_share, 1),
        "grade": grade,
        "quality": "" if found.quality is None else found.quality.en,
        "words": words,
        "main": main,
        "mns": ";".join(site.mn for site, _ in together),
        "mark": "" if known else "none",
    }
