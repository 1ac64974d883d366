"""Spans of whole Beijing days: the one before, the same one last year, the parts of one. Pure.

Moments are microseconds UTC. Tests: tests/hub/quality/test_spans.py.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

from aqi.means.calendar import BEIJING_US, DAY_US, Level, end, moment_of, periods, start

_EPOCH = datetime(1970, 1, 1)


class Span(NamedTuple):
    """From ``start`` to before ``end``, both beginnings of Beijing days."""

    start: int
    end: int

    @property
    def first(self) -> date:
        """Its first day."""
        return day_of(self.start)

    @property
    def last(self) -> date:
        """Its last day."""
        return day_of(self.end - DAY_US)

    @property
    def months(self) -> int:
        """How many whole months it is made of; 0 when it is not made of such."""
        behind = day_of(self.end)
        if self.first.day != 1 or behind.day != 1:
            return 0
        return _number(behind) - _number(self.first)


def whole_days(begin: datetime, behind: datetime) -> Span:
    """The Beijing days that a span of naive UTC moments touches. ValueError: it is none."""
    if behind <= begin:
        raise ValueError("the start must be before the end")
    return Span(
        start("day", microseconds(begin)), end("day", start("day", microseconds(behind) - 1))
    )


def before(span: Span) -> Span:
    """The span just before, as long; of whole months as many months."""
    if span.months:
        return Span(moment_of(_month(_number(span.first) - span.months)), span.start)
    return Span(span.start - (span.end - span.start), span.start)


def last_year(span: Span) -> Span:
    """The same days of the calendar a year before. The 29th of February becomes the 1st of March:
    of that day alone nothing is left."""
    return Span(*(moment_of(_year_before(day_of(moment))) for moment in span))


def parts(span: Span, step: Level) -> list[Span]:
    """The periods of a step that the span touches, each whole."""
    return [Span(*one) for one in periods(step, span.start, span.end)]


def months_of(span: Span) -> list[Span]:
    """Its months. ValueError: it is not made of whole ones."""
    if not span.months:
        raise ValueError(
            f"{span.first} to {span.last} is not made of whole months, and has no month means"
        )
    return parts(span, "month")


def is_year(span: Span) -> bool:
    """Whether it is a year of the calendar."""
    return span.months == 12 and span.first.month == 1


def microseconds(moment: datetime) -> int:
    """Of a moment in UTC, naive or aware."""
    naive = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return (naive - _EPOCH) // datetime.resolution


def day_of(moment: int) -> date:
    """The Beijing day in which a moment lies."""
    return date.fromordinal((moment + BEIJING_US) // DAY_US + date(1970, 1, 1).toordinal())


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
