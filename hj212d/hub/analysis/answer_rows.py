"""Answers of analysis as plain rows and objects, for CSV, JSON and the API.

Numbers are rounded for reading; what there is no number for is None. Tests:
tests/hub/analysis/test_analysis_asking.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aqi.analysis.calendar_table import days_by_level
from aqi.analysis.primary_share import Shares
from aqi.analysis.roses import SECTOR_NAMES
from hj212d.hub.analysis.asking import CalendarAnswer, PatternAnswer, PolarAnswer, RoseAnswer
from hj212d.hub.analysis.trend_asking import TrendAnswer

Row = dict[str, Any]
Answer = RoseAnswer | PolarAnswer | PatternAnswer | Shares | CalendarAnswer | TrendAnswer


def rows_of(answer: Answer) -> list[Row]:
    """One row a sector, key, pollutant or day."""
    match answer:
        case RoseAnswer():
            return _rose_rows(answer)
        case PolarAnswer():
            return _polar_rows(answer)
        case PatternAnswer():
            return _pattern_rows(answer)
        case Shares():
            return _share_rows(answer)
        case CalendarAnswer():
            return _calendar_rows(answer)
        case TrendAnswer():
            return _trend_rows(answer)


def head_of(answer: Answer) -> Row:
    """What must be said with the rows: how many hours counted, how many did not."""
    match answer:
        case RoseAnswer():
            rose, wind = answer.rose, answer.wind
            return {
                "what": rose.what,
                "unit": answer.unit,
                "classes": list(rose.class_names()),
                "n": rose.n,
                "calm": rose.calm,
                "calm_mean": _number(rose.calm_mean),
                "skipped": rose.skipped,
                "wind": {
                    "direction": _number(wind.direction, 1),
                    "speed": _number(wind.speed),
                    "steadiness": _number(wind.steadiness),
                },
            }
        case PolarAnswer():
            edges = list(answer.polar.edges)
            skipped = answer.polar.skipped
            return {
                "what": answer.what,
                "unit": answer.unit,
                "edges_ms": edges,
                "skipped": skipped,
            }
        case PatternAnswer():
            first = next(iter(answer.patterns.values()))
            return {"cycle": first.cycle, "units": answer.units}
        case Shares():
            return {
                "ties": answer.ties,
                "above": answer.above,
                "polluted": answer.polluted,
                "clean": answer.clean,
                "without": answer.without,
                "tied": answer.tied,
            }
        case CalendarAnswer():
            counts = days_by_level(answer.months)
            return {
                "days_by_level": {str(level): count for level, count in counts.items() if level},
                "without": counts[0],
                "unpublished": answer.unpublished,
            }
        case TrendAnswer():
            return _trend_head(answer)


def object_of(answer: Answer) -> Row:
    """Head and rows as one JSON object."""
    return head_of(answer) | {"rows": rows_of(answer)}


def _rose_rows(answer: RoseAnswer) -> list[Row]:
    rose = answer.rose
    names = rose.class_names()
    sums = rose.counts.sum(axis=1)
    return [
        {
            "sector": _sector(n, len(sums)),
            "direction": n * 360 / len(sums),
            "n": int(sums[n]),
            "share": round(float(sums[n]) / max(rose.n, 1), 5),
            "mean": _number(rose.mean[n]),
        }
        | {name: int(rose.counts[n, c]) for c, name in enumerate(names)}
        for n in range(len(sums))
    ]


def _polar_rows(answer: PolarAnswer) -> list[Row]:
    polar = answer.polar
    sectors, classes = polar.counts.shape
    edges: list[float | None] = [0.0, *polar.edges, None]
    return [
        {
            "sector": _sector(s, sectors),
            "direction": s * 360 / sectors,
            "speed_from": edges[c],
            "speed_to": edges[c + 1],
            "n": int(polar.counts[s, c]),
            "mean": _number(polar.mean[s, c]),
        }
        for s in range(sectors)
        for c in range(classes)
    ]


def _pattern_rows(answer: PatternAnswer) -> list[Row]:
    return [
        {
            "factor": what,
            one.cycle: int(one.keys[k]),
            "n": int(one.n[k]),
            "mean": _number(one.mean[k]),
            "median": _number(one.median[k]),
            "p25": _number(one.low[k]),
            "p75": _number(one.high[k]),
        }
        for what, one in answer.patterns.items()
        for k in range(len(one.keys))
    ]


def _share_rows(answer: Shares) -> list[Row]:
    parts = answer.parts()
    return [
        {"pollutant": name, "count": round(float(count), 4), "share": round(parts[name], 5)}
        for name, count in answer.counts.items()
    ]


def _calendar_rows(answer: CalendarAnswer) -> list[Row]:
    return [
        {"day": str(day.day), "weekday": day.weekday + 1, "aqi": day.value, "level": day.level}
        for days in answer.months.values()
        for day in days
    ]


def _trend_head(answer: TrendAnswer) -> Row:
    rank, many = answer.spearman, answer.monotonic
    return {
        "what": answer.what,
        "unit": answer.unit,
        "statistic": answer.statistic,
        "step": answer.step,
        "n": rank.n,
        "deseasoned": answer.deseasoned,
        "spearman": {
            "direction": rank.direction,
            "r": None if rank.r is None else round(rank.r, 4),
            "critical": rank.critical,
            "critical_of": rank.of,
        },
        "mann_kendall": {
            "direction": many.direction,
            "tau": _number(many.tau, 4),
            "p": _number(many.p, 6),
        },
        "theil_sen": {
            "per_year": _number(many.slope, 4),
            "low": _number(many.low, 4),
            "high": _number(many.high, 4),
        },
    }


def _trend_rows(answer: TrendAnswer) -> list[Row]:
    return [
        {
            "period": one.label,
            "value": None if one.value is None else _number(one.value),
            "n": one.n,
            "need": one.need,
            "mark": one.mark,
            "tested": None if one.tested is None else _number(one.tested),
        }
        for one in answer.points
    ]


def _sector(number: int, sectors: int) -> str:
    if sectors == len(SECTOR_NAMES):
        return SECTOR_NAMES[number]
    return f"{number * 360 / sectors:g}"


def _number(value: float, decimals: int = 3) -> float | None:
    return None if np.isnan(value) else round(float(value), decimals)
