"""What a rule would have raised from data of the past: the evaluator of the hub, fed minute by
minute. Nothing is kept and nobody is told.

It hears what the store kept, in the order of receipt; links it does not know.
Tests: tests/hub/alert_desk/test_rehearsal.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from alerts.rules.book import Rule
from alerts.rules.params import Drift, Offline, Stuck, Swing
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alerts.evaluator import Evaluator, Ground
from hj212d.hub.columns import microseconds
from store.timeseries import FRAMES, SAMPLES

LONGEST = timedelta(days=31)
_MINUTE_US = 60_000_000
_CHECK_US = 30 * _MINUTE_US
_NOT = {
    "completeness": "asks the store what ought to have come",
    "forward": "watches targets, of which no past is kept",
    "store_lag": "watches the store, of which no past is kept",
    "disk": "watches the disk, of which no past is kept",
    "key_age": "watches keys, of which no past is kept",
    "heavy_pollution": "watches forecasts",
}


class _Past:
    """Rows of a table by the minute in which they were received."""

    def __init__(self, table: pa.Table, schema: pa.Schema, moment: str) -> None:
        self._table = _as(table, schema).sort_by(moment)
        received = microseconds(self._table[moment]) // _MINUTE_US
        self._minutes, self._firsts = np.unique(received, return_index=True)
        self._ends = np.append(self._firsts[1:], self._table.num_rows)
        self._empty = self._table.slice(0, 0)
        self._at = {int(minute): n for n, minute in enumerate(self._minutes)}

    def of(self, minute: int) -> pa.Table:
        """Those of a minute, counted from 1970."""
        n = self._at.get(minute)
        if n is None:
            return self._empty
        first = int(self._firsts[n])
        return self._table.slice(first, int(self._ends[n]) - first)

    @property
    def first_us(self) -> list[int]:
        """The beginning of the first of them; none: []."""
        return [int(self._minutes[0]) * _MINUTE_US] if len(self._minutes) else []


def why_not(rule: Rule) -> str:
    """Why a rule cannot be tried on the past, "" when it can."""
    why = _NOT.get(rule.kind, "")
    if isinstance(rule.params, Offline) and rule.params.scope == "link":
        why = "watches links, of which no past is kept"
    return why


def warm_up(rule: Rule) -> timedelta:
    """How much of the past before a span it has to know to judge the first of it."""
    match rule.params:
        case Stuck() as stuck:
            return timedelta(seconds=max([stuck.default_s, *stuck.after_s.values()]))
        case Swing() as swing:
            return timedelta(seconds=swing.window_s)
        case Drift() as drift:
            return timedelta(days=2 * drift.window_days)
    return timedelta()


def rehearse(
    rule: Rule,
    ground: Ground,
    settings: AlertsSettings,
    frames: pa.Table,
    samples: pa.Table,
    means: Sequence[pa.Table],
    indexes: Sequence[pa.Table],
    start: datetime,
    end: datetime,
) -> list[Signal]:
    """What would have been told from ``start`` on, oldest first. ``frames``, ``samples``: as
    queries answer them, from ``start`` less :func:`warm_up` on; ``means``, ``indexes``:
    as the hub answers them; each row is told at the end of its period. Moments are naive UTC."""
    evaluator = Evaluator([rule], ground, settings)
    heard = _Past(frames, FRAMES, "received_at")
    read = _Past(samples, SAMPLES, "received_at")
    first = min([_us(start), *heard.first_us, *read.first_us])
    made = sorted(_ends(means, evaluator.hours) + _ends(indexes, evaluator.aqi), key=_when)
    told: list[Signal] = []
    for minute in range(first // _MINUTE_US, -(-_us(end) // _MINUTE_US)):
        now_us = (minute + 1) * _MINUTE_US
        told += evaluator.observe(heard.of(minute), read.of(minute), now_us)
        while made and made[0][0] <= now_us:
            _, tell, rows = made.pop(0)
            told += tell(rows, now_us)
        if now_us % _CHECK_US == 0:
            told += evaluator.check(now_us)
        told += evaluator.tick(now_us, first)
    begun = start.replace(tzinfo=UTC)
    return [one for one in told if one.seen_at >= begun or one.what != "raised"]


def _ends(tables: Sequence[pa.Table], tell: Any) -> list[tuple[int, Any, pa.Table]]:
    """Rows of one end together."""
    found = []
    for table in tables:
        ends = microseconds(table["end"])
        found += [
            (one, tell, table.filter(pa.array(ends == one))) for one in np.unique(ends).tolist()
        ]
    return found


def _when(one: tuple[int, Any, pa.Table]) -> int:
    return one[0]


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """In the columns of a schema; those that a store does not tell are empty."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _us(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def alarms(signals: Sequence[Signal]) -> Iterator[dict[str, Any]]:
    """Alarms of signals, each with its beginning and its end, in the order they were noticed."""
    standing: dict[tuple[str, str, datetime], dict[str, Any]] = {}
    made: list[dict[str, Any]] = []
    for one in signals:
        key = (one.subject, one.factor, one.began)
        if one.what == "raised":
            made.append(
                {
                    "subject": one.subject,
                    "factor": one.factor,
                    "began": one.began,
                    "seen_at": one.seen_at,
                    "ended": None,
                    "severity": one.severity,
                    "value": one.value,
                    "limit": one.limit,
                    "unit": one.unit,
                    "detail": one.detail,
                }
            )
            standing[key] = made[-1]
        elif one.what == "cleared" and key in standing:
            standing[key]["ended"] = one.at
    yield from made
