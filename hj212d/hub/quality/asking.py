"""The questions of air quality, answered from means and sites.

Blocking: the desk calls it in the threads of queries, commands call it directly.
Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from aqi.composite import Method, method
from aqi.decimals import Decimals
from aqi.limits import limits_for
from aqi.means.calendar import HOUR_US, end, start
from aqi.means.validity import Validity, rules
from aqi.places import Shares
from aqi.standards import STANDARDS, standard_at
from hj212d.hub.means.asking import Means
from hj212d.hub.quality import spans
from hj212d.hub.quality.aqi_rows import aqi_rows
from hj212d.hub.quality.evaluation_rows import evaluation_rows
from hj212d.hub.quality.evaluation_rows import table_of as evaluation_table
from hj212d.hub.quality.event_hours import without
from hj212d.hub.quality.figures import Aqis, Figures, Rules, figures
from hj212d.hub.quality.places_asked import Place, Places, Sites
from hj212d.hub.quality.questions import (
    AqiQuestion,
    EvaluationQuestion,
    Events,
    RankQuestion,
    Standard,
)
from hj212d.hub.quality.rank_rows import Ranking, groups_of, rows_over_time, valued
from hj212d.hub.quality.rank_rows import table_of as rank_table
from hj212d.hub.quality.readings import LENGTHS_US, Level, moment, read
from hj212d.hub.quality.series import RUNNING_H, Series, judged, of_places
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.quality.spans import Span
from store.registry.decisions import EventRecord

# Of places and hours or days, and of rankings over time: more is to be asked for in pieces.
MOST_CELLS = 6_000_000
MOST_SPANS = 4_000

# Approved events that touch a span of aware UTC moments.
EventsBetween = Callable[[datetime, datetime], Sequence[EventRecord]]

TWO_STANDARDS = "two_standards"  # the span crosses from one set of limits to the next
UNCONFIRMED = "unconfirmed_method"
ASSUMED = "assumed_formula"  # three-year means


class Quality:
    """Answers about stations and regions. Errors of the field are marks in the rows; ValueError
    says what is wrong with a question. StoreUnavailable, RegistryUnavailable."""

    def __init__(
        self, means: Means, sites: Sites, settings: QualitySettings, events: EventsBetween
    ) -> None:
        self.settings = settings
        self._means = means
        self._sites = sites
        self._events = events

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS in order of place and start; hours and days that the span touches are whole."""
        places = self._places(question.places)
        begin, behind = _whole(question.level, question.start, question.end)
        _bounded(len(places), (behind - begin) // LENGTHS_US[question.level])
        standard = None if question.standard == "auto" else STANDARDS[question.standard]
        # By the version of 2012 running means of the first hours are made of those before.
        runs = (standard or standard_at(spans.day_of(begin))).names_exceeding
        lead = (RUNNING_H - 1) * HOUR_US if question.level == "hour" and runs else 0
        series = self._series(places, question.level, begin - lead, behind, question.events)
        found = judged(series, self.settings, standard)
        skipped = lead // LENGTHS_US[question.level]
        return aqi_rows(series.between(begin, behind), found.behind(skipped), question.events)

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """EVALUATION_ROWS in order of place, those with events before those without."""
        span = spans.whole_days(question.start, question.end)
        places = self._places(question.places, question.air_class)
        if question.years == 3 and not spans.is_year(span):
            raise ValueError("a three-year mean is one of whole years of the calendar")
        by, marks = self._rules(span, question.standard, question.method)
        kinds: tuple[Events, ...] = (
            ("with", "without") if question.events == "both" else (question.events,)
        )
        rows = []
        for events in kinds:
            before = []
            year = span
            for _ in range(question.years - 1):
                year = spans.last_year(year)
                before.append(self._days(places, year, events))
            series, aqi = self._judged_days(places, span, events, by)
            found = figures(series, aqi, span, by, before)
            said = [*marks, *([ASSUMED] if before else [])]
            rows += evaluation_rows(places, found, by, events, said)
        return evaluation_table(rows)

    def rank(self, question: RankQuestion) -> pa.Table:
        """RANK_ROWS, one ranking after the other, those without a rank last in each."""
        span = spans.whole_days(question.start, question.end)
        places = self._places(question.places)
        rows = []
        for standard in question.standards:
            by, marks = self._rules(span, standard, question.method, question.basis == "month")
            common = {
                "standard": by.limits.name,
                "method": by.method.name,
                "events": question.events,
            }
            if question.scope == "time":
                found = self._over_time(places, question, span, by)
                rows += rows_over_time(places, found, question.key, common, marks)
            else:
                rows += self._ranking(places, question, span, by).rows(common, marks)
        return rank_table(rows)

    def _ranking(
        self, places: list[Place], question: RankQuestion, span: Span, by: Rules
    ) -> Ranking:
        def at(when: Span) -> Figures:
            series, aqi = self._judged_days(places, when, question.events, by)
            return figures(series, aqi, when, by)

        asked = question.compare or question.changes
        return Ranking(
            places,
            at(span),
            question.key,
            groups_of(places, by_region=question.scope == "region"),
            valued(at(spans.before(span)), question.key) if question.compare else None,
            valued(at(spans.last_year(span)), question.key) if asked else None,
            question.changes,
        )

    def _over_time(
        self, places: list[Place], question: RankQuestion, span: Span, by: Rules
    ) -> list[Figures]:
        parts = spans.parts(span, question.step)
        if len(parts) > MOST_SPANS:
            raise ValueError(f"{len(parts)} spans are more than {MOST_SPANS}: take a longer step")
        whole = Span(parts[0].start, parts[-1].end)
        series, aqi = self._judged_days(places, whole, question.events, by)
        found = []
        for part in parts:
            one = series.between(*part)
            first = int((part.start - whole.start) // LENGTHS_US["day"])
            found.append(figures(one, aqi[:, first : first + len(one.starts)], part, by))
        return found

    def _rules(
        self, span: Span, standard: Standard, name: str, by_month: bool = False
    ) -> tuple[Rules, list[str]]:
        """By what a span is judged, and what is to be said of it in each row."""
        limits, crosses = limits_for(span.first, span.last, standard)
        how = self._method(name)
        marks = [TWO_STANDARDS] if crosses and standard == "auto" else []
        marks += [] if how.confirmed else [UNCONFIRMED]
        decimals = Decimals(limits.evaluation, self.settings.decimals.get(limits.evaluation))
        return Rules(limits, how, decimals, self._validity["air"], by_month), marks

    def _method(self, name: str) -> Method:
        """As the question says, else as configured with its weights."""
        if name and name != self.settings.method:
            return method(name)
        return method(
            self.settings.method,
            {str(name): weight for name, weight in self.settings.weights.items()},
        )

    def _judged_days(
        self, places: list[Place], span: Span, events: Events, by: Rules
    ) -> tuple[Series, Aqis]:
        """Days of a span and the AQI by which good days are counted."""
        series = self._days(places, span, events)
        counted = series
        if events == "without" and self.settings.good_days == "with":
            counted = self._days(places, span, "with")
        return series, judged(counted, self.settings, STANDARDS[by.limits.aqi]).counted()

    def _days(self, places: list[Place], span: Span, events: Events) -> Series:
        _bounded(len(places), (span.end - span.start) // LENGTHS_US["day"])
        return self._series(places, "day", span.start, span.end, events)

    def _series(
        self, places: list[Place], level: Level, begin: int, behind: int, events: Events
    ) -> Series:
        sites = list({site.mn: site for place in places for site in place.sites}.values())
        readings = read(self._means, sites, level, begin, behind)
        if events == "without":
            records = self._events(_aware(begin), _aware(behind))
            readings = without(readings, self._means, records, self._validity)
        shares = Shares(self.settings.site_share, self.settings.few_site_share)
        return of_places(readings, places, shares)

    def _places(self, asked: Sequence[str], air_class: int | None = None) -> list[Place]:
        found = Places(self._sites, self.settings.regions, self.settings.region_class).asked(asked)
        return [place.of_class(air_class) for place in found] if air_class else found

    @property
    def _validity(self) -> dict[str, Validity]:
        return rules(self._means.settings.validity)


def _whole(level: Level, begin: datetime, behind: datetime) -> tuple[int, int]:
    """The hours or days that a span touches. ValueError: it is none."""
    if behind <= begin:
        raise ValueError("the start must be before the end")
    last = start(level, spans.microseconds(behind) - 1)
    return start(level, spans.microseconds(begin)), end(level, last)


def _bounded(places: int, times: int) -> None:
    if places * times > MOST_CELLS:
        raise ValueError(
            f"{places} places at {times} times are more than {MOST_CELLS} values: ask in pieces"
        )


def _aware(time_us: int) -> datetime:
    return moment(time_us).replace(tzinfo=UTC)
