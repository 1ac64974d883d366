"""Lines against limits: own ones of the site before the national ones, many lines at a time.

Tests: tests/hub/media/test_verdicts.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from aqi.judging import Limit, chosen, judge, judge_array
from aqi.media_codes import codes_of
from aqi.media_limits import PH_DECIMALS, of_site
from aqi.noise.limits import Event
from aqi.noise.limits import tables as noise_tables
from aqi.units import UnitRefused
from hj212d.hub.media.lines import Line
from hj212d.hub.site import Site
from store.registry.decisions import LimitRecord

_BEIJING = timedelta(hours=8)
_PURE = "1"  # the unit of a limit of a pure number; lines have none


class Verdict(msgspec.Struct, frozen=True):
    """What is said of a line."""

    limit: Limit | None
    judged: float | None
    exceeded: bool | None
    multiple: float | None
    mark: str


def own_limit(record: LimitRecord, medium: str = "") -> Limit:
    """A limit of the registry as judging takes it. pH has the decimals it is measured with: a
    permit's 6 to 9 is not kept by 9.4."""
    decimals = record.decimals
    if record.factor in ("pH", *codes_of(medium, "pH")):
        decimals = max(PH_DECIMALS, decimals or 0)
    return Limit(
        item=record.factor,
        period=record.period,
        stat=record.stat,
        op=record.op,
        low=record.low,
        high=record.high,
        unit="" if record.unit == _PURE else record.unit,
        since=record.since,
        until=record.until,
        decimals=decimals,
        source=record.source,
        own=True,
        id=record.id,
    )


class Limits:
    """The limits of one site: its own, and the national ones by day."""

    def __init__(self, site: Site, own: Iterable[LimitRecord]) -> None:
        self._own = tuple(own_limit(record, site.medium) for record in own)
        self._site = {
            **site.water,
            **site.outlet,
            "region": site.region,
            **({"zone": site.noise_zone} if site.noise_zone else {}),
        }
        self._medium = site.medium
        self._national: dict[date, tuple[Limit, ...]] = {}
        self._chosen: dict[tuple[Any, ...], Limit | None] = {}

    def of(self, line: Line, period: str) -> Limit | None:
        """The limit of a line; None: none holds."""
        day = (line.start + _BEIJING).date()
        stat = line.limit_stat or line.stat
        key = (line.factor, line.item, line.limit_period or period, stat, day)
        if key not in self._chosen:
            self._chosen[key] = self._choose(*key)
        return self._chosen[key]

    def _choose(self, factor: str, item: str, period: str, stat: str, day: date) -> Limit | None:
        if day not in self._national:
            self._national[day] = (*of_site(self._medium, self._site, day), *self._at_night())
        # A permit says "leq"; by day and by night is what the national tables know.
        names = (factor, item, *codes_of(self._medium, item))  # codes old and new
        for name in (stat, *({"leq"} if stat.startswith("leq ") else ())):
            found = chosen(self._own, names, period, name, day)
            if found is not None:
                return found
        return chosen(self._national[day], names, period, stat, day)

    def _at_night(self) -> tuple[Limit, ...]:
        """What the loudest moment of a night may be; frequent ones (``night_events``) less."""
        if self._medium != "noise":
            return ()
        table = noise_tables().get(str(self._site.get("table", "GB3096-2008")))
        event: Event = "frequent" if self._site.get("night_events") == "frequent" else "sporadic"
        most = table.most_at_night(str(self._site.get("zone", "")), event) if table else None
        if table is None or most is None:
            return ()
        return (
            Limit(
                item="LA",
                period="day",
                stat="lmax night",
                high=most,
                unit="dB",
                source=f"{table.standard} Lmax",
                confidence="one source",
            ),
        )


def verdicts(lines: Sequence[Line], limits: Limits, period: str) -> list[Verdict]:
    """One for each line; lines of one limit are judged together."""
    found: list[Verdict | None] = [None] * len(lines)
    together: dict[tuple[int, str], list[int]] = {}
    by_id: dict[int, Limit] = {}
    for place, line in enumerate(lines):
        limit = limits.of(line, period)
        if limit is None:
            found[place] = Verdict(None, None, line.exceeded, None, line.mark)
        elif line.below is not None and limit.op == "le":
            found[place] = _undetected(line, line.below, limit)
        elif line.mark or line.value is None or line.judge_also is not None:
            found[place] = _single(line, limit)
        else:
            by_id[id(limit)] = limit
            together.setdefault((id(limit), line.unit), []).append(place)
    for (number, unit), places in together.items():
        limit = by_id[number]
        for place, verdict in zip(places, _many(lines, places, unit, limit), strict=True):
            found[place] = verdict
    return [each for each in found if each is not None]


def _many(
    lines: Sequence[Line], places: Sequence[int], unit: str, limit: Limit
) -> Iterable[Verdict]:
    values = np.array([lines[place].value for place in places], np.float64)
    try:
        judged = judge_array(values, unit, limit, lines[places[0]].item)
    except UnitRefused:
        return [Verdict(limit, None, None, None, "unit") for _ in places]
    rows = zip(
        judged.values.tolist(), judged.exceeded.tolist(), judged.multiple.tolist(), strict=True
    )
    return [
        Verdict(limit, value, exceeded, multiple if multiple == multiple else None, "")
        for value, exceeded, multiple in rows
    ]


def _undetected(line: Line, detection: float, limit: Limit) -> Verdict:
    """Not detected keeps a limit, unless the detection limit itself is above it: then nobody can
    tell (one source). Half of it is for means only."""
    one = judge(detection, line.unit, limit, line.mark, line.item)
    if one.exceeded:
        return Verdict(limit, one.value, None, None, "undecidable")
    return Verdict(limit, one.value, one.exceeded, None, one.mark)


def _single(line: Line, limit: Limit) -> Verdict:
    one = judge(line.value, line.unit, limit, line.mark, line.item)
    judged = one.value
    if line.judge_also is not None and one.exceeded is False:
        one = judge(line.judge_also, line.unit, limit, line.mark, line.item)
        judged = one.value if one.exceeded else judged
    return Verdict(limit, judged, one.exceeded, one.multiple, one.mark)
