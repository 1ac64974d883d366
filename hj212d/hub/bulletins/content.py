"""What a bulletin says, of the rows of an answer about air quality. Pure.

Nothing in it but what is published: two contents are the same text exactly when nothing published
has changed. Fields: HJ 633-2026, reports of hours and days (one source); words are those of
aqi/standards.py. Tests: tests/hub/bulletins/test_bulletin_content.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from aqi.breakpoints import nodes
from aqi.factors import POLLUTANTS, judged_unit
from aqi.index import NA, NOT_MONITORED
from aqi.means.calendar import label
from aqi.rounding import round_half_even
from aqi.standards import STANDARDS, level_of, missing_colour, sensitive_groups
from hj212d.hub.quality.tables import COLUMNS
from hj212d.hub.times import BEIJING, microseconds

Row = dict[str, Any]

_RANKED = ("rank", "place", "name", "value", "index", "main", *COLUMNS.values(), "n", "mark")


def has_value(row: Row) -> bool:
    """Whether any pollutant was measured."""
    return any(row[column] is not None for column in COLUMNS.values())


def of_place(kind: str, row: Row, programme: Sequence[str] = POLLUTANTS) -> str:
    """The bulletin of a place's hour or day, of a row of AQI_ROWS; JSON.

    Concentrations are rounded as for the index (whole ug/m3, CO 0.1 mg/m3). "NA": missing, or not
    to be published (5.3.1); "/": not in the programme.
    """
    shown = row["published_aqi"] != NA
    level = level_of(row["aqi"]) if shown else None
    missing = [one for one in (row["missing"] or "").split(";") if one]
    return _text(
        {
            **_period(kind, row),
            "place": row["place"],
            "name": row["name"],
            "standard": row["standard"],
            "aqi": row["aqi"] if shown else NA,
            "level": level.level if level else NA,
            "category": level.category if level else NA,
            "colour": level.colour if level else NA,
            "colour_hex": level.hex if level else missing_colour(),
            "primary": [one for one in row["published_primary"].split(";") if one],
            "pollutants": [_pollutant(one, row, programme) for one in POLLUTANTS],
            "measured": [one for one in programme if one not in missing],
            "missing": missing,
            "effect": level.effect if level else "",
            "advice": level.advice if level else "",
            "sensitive": _sensitive(row) if shown else [],
            "mark": row["mark"] or "",
        }
    )


def of_ranking(place: str, key: str, spans: Mapping[str, Sequence[Row]]) -> str:
    """The ranking of a day, of rows of RANK_ROWS by span ("day", "month": to that day); JSON."""
    day = spans["day"][0]
    return _text(
        {
            **_period("day", day),
            "place": place,
            "by": key,
            "rankings": {
                name: {
                    **_period("span", rows[0]),
                    "standard": rows[0]["standard"],
                    "method": rows[0]["method"],
                    "rows": [{name: row[name] for name in _RANKED} for row in rows],
                }
                for name, rows in spans.items()
                if rows
            },
        }
    )


def _pollutant(name: str, row: Row, programme: Sequence[str]) -> Row:
    column = COLUMNS[name]
    value, index = row[column], row[f"{column}_iaqi"]
    nothing = NA if name in programme else NOT_MONITORED
    decimals = nodes(STANDARDS[row["standard"]], name, "1h").decimals
    number = None if value is None else float(round_half_even(float(value), decimals))
    if number is not None and not decimals:
        number = int(number)
    return {
        "pollutant": name,
        "value": nothing if number is None else number,
        "unit": judged_unit(name),
        "iaqi": nothing if index is None else index,
    }


def _sensitive(row: Row) -> list[Row]:
    """Who is sensitive to what is above 100 (HJ 633-2026 names them)."""
    if STANDARDS[row["standard"]].names_exceeding:
        return []
    return [
        {"pollutant": name, "groups": list(sensitive_groups(name))}
        for name in POLLUTANTS
        if (row[f"{COLUMNS[name]}_iaqi"] or 0) > 100
    ]


def _period(kind: Any, row: Row) -> Row:
    start, end = row["start"], row["end"]
    return {
        "period": label(kind, microseconds(start), microseconds(end)),
        "start": _beijing(start),
        "end": _beijing(end),
    }


def _beijing(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).replace(tzinfo=BEIJING).isoformat()


def _text(content: Row) -> str:
    return msgspec.json.encode(content).decode()
