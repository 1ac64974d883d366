"""Asks for what a report needs, and hands it over as the tables that `admin.reports` builds from.

Tests: tests/cli/test_reporting.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from admin.reports.data import FactorName, Place, ReportData
from admin.reports.template import Template
from admin.reports.views.against import LAST_YEAR, THREE_YEARS
from admin.reports.views.course import BEFORE
from aqi.factors import default_unit, pollutant_of
from aqi.means.calendar import Level
from hj212d.cli.job_progress import Step
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality import region_codes, spans
from hj212d.hub.quality.questions import (
    AqiQuestion,
    AqiStandard,
    EvaluationQuestion,
    Events,
    RankQuestion,
    Standard,
)
from hj212d.hub.quality.readings import moment
from hj212d.wire.tables import factors

_REGION, _STATIONS = "region:", "stations:"
_ALL = "stations:*"

By = Literal["auto", "old", "new"]
Part = Literal["day", "tenday", "week", "month", "quarter", "year"]

_AQI: dict[By, AqiStandard] = {"auto": "auto", "old": "HJ633-2012", "new": "HJ633-2026"}
_LIMITS: dict[By, Standard] = {"auto": "auto", "old": "old", "new": "new"}


class Source(Protocol):
    """Who answers (`hj212d/cli/answers.py`)."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """EVALUATION_ROWS."""

    def rank(self, question: RankQuestion) -> pa.Table:
        """RANK_ROWS."""

    def means(self, question: MeansQuestion) -> pa.Table:
        """MEANS."""

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """Sites in force."""


class Wish(msgspec.Struct, frozen=True):
    """A report that is asked for. Moments are naive UTC. ``places``: MNs, "region:330100",
    "region:*", "stations:*", "stations:330100"; none: all stations. ``factors``: of means."""

    kind: Level
    start: datetime
    end: datetime
    places: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    standard: By = "auto"
    events: Events = "with"


def collect(
    source: Source, template: Template, wish: Wish, now: datetime, step: Step
) -> ReportData:
    """All that the template shows, asked for one table after the other."""
    sites = list(source.sites())
    data = ReportData(
        kind=wish.kind,
        start=wish.start,
        end=wish.end,
        made=now.astimezone(UTC).replace(tzinfo=None),
        standard=wish.standard,
        names={site["mn"]: site["name"] for site in sites if site["name"]},
    )
    needs = sorted(template.needs(wish.kind))
    for number, (table, level) in enumerate(needs):
        step("查询数据", number, len(needs))
        data.tables[table, level] = _ask(source, wish, sites, table, level)
    step("查询数据", len(needs), len(needs))
    data.places = _places(data, wish)
    data.factors, data.units = _words(data, sites)
    return data


def _ask(
    source: Source, wish: Wish, sites: Sequence[Mapping[str, Any]], table: str, level: str
) -> pa.Table:
    places = wish.places or (_ALL,)
    match table:
        case "aqi":
            at: Literal["hour", "day"] = "hour" if level == "hour" else "day"
            standard = _AQI[wish.standard]
            return source.aqi(AqiQuestion(places, at, wish.start, wish.end, standard, wish.events))
        case "evaluation":
            start, end = _year_before(wish) if level == LAST_YEAR else (wish.start, wish.end)
            return source.evaluate(
                EvaluationQuestion(
                    places,
                    start,
                    end,
                    standard=_LIMITS[wish.standard],
                    events=wish.events,
                    years=3 if level == THREE_YEARS else 1,
                )
            )
        case "course" | "course_last_year":
            start, end = _year_before(wish) if table == BEFORE else (wish.start, wish.end)
            return source.rank(
                RankQuestion(
                    places,
                    start,
                    end,
                    standards=(_LIMITS[wish.standard],),
                    scope="time",
                    step=msgspec.convert(level, Part),
                    compare=False,
                    events=wish.events,
                )
            )
        case "ranking":
            return source.rank(
                RankQuestion(
                    ranked_together(places),
                    wish.start,
                    wish.end,
                    standards=(_LIMITS[wish.standard],),
                    events=wish.events,
                )
            )
    return source.means(
        MeansQuestion(
            level=msgspec.convert(level, Level),
            start=wish.start,
            end=wish.end,
            mns=stations_of(wish.places, sites),
            factors=wish.factors or None,
        )
    )


def _year_before(wish: Wish) -> tuple[datetime, datetime]:
    """The same days of the calendar a year before, as rankings have them (naive UTC)."""
    span = spans.last_year(spans.whole_days(wish.start, wish.end))
    start, end = (moment(one) for one in span)
    return start, end


def ranked_together(places: Sequence[str]) -> tuple[str, ...]:
    """Stations are ranked among stations; regions where no station is asked for."""
    stations = tuple(one for one in places if not one.startswith(_REGION))
    return stations or tuple(places)


def stations_of(
    places: Sequence[str], sites: Sequence[Mapping[str, Any]]
) -> tuple[str, ...] | None:
    """The MNs that places hold; None: all. A region holds those whose code begins like its own."""
    found: dict[str, None] = {}
    for place in places:
        code = place.removeprefix(_REGION).removeprefix(_STATIONS)
        if code == place:
            found[place] = None
            continue
        stem = region_codes.stem(code.removesuffix("*")) if code != "*" else ""
        if not stem:
            return None
        found.update(
            {str(site["mn"]): None for site in sites if str(site["region"]).startswith(stem)}
        )
    return tuple(found) if places else None


def _places(data: ReportData, wish: Wish) -> list[Place]:
    """Those that the answers name; where none names any, those that were asked for."""
    found: dict[str, Place] = {}
    for (name, _), rows in data.tables.items():
        if name == "means":
            codes = pc.unique(rows["mn"]).to_pylist()
            pairs = [(code, "") for code in codes]
        else:
            both = rows.select(["place", "name"]).group_by(["place", "name"]).aggregate([])
            pairs = list(zip(both["place"].to_pylist(), both["name"].to_pylist(), strict=True))
        for code, called in pairs:
            found.setdefault(code, Place(code, called or data.name_of(code)))
    if not found:
        return [Place(code, data.name_of(code)) for code in wish.places]
    return [found[code] for code in sorted(found)]


def _words(
    data: ReportData, sites: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, FactorName], dict[tuple[str, str], str]]:
    """Names of the factors in the answers, and the units of each site."""
    pairs: set[tuple[str, str]] = set()
    for (name, _), rows in data.tables.items():
        if name == "means":
            both = rows.select(["mn", "factor"]).group_by(["mn", "factor"]).aggregate([])
            pairs.update(zip(both["mn"].to_pylist(), both["factor"].to_pylist(), strict=True))
    known = {factor.code: factor for factor in factors()} if pairs else {}
    names = {}
    for code in {code for _, code in pairs}:
        factor = known.get(code)
        name = pollutant_of(code) or (factor.name_zh if factor else code)
        names[code] = FactorName(name, factor.unit if factor else "")
    by_mn = {site["mn"]: site for site in sites}
    units = {}
    for mn, code in pairs:
        site = by_mn.get(mn)
        if site is not None:
            unit = site["units"].get(code) or default_unit(code, site["medium"])
            if unit:
                units[mn, code] = unit
    return names, units
