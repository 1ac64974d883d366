"""How many hours of a day or month a stack was above its hourly limits.

Tests: tests/hub/media/test_assessing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aqi.means.calendar import HOUR_US, Level, end, start
from hj212d.hub.media import flue
from hj212d.hub.media.grid import micros, moment
from hj212d.hub.media.lines import Line, Mean, newest
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.media.verdicts import Limits, verdicts
from hj212d.hub.site import Site


def lines(
    site: Site, hours: Iterable[Mean], limits: Limits, settings: MediaSettings, level: Level
) -> Iterator[Line]:
    """One line a period and pollutant that has an hourly limit: "exceedances". ``n``: hours with a
    verdict, ``need``: hours of the period."""
    converted = [one for one in flue.lines(site, hours, settings) if one.stat == "zs"]
    counts: dict[tuple[int, str, str], list[bool]] = {}
    judged: dict[tuple[int, str, str], list[Line]] = {}
    texts: dict[str, str] = {}
    for line, verdict in zip(converted, verdicts(converted, limits, "hour"), strict=True):
        if verdict.limit is None:
            continue
        period = start(level, micros(line.start))
        found = counts.setdefault((period, line.factor, line.item), [])
        judged.setdefault((period, line.factor, line.item), []).append(line)
        if verdict.exceeded is not None:
            found.append(verdict.exceeded)
        texts[line.item] = f"{verdict.limit.text} {verdict.limit.unit} ({verdict.limit.source})"
    for (period, factor, item), found in counts.items():
        behind = end(level, period)
        yield Line(
            start=moment(period),
            end=moment(behind),
            factor=factor,
            item=item,
            stat="exceedances",
            value=float(sum(found)) if found else None,
            unit="h",
            n=len(found),
            need=(behind - period) // HOUR_US,
            mark="" if found else "none",
            exceeded=any(found) if found else None,
            words=f"hours not {texts[item]}",
            **newest(judged[period, factor, item]),
        )
