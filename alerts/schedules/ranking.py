"""What the ranking of a day says to one reader: rank, index and change of the regions and stations
that are his, the AQI of his stations. Pure.

Ranks and indices are those of the ranking bulletins as published, the change is from the bulletin
of the day before. Tests: tests/hub/schedules/test_ranking_teller.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from alerts.notify.plain import plain
from alerts.rules.regions import stem
from alerts.schedules.recipients import Reader
from aqi.standards import level_of

Facts = dict[str, Any]
EXTREMES = 3  # of a whole ranking, from either end


class StationDay(NamedTuple):
    """The AQI of a station's day as it is published; None: not to be published."""

    mn: str
    name: str
    region: str
    aqi: int | None
    primary: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """Where a place stands in one ranking; ``rank`` None: not ranked."""

    rank: int | None
    of: int
    index: float | None
    main: str


class Ranking(msgspec.Struct, frozen=True):
    """The rankings of one day as published, all together: place -> where it stood. ``names``:
    place -> name; ``version``: the highest of the bulletins."""

    names: Mapping[str, str] = {}
    day: Mapping[str, Standing] = {}
    month: Mapping[str, Standing] = {}
    by: str = "index"
    version: int = 0

    @property
    def regions(self) -> list[str]:
        """Regions that are in it, the first rank first."""
        return [one for one in self.day if one.startswith("region:")]


def ranking_of(contents: Iterable[tuple[int, Mapping[str, Any]]]) -> Ranking:
    """From versions and contents of a day's ranking bulletins, the first of a place counts."""
    names: dict[str, str] = {}
    spans: dict[str, dict[str, Standing]] = {"day": {}, "month": {}}
    by, newest = "index", 0
    for version, content in contents:
        newest = max(newest, version)
        by = content.get("by", by)
        for span, places in spans.items():
            rows = content.get("rankings", {}).get(span, {}).get("rows", [])
            of = sum(row["rank"] is not None for row in rows)
            for row in rows:
                names.setdefault(row["place"], plain(row["name"] or row["place"]))
                places.setdefault(
                    row["place"], Standing(row["rank"], of, row["index"], row["main"] or "")
                )
    return Ranking(names, spans["day"], spans["month"], by, newest)


def ranking_facts(
    reader: Reader,
    day: str,
    ranking: Ranking,
    before: Ranking,
    stations: Mapping[str, StationDay],
    lines: int,
) -> Facts:
    """What the template "ranking" is filled from. ``stations``: of all readers, by MN."""
    mine = [stations[mn] for mn in reader.mns if mn in stations]
    places = _places(reader, mine, ranking)
    mine.sort(key=lambda one: (one.aqi is None, -(one.aqi or 0), one.mn))
    shown = [_place(one, ranking, before) for one in places[:lines]]
    return {
        "day": day,
        "by": ranking.by,
        "version": ranking.version,
        "places": shown,
        "more_places": len(places) - len(shown),
        "stations": [_station(one, ranking) for one in mine[:lines]],
        "more_stations": max(0, len(mine) - lines),
        "whole": _whole(ranking, before) if reader.everything else None,
        "nowhere": [*reader.regions, *reader.mns]
        if not (places or mine or reader.everything)
        else [],
    }


def _places(reader: Reader, mine: Sequence[StationDay], ranking: Ranking) -> list[str]:
    """The ranked regions of a reader, by rank; those of his stations, too."""
    found: dict[str, None] = {}
    by_stem = {stem(one[7:]): one for one in ranking.regions}
    for code in (*reader.regions, *(one.region for one in mine)):
        wanted = stem(code)
        if not wanted:
            continue
        above = [by_stem[wanted[:n]] for n in range(len(wanted), 0, -1) if wanted[:n] in by_stem]
        # The ranked region that holds it; else all that it holds, as cities of a province.
        inside = above[:1] or [one for part, one in by_stem.items() if part.startswith(wanted)]
        found.update(dict.fromkeys(inside))
    return sorted(found, key=lambda one: (ranking.day[one].rank or 10**6, one))


def _place(place: str, ranking: Ranking, before: Ranking) -> Facts:
    now, then = ranking.day[place], before.day.get(place)
    month, month_then = ranking.month.get(place), before.month.get(place)
    return {
        "place": place,
        "name": ranking.names[place],
        "rank": now.rank,
        "of": now.of,
        "index": now.index,
        "main": plain(now.main.replace(";", ", ")),
        "change": _difference(now.index, then.index if then else None),
        "rank_before": then.rank if then else None,
        "month_rank": month.rank if month else None,
        "month_of": month.of if month else 0,
        "month_index": month.index if month else None,
        "month_rank_before": month_then.rank if month and month_then else None,
    }


def _station(one: StationDay, ranking: Ranking) -> Facts:
    standing = ranking.day.get(one.mn)
    level = None if one.aqi is None else level_of(one.aqi)
    return {
        "mn": plain(one.mn),
        "name": plain(one.name),
        "aqi": one.aqi,
        "category": level.category if level else "",
        "category_en": level.category_en if level else "",
        "primary": list(one.primary),
        "rank": standing.rank if standing else None,
        "of": standing.of if standing else 0,
    }


def _whole(ranking: Ranking, before: Ranking) -> Facts:
    """Of the regions, or of the stations where none are ranked."""
    places = ranking.regions or list(ranking.day)
    ranked = [one for one in places if ranking.day[one].rank is not None]
    ranked.sort(key=lambda one: (ranking.day[one].rank or 0, one))
    best = ranked[:EXTREMES]
    return {
        "of": len(ranked),
        "best": [_place(one, ranking, before) for one in best],
        "worst": [_place(one, ranking, before) for one in ranked[len(best) :][-EXTREMES:]],
    }


def _difference(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else round(now - then, 6)
