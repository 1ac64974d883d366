"""A seeded month of four stations and a region, as the answers of the daemon have it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from admin.reports.data import COLUMNS, FactorName, Place, ReportData
from aqi.iaqi import iaqi
from aqi.standards import HJ633_2026, level_of

MOMENT = pa.timestamp("us")
START = datetime(2026, 9, 30, 16)  # 2026-10-01 in Beijing
END = datetime(2026, 10, 31, 16)
AS_OF = datetime(2026, 11, 2, 0, 30)
MADE = datetime(2026, 11, 2, 1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

PLACES = [
    Place("A330100001", "西湖子站"),
    Place("A330100002", "下沙子站"),
    Place("A330100003", "滨江子站"),
    Place("A330100004", "=卧龙桥(对照)"),
    Place("region:330100", "杭州市"),
]
LEVELS = {"PM2.5": (45, 30), "PM10": (80, 45), "SO2": (9, 4), "NO2": (38, 14), "CO": (0.8, 0.3),
          "O3": (120, 50)}  # fmt: skip
FACTORS = {
    "a34004": FactorName("PM2.5", "ug/m3"),
    "a05024": FactorName("臭氧", "ug/m3"),
    "a21005": FactorName("一氧化碳", "mg/m3"),
}


def aqi_table(level: str, start: datetime, end: datetime) -> pa.Table:
    """Rows in the columns of AQI_ROWS; on some days a pollutant is missing."""
    dice = random.Random(20261001)
    step = DAY if level == "day" else HOUR
    rows = []
    for place in PLACES:
        at = start
        while at < end:
            rows.append(_aqi_row(dice, place, at, at + step, level))
            at += step
    return _table(rows, {"start": MOMENT, "end": MOMENT, "as_of": MOMENT})


def _aqi_row(
    dice: random.Random, place: Place, start: datetime, end: datetime, level: str
) -> dict[str, Any]:
    gone = dice.choice(list(COLUMNS)) if dice.random() < 0.06 else ""
    dead = dice.random() < 0.03
    values: dict[str, float | None] = {}
    for name in COLUMNS:
        middle, width = LEVELS[name]
        value = round(max(0.0, dice.gauss(middle, width)), 1 if name == "CO" else 0)
        values[name] = None if dead or name == gone else value
    indices = {
        name: None
        if value is None
        else iaqi(
            HJ633_2026,
            name,
            "24h" if (level == "day" and name != "O3") or name[:2] == "PM" else
            "8h" if level == "day" else "1h",
            value,
        )
        for name, value in values.items()
    }  # fmt: skip
    known = [index for index in indices.values() if index is not None]
    worst = max(known) if known else None
    primary = [n for n, i in indices.items() if worst and worst > 50 and i == worst]
    published = worst is not None and (not gone or worst > 100)
    missing = ";".join(name for name, value in values.items() if value is None)
    row: dict[str, Any] = {"place": place.code, "name": place.name, "start": start, "end": end}
    row |= {short: values[name] for name, short in COLUMNS.items()}
    row |= {f"{short}_iaqi": indices[name] for name, short in COLUMNS.items()}
    return row | {
        "aqi": worst,
        "level": None if worst is None else level_of(worst).level,
        "category": None if worst is None else level_of(worst).category,
        "colour": None if worst is None else level_of(worst).hex,
        "primary": ";".join(primary),
        "published_aqi": str(worst) if published else "NA",
        "published_primary": ";".join(primary) if published else "NA",
        "missing": missing,
        "sites": 1 if place.code[0] == "A" else 3,
        "events": "with",
        "standard": "HJ633-2026",
        "mark": "none" if worst is None else f"{gone}:short" if gone else "",
        "revision": 1 + (start.day == 3),
        "as_of": AS_OF,
    }


def evaluation_table() -> pa.Table:
    """Some statistics, one of them with too few days."""
    rows = []
    for place in PLACES:
        for pollutant, statistic, value, limit, n in (
            ("PM2.5", "mean", 43.5, 30.0, 31),
            ("PM2.5", "p95", 88.2, 60.0, 31),
            ("O3", "p90", 158.4, 160.0, 30),
            ("CO", "p95", 1.25, 4.0, 26),
            ("", "good_share", 74.2, None, 31),
            ("", "index", 4.57, None, 31),
        ):
            short = n < 27
            rows.append(
                {
                    "place": place.code, "name": place.name, "start": START, "end": END,
                    "pollutant": pollutant, "statistic": statistic, "value": value,
                    "exact": value + 0.0123,
                    "unit": "mg/m3" if pollutant == "CO" else "ug/m3" if pollutant else
                            "%" if statistic == "good_share" else "",
                    "n": n, "need": 27, "limit": limit,
                    "meets": None if short or limit is None else value <= limit,
                    "multiple": round(value / limit - 1, 2) if limit and value > limit else None,
                    "main": "PM2.5" if statistic == "index" else "", "method": "rank2014",
                    "air_class": 2, "events": "with", "standard": "GB3095-2026-transition",
                    "mark": "short" if short else "", "revision": 2, "as_of": AS_OF,
                }
            )  # fmt: skip
    types = {"start": MOMENT, "end": MOMENT, "as_of": MOMENT, "meets": pa.bool_()}
    return _table(rows, {**types, "limit": pa.float64(), "multiple": pa.float64()})


def rank_table() -> pa.Table:
    """Four stations in order, the last one without a rank."""
    rows = []
    for number, place in enumerate(PLACES[:4], 1):
        ranked = number < 4
        row: dict[str, Any] = {
            "rank": number if ranked else None, "of": 3, "place": place.code, "name": place.name,
            "region": "", "start": START, "end": END, "key": "index",
            "value": 3.9 + number / 4 if ranked else None, "unit": "",
            "index": 3.9 + number / 4 if ranked else None, "main": "O3;PM2.5",
        }  # fmt: skip
        for name, short in COLUMNS.items():
            row[short] = LEVELS[name][0] + 0.5 * number if ranked else None
        rows.append(
            row
            | {
                "good_share": 80.6 - number, "good_days": 25 - number, "n": 31 if ranked else 12,
                "need": 27, "previous": 4.0, "previous_rank": number, "previous_change": -2.4,
                "last_year": 4.4, "last_year_rank": 5 - number, "last_year_change": 3.5,
                "change_rank": number, "worst_rank": 4 - number, "method": "rank2014",
                "events": "with", "standard": "GB3095-2026-transition",
                "mark": "" if ranked else "short", "revision": 2, "as_of": AS_OF,
            }
        )  # fmt: skip
    return _table(rows, {"start": MOMENT, "end": MOMENT, "as_of": MOMENT})


def means_table(level: str, start: datetime, end: datetime, step: timedelta) -> pa.Table:
    """Means of three factors of two stations, some short, some missing."""
    dice = random.Random(7)
    rows = []
    at = start
    while at < end:
        for place in PLACES[:2]:
            for factor in FACTORS:
                draw = dice.random()
                mark = "none" if draw < 0.04 else "short" if draw < 0.1 else ""
                value = None if mark == "none" else dice.uniform(0.2, 140)
                rows.append(
                    {
                        "start": at, "end": at + step, "mn": place.code, "factor": factor,
                        "stat": "mda8" if factor == "a05024" and level == "day" else "mean",
                        "value": value, "min": value and value / 2, "max": value and value * 2,
                        "n": 17 if mark else 24, "need": 20, "mark": mark, "source": "hour",
                        "reported": None if dice.random() < 0.5 or value is None else value + 0.1,
                        "computed": value, "revision": 1, "as_of": AS_OF,
                    }
                )  # fmt: skip
        at += step
    return _table(rows, {"start": MOMENT, "end": MOMENT, "as_of": MOMENT})


def month() -> ReportData:
    """October 2026, with everything that the templates of periods ask for."""
    return ReportData(
        kind="month",
        start=START,
        end=END,
        made=MADE,
        places=list(PLACES),
        names={place.code: place.name for place in PLACES},
        factors=dict(FACTORS),
        tables={
            ("aqi", "day"): aqi_table("day", START, END),
            ("evaluation", ""): evaluation_table(),
            ("ranking", ""): rank_table(),
            ("means", "day"): means_table("day", START, END, DAY),
            ("means", "month"): means_table("month", START, END, END - START),
        },
    )


def one_day() -> ReportData:
    """2026-10-01 with its hours."""
    end = START + DAY
    return ReportData(
        kind="day",
        start=START,
        end=end,
        made=MADE,
        places=list(PLACES),
        names={place.code: place.name for place in PLACES},
        factors=dict(FACTORS),
        tables={
            ("aqi", "day"): aqi_table("day", START, end),
            ("aqi", "hour"): aqi_table("hour", START, end),
            ("means", "hour"): means_table("hour", START, end, HOUR),
            ("means", "day"): means_table("day", START, end, DAY),
        },
    )


def _table(rows: list[dict[str, Any]], types: dict[str, pa.DataType]) -> pa.Table:
    found = pa.Table.from_pylist(rows)
    for name, kind in types.items():
        at = found.schema.get_field_index(name)
        found = found.set_column(at, name, found[name].cast(kind))
    return found
