"""Answers of analysis as files: pictures in Chinese, CSV, JSON.

Tests: tests/cli/test_analyse_command.py.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from admin.fonts import find_font
from aqi.analysis.pictures import calendar_picture, pattern_picture, share_picture
from aqi.analysis.primary_share import Shares
from aqi.analysis.rose_picture import polar_picture, rose_picture
from aqi.analysis.trend_picture import trend_picture
from hj212d.cli.here import Here
from hj212d.cli.refusal import Refusal
from hj212d.cli.report_source import ReportSource
from hj212d.cli.times import BEIJING
from hj212d.hub.analysis.answer_rows import Answer, object_of, rows_of
from hj212d.hub.analysis.asking import CalendarAnswer, PatternAnswer, PolarAnswer, RoseAnswer
from hj212d.hub.analysis.trend_asking import TrendAnswer

_STEPS = {"month": "逐月", "quarter": "逐季", "year": "逐年"}
_CYCLES = {"hour": "日变化", "weekday": "周变化", "month": "月变化", "weekhour": "周内逐时变化"}


def as_json(answer: Answer) -> bytes:
    """Head and rows as one object."""
    return json.dumps(object_of(answer), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def as_csv(answer: Answer) -> bytes:
    """The rows, with a line of names; what there is no number for is empty."""
    rows = rows_of(answer)
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue().encode()


def picture(here: Here, asked: Mapping[str, Any], answer: Answer) -> bytes:
    """The PNG. NoFont, ExtraMissing; Refusal: factors of different units."""
    font = find_font(here.config().reports.font).for_matplotlib()
    when = f"{_named(here, asked['place'])}，{_span(asked['start'], asked['end'])}（北京时间）"
    title = asked["title"]
    match answer:
        case RoseAnswer():
            return _rose(answer, font, title, when, asked["calm_ms"])
        case PolarAnswer():
            words = title or f"{answer.what} 风向风速分布"
            polar = answer.polar
            return polar_picture(
                polar.counts, polar.mean, polar.edges, font, words, when, unit=answer.unit
            )
        case PatternAnswer():
            first = next(iter(answer.patterns.values()))
            words = title or f"{'、'.join(answer.patterns)} {_CYCLES[first.cycle]}"
            units = list(dict.fromkeys(answer.units.values()))
            if len(units) > 1:
                raise Refusal(f"one picture has one unit, not {' and '.join(units)}")
            return pattern_picture(answer.patterns, font, words, when, unit=units[0])
        case Shares():
            return share_picture(answer, font, title or "首要污染物占比", when)
        case CalendarAnswer():
            return calendar_picture(answer.months, font, title or "AQI 日历", when)
        case TrendAnswer():
            words = title or f"{answer.what} {_STEPS[answer.step]}变化趋势"
            return trend_picture(
                [(one.year, one.value, one.tested) for one in answer.points],
                answer.spearman,
                answer.monotonic,
                font,
                words,
                when,
                unit=answer.unit,
                deseasoned=answer.deseasoned,
            )


def _rose(answer: RoseAnswer, font: str, title: str, when: str, calm_ms: float) -> bytes:
    of_wind = answer.rose.what == "speed"
    words = title or ("风玫瑰图" if of_wind else f"{answer.rose.what} 污染玫瑰图")
    how = {"colours": answer.colours} if answer.colours else {}
    return rose_picture(
        answer.rose,
        font,
        words,
        when,
        unit=answer.unit,
        calm_ms=calm_ms,
        wind=answer.wind,
        **how,
    )


def _span(start: datetime, end: datetime) -> str:
    """Whole days by their dates, the last one included; else both moments."""
    first, behind = start.astimezone(BEIJING), end.astimezone(BEIJING)
    if first.time() == behind.time() == time(0):
        last = behind - timedelta(days=1)
        return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}" if first < last else f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d %H:%M} 至 {behind:%Y-%m-%d %H:%M}"


def _named(here: Here, place: str) -> str:
    """A station by its name, a region by its number."""
    kind, colon, code = place.partition(":")
    if colon:
        return f"行政区划 {code}" if kind == "region" else place
    names = {site["mn"]: site["name"] for site in ReportSource(here).sites()}
    return names.get(place) or place
