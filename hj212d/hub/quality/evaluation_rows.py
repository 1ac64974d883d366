"""Rows of an evaluation: each statistic of each place, then what they come to together.

Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import pyarrow as pa

from aqi.composite import main_names
from aqi.evaluation import MEETS, UNKNOWN, Verdicts
from aqi.factors import POLLUTANTS, judged_unit
from hj212d.hub.quality.figures import Figures, Rules
from hj212d.hub.quality.places_asked import Place
from hj212d.hub.quality.readings import moment
from hj212d.hub.quality.tables import EVALUATION_ROWS

Row = dict[str, Any]


def evaluation_rows(
    places: Sequence[Place], found: Figures, rules: Rules, events: str, marks: Sequence[str]
) -> list[Row]:
    """Rows of EVALUATION_ROWS; ``marks``: what is to be said of all of them."""
    rows = []
    for number, place in enumerate(places):
        common = {
            "place": place.code,
            "name": place.name,
            "start": moment(found.span.start),
            "end": moment(found.span.end),
            "main": "",
            "method": rules.method.name,
            "air_class": place.air_class,
            "events": events,
            "standard": rules.limits.name,
            "revision": int(found.revision[number]),
            "as_of": moment(int(found.as_of[number])) if found.as_of[number] else None,
        }
        its = [*_statistics(found, number), *_days(found, number), *_whole(found, number)]
        for row in its:
            short = [] if row.pop("enough") else ["short" if row["n"] else "none"]
            rows.append({**common, **row, "mark": ";".join([*short, *marks])})
    return rows


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table; what a row does not say is null."""
    full = [{name: row.get(name) for name in EVALUATION_ROWS.names} for row in rows]
    return pa.Table.from_pylist(full, schema=EVALUATION_ROWS)


def _statistics(found: Figures, number: int) -> list[Row]:
    return [
        {
            "pollutant": one.item.pollutant,
            "statistic": one.item.statistic,
            "value": _number(one.value[number]),
            "exact": _number(one.exact.values()[number]),
            "unit": judged_unit(one.item.pollutant),
            "n": int(one.n[number]),
            "need": one.need,
            "limit": _number(one.limit[number]),
            "meets": _meets(one.verdict, number),
            "multiple": _number(one.multiple[number]),
            "enough": bool(one.valid[number]),
        }
        for one in found.statistics
    ]


def _days(found: Figures, number: int) -> list[Row]:
    """Of each pollutant the share of days within the daily limit."""
    return [
        {
            "pollutant": name,
            "statistic": "days",
            "value": _number(found.within[name].share[number]),
            "unit": "%",
            "n": int(found.within[name].n[number]),
            "need": found.need,
            "enough": bool(found.enough[name][number]),
        }
        for name in POLLUTANTS
    ]


def _whole(found: Figures, number: int) -> list[Row]:
    """What holds for the place as a whole."""
    days = {"n": int(found.good.n[number]), "need": found.aqi_days.need}
    enough = bool(found.aqi_days.ok[number])
    indexed = {
        "n": int(found.n[number]),
        "need": found.need,
        "enough": bool(found.indexed[number]),
    }
    main = main_names(found.index.main[number].tolist())
    value = _number(found.index.total[number])
    rows: list[Row] = [
        {"statistic": "index", "value": value, "main": main, "unit": "", **indexed},
        {"statistic": "all_items", "meets": _meets(found.met, number), "unit": "", **indexed},
        *(
            {"statistic": name, "value": worth, "unit": unit, **days, "enough": enough}
            for name, worth, unit in (
                ("good_days", float(found.good.fine[number]), "d"),
                ("good_share", _number(found.good.share[number]), "%"),
                ("heavy_days", float(found.heavy[number]), "d"),
                ("valid_days", float(found.good.n[number]), "d"),
            )
        ),
    ]
    return [{"pollutant": "", **row} for row in rows]


def _meets(verdict: Verdicts, number: int) -> bool | None:
    return None if verdict[number] == UNKNOWN else bool(verdict[number] == MEETS)


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)
