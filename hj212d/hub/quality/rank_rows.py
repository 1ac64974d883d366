"""Rows of a ranking: values of a key, shared ranks, and what became of them since.

Tests: tests/hub/quality/test_ranking_asked.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa

from aqi.composite import SUMMED, main_names
from aqi.evaluation import MEETS
from aqi.exact import Bools, Floats, Ints
from aqi.factors import POLLUTANTS, judged_unit
from aqi.ranking import GREATER_IS_BETTER, change_percent, change_ranks, ranks, ranks_within
from aqi.trend import trend
from hj212d.hub.quality.figures import Figures
from hj212d.hub.quality.places_asked import Place
from hj212d.hub.quality.readings import moment
from hj212d.hub.quality.tables import COLUMNS, RANK_ROWS

Row = dict[str, Any]

_POLLUTANTS = {column: pollutant for pollutant, column in COLUMNS.items()}
_UNRANKED = 1 << 30


@dataclass(frozen=True)
class Valued:
    """A key's values of all places: ``value`` NaN where there is none, ``valid`` where enough days
    make it one that is ranked."""

    value: Floats
    valid: Bools
    unit: str

    @property
    def ranked(self) -> Floats:
        """The values that take part."""
        return np.where(self.valid, self.value, np.nan)


def valued(found: Figures, key: str) -> Valued:
    """What a key says of a span's figures."""
    if key == "index":
        return Valued(found.index.total, found.indexed & ~np.isnan(found.index.total), "")
    if key == "good_days":
        return Valued(found.good.share, found.aqi_days.ok & (found.good.n > 0), "%")
    pollutant = _POLLUTANTS[key]
    one = found.of(pollutant, SUMMED[pollutant][0])
    return Valued(one.value, one.valid, judged_unit(pollutant))


def compared(now: Valued, then: Valued, key: str) -> Floats:
    """The change since: percent, of shares percentage points; NaN where one was not ranked."""
    if key == "good_days":
        return np.round(now.ranked - then.ranked, 1)
    return change_percent(now.ranked, then.ranked)


def groups_of(places: Sequence[Place], *, by_region: bool) -> Ints:
    """A number for each place: all alike, or by the region above it."""
    if not by_region:
        return np.zeros(len(places), dtype=np.int64)
    names = sorted({place.within for place in places})
    return np.array([names.index(place.within) for place in places], dtype=np.int64)


@dataclass(frozen=True)
class Ranking:
    """One ranking of places over a span. ``previous``, ``last_year``: the same key before;
    None: not compared."""

    places: Sequence[Place]
    found: Figures
    key: str
    groups: Ints
    previous: Valued | None = None
    last_year: Valued | None = None
    changes: bool = False

    def rows(self, common: Row, marks: Sequence[str]) -> list[Row]:
        """Rows of RANK_ROWS, those of a region together, in order of rank."""
        now = valued(self.found, self.key)
        rank = self._ranks(now.ranked)
        sizes = {group: int((rank[self.groups == group] > 0).sum()) for group in set(self.groups)}
        by_region = len(sizes) > 1
        rows = []
        for number, place in enumerate(self.places):
            row = {
                **common,
                "rank": int(rank[number]) or None,
                "of": sizes[self.groups[number]],
                "place": place.code,
                "name": place.name,
                "region": place.within if by_region else "",
                "key": self.key,
                "value": _number(now.value[number]),
                "unit": now.unit,
                **figures_of(self.found, number),
                "mark": ";".join([*_short(self.found, self.key, number), *marks]),
            }
            rows.append(row)
        self._compare(rows, now)
        order = sorted(
            range(len(rows)),
            key=lambda at: (self.groups[at], rank[at] or _UNRANKED, self.places[at].code),
        )
        return [rows[at] for at in order]

    def _compare(self, rows: list[Row], now: Valued) -> None:
        for name, then in (("previous", self.previous), ("last_year", self.last_year)):
            if then is None:
                continue
            rank, change = self._ranks(then.ranked), compared(now, then, self.key)
            for number, row in enumerate(rows):
                row[name] = _number(then.value[number])
                row[f"{name}_rank"] = int(rank[number]) or None
                row[f"{name}_change"] = _number(change[number])
        if self.changes and self.last_year is not None:
            best, worst = self._change_ranks(compared(now, self.last_year, self.key))
            for number, row in enumerate(rows):
                row["change_rank"] = int(best[number]) or None
                row["worst_rank"] = int(worst[number]) or None

    def _change_ranks(self, change: Floats) -> tuple[Ints, Ints]:
        greater = self.key in GREATER_IS_BETTER
        meets = self.found.met == MEETS
        return change_ranks(change, meets, self.groups, greater_first=greater)

    def _ranks(self, values: Floats) -> Ints:
        return ranks_within(values, self.groups, greater_first=self.key in GREATER_IS_BETTER)


def rows_over_time(
    places: Sequence[Place],
    found: Sequence[Figures],
    key: str,
    common: Row,
    marks: Sequence[str],
) -> list[Row]:
    """Each place's own spans in order of rank."""
    values = [valued(one, key) for one in found]
    rows = []
    for number, place in enumerate(places):
        its = np.array([one.ranked[number] for one in values])
        rank = ranks(its, greater_first=key in GREATER_IS_BETTER)
        of = int((rank > 0).sum())
        course = trend(its.tolist())
        made = []
        for at, one in enumerate(found):
            made.append(
                {
                    **common,
                    "rank": int(rank[at]) or None,
                    "of": of,
                    "place": place.code,
                    "name": place.name,
                    "region": "",
                    "key": key,
                    "value": _number(values[at].value[number]),
                    "unit": values[at].unit,
                    **figures_of(one, number),
                    "trend": course.direction,
                    "trend_r": course.r,
                    "mark": ";".join([*_short(one, key, number), *marks]),
                }
            )
        rows += sorted(made, key=lambda row: (row["rank"] or _UNRANKED, row["start"]))
    return rows


def figures_of(found: Figures, number: int) -> Row:
    """What a row says beside its key."""
    return {
        "start": moment(found.span.start),
        "end": moment(found.span.end),
        "index": _number(found.index.total[number]) if found.indexed[number] else None,
        "main": main_names(found.index.main[number].tolist()) if found.indexed[number] else "",
        **{
            column: _number(found.of(pollutant, SUMMED[pollutant][0]).value[number])
            for pollutant, column in COLUMNS.items()
        },
        "good_share": _number(found.good.share[number]),
        "good_days": int(found.good.fine[number]),
        "n": int(found.n[number]),
        "need": found.need,
        "revision": int(found.revision[number]),
        "as_of": moment(int(found.as_of[number])) if found.as_of[number] else None,
    }


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table; what a row does not say is null."""
    columns = {name: [row.get(name) for row in rows] for name in RANK_ROWS.names}
    return pa.table(columns, schema=RANK_ROWS)


def _short(found: Figures, key: str, number: int) -> list[str]:
    """What of the key has too few days."""
    if key == "good_days":
        return [] if found.aqi_days.ok[number] else [_mark(int(found.good.n[number]))]
    asked = POLLUTANTS if key == "index" else (_POLLUTANTS[key],)
    return [
        f"{name}:{_mark(int(found.within[name].n[number]))}"
        for name in asked
        if not found.enough[name][number]
    ]


def _mark(days: int) -> str:
    return "short" if days else "none"


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)
