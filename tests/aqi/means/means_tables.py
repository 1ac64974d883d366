"""Tables for the tests of means: sums of hours, hours and days, from plain lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from aqi.means.calendar import DAY_US, HOUR_US, moment_of
from aqi.means.rows import ROWS
from store.means import HOUR_SUMS

DAY = moment_of(date(2026, 10, 9))


def sums(*rows: dict[str, Any]) -> pa.Table:
    """HOUR_SUMS; what a row does not say is zero, ``minutes`` follows from ``minute_bits``."""
    zero: dict[str, Any] = {
        "start": DAY,
        "mn": "A",
        "factor": "a34004",
        "period": "realtime",
        "n": 0,
        "n_marked": 0,
        "n_future": 0,
        "n_absurd": 0,
        "n_excluded": 0,
        "minute_bits": 0,
        "sum_e6": 0,
        "zs_n": 0,
        "zs_sum_e6": 0,
        "cou_e6": None,
        "min": None,
        "max": None,
        "flag": "",
        "energy_e3": None,
        "sin_e9": None,
        "cos_e9": None,
    }
    full = [{**zero, **row} for row in rows]
    for row in full:
        row.setdefault("minutes", row["minute_bits"].bit_count())
    full.sort(key=lambda row: (row["start"], row["mn"], row["factor"], row["period"]))
    return pa.table(
        {
            field.name: pa.array([row[field.name] for row in full], field.type)
            for field in HOUR_SUMS
        }
    )


def means(*rows: dict[str, Any]) -> pa.Table:
    """ROWS of hours or days; what a row does not say is that of a valid mean."""
    zero = {
        "start": DAY,
        "mn": "A",
        "factor": "a34004",
        "stat": "mean",
        "value": None,
        "min": None,
        "max": None,
        "n": 1,
        "need": 1,
        "mark": "",
        "source": "hour",
        "reported": None,
        "computed": None,
    }
    full = [{**zero, **row} for row in rows]
    full.sort(key=lambda row: (row["start"], row["mn"], row["factor"], row["stat"]))
    return pa.table(
        {field.name: pa.array([row[field.name] for row in full], field.type) for field in ROWS}
    )


def hours_of(values: list[float | None], **more: Any) -> pa.Table:
    """A day of hours; None: the hour is too short."""
    return means(
        *(
            {
                "start": DAY + number * HOUR_US,
                "value": value,
                "mark": "short" if value is None else "",
                **more,
            }
            for number, value in enumerate(values)
        )
    )


def days_from(first: int, values: list[float | None], **more: Any) -> pa.Table:
    """Days one after the other; None: the day is too short."""
    return means(
        *(
            {
                "start": first + number * DAY_US,
                "value": value,
                "mark": "short" if value is None else "",
                **more,
            }
            for number, value in enumerate(values)
        )
    )
