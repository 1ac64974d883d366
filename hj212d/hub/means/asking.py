"""Means asked for: hours and days as the store keeps them, longer periods made of days.

Blocking; for a thread of the hub, or for a command when no hub runs.
Tests: tests/hub/means/test_means_asking.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.calendar import DAY_US, HOUR_US, ends, start
from aqi.means.calendar import end as end_of
from aqi.means.periods import Span, period_rows
from hj212d.hub.means.judging import Sites, judging
from hj212d.hub.means.minutes import minute_rows
from hj212d.hub.means.question import MEANS, MeansQuestion
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.times import microseconds
from store.means import DerivedQuery, Store

__all__ = ["MEANS", "Means", "MeansQuestion"]

# Days of stations that are read at once for longer periods: some hundred MB.
_AT_ONCE = 60_000
_MOST_ROWS = 50_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Means:
    """``sites``: the book of sites. ``settings`` may be exchanged at any time."""

    def __init__(
        self, store: Store, sites: Sites, settings: MeansSettings, now_us: Callable[[], int]
    ) -> None:
        self.settings = settings
        self._store = store
        self._sites = sites
        self._now_us = now_us

    def table(self, question: MeansQuestion) -> pa.Table:
        """Rows of MEANS in order of start, mn, factor, stat. ValueError, StoreUnavailable.

        Hours and days that are not over yet have no rows; a longer period is made of the days
        that there are and says how many.
        """
        first, behind = microseconds(question.start), microseconds(question.end)
        if first >= behind:
            raise ValueError("the start must be before the end")
        if question.computed_only and question.reported_only:
            raise ValueError("computed_only and reported_only exclude each other")
        match question.level:
            case "minute":
                found = minute_rows(self._store, self._sites, self.settings, question)
            case "hour" | "day":
                found = self._kept(question, question.level, first, behind, question.mns)
            case _:
                found = self._made_of_days(question, first, behind)
        return _one_side(_with_ends(found, question, behind), question)

    def _kept(
        self,
        question: MeansQuestion,
        level: str,
        first: int,
        behind: int,
        mns: tuple[str, ...] | None,
    ) -> pa.Table:
        length = HOUR_US if level == "hour" else DAY_US
        begun = start("hour" if level == "hour" else "day", first)
        over = begun + -(-(behind - begun) // length) * length
        return self._store.derived(
            DerivedQuery(
                "hour" if level == "hour" else "day",
                _naive(begun),
                _naive(over),
                mns,
                question.factors,
                question.stats,
                _MOST_ROWS,
            )
        )

    def _made_of_days(self, question: MeansQuestion, first: int, behind: int) -> pa.Table:
        level, span = question.level, None
        if level == "span":
            begun, over = start("day", first), end_of("day", start("day", behind - 1))
            span = Span(begun, over)
        else:
            begun = start(level, first)
            over = end_of(level, start(level, behind - 1))
        rules = judging(self._sites, self.settings)
        tables = [
            period_rows(self._kept(question, "day", begun, over, mns), level, rules, span)
            for mns in self._pieces(question.mns, (over - begun) // DAY_US)
        ]
        # Pieces without a day have no version either.
        return pa.concat_tables(tables, promote_options="default").sort_by(
            [(name, "ascending") for name in ("start", "mn", "factor", "stat")]
        )

    def _pieces(self, mns: tuple[str, ...] | None, days: int) -> Iterator[tuple[str, ...] | None]:
        """Stations, as many at once as memory allows."""
        most = max(1, _AT_ONCE // max(1, days))
        if mns is None:
            mns = tuple(self._store.devices()["mn"].to_pylist())
            if len(mns) <= most:
                yield None
                return
        for begin in range(0, max(1, len(mns)), most):
            yield mns[begin : begin + most]


def _with_ends(found: pa.Table, question: MeansQuestion, behind: int) -> pa.Table:
    """The columns of MEANS."""
    begun = found["start"].cast(pa.int64()).to_numpy()
    if question.level == "span":
        over = np.full(len(begun), end_of("day", start("day", behind - 1)))
    else:
        over = ends(question.level, begun)
    columns = {name: found[name] for name in found.column_names if name in MEANS.names}
    columns["end"] = pa.array(over).cast(pa.timestamp("us"))
    for name in ("revision", "as_of"):
        if name not in columns:
            columns[name] = pa.nulls(found.num_rows, MEANS.field(name).type)
    return pa.table([columns[name] for name in MEANS.names], schema=MEANS)


def _one_side(found: pa.Table, question: MeansQuestion) -> pa.Table:
    """Value and mark of the one side that is asked for; a side that is not valid has no value."""
    if not (question.computed_only or question.reported_only):
        return found
    side = "computed" if question.computed_only else "reported"
    value = found[side]
    missing = pc.is_null(value)
    mark = pc.if_else(missing, pc.if_else(pc.equal(found["mark"], ""), "none", found["mark"]), "")
    found = found.set_column(MEANS.get_field_index("value"), MEANS.field("value"), value)
    return found.set_column(MEANS.get_field_index("mark"), MEANS.field("mark"), mark)


def _naive(moment_us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=moment_us)).replace(tzinfo=None)
