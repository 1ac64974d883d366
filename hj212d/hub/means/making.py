"""Asks a store for sums and makes derived rows of them: hours, and days of hours.

Blocking; decides nothing of when. Tests: tests/hub/means/test_rolling.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.day import day_rows
from aqi.means.hour import hour_rows
from aqi.means.rows import ROWS
from hj212d.hub.means.judging import sums_query
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from store.means import DERIVED, DerivedQuery, HourSumsQuery, Store

_HOUR = timedelta(hours=1)
_MOST_ROWS = 50_000_000
_KEY = ["start", "mn", "factor", "stat"]


class Making:
    """``roster``: which stations there are; ``marks``: of people."""

    def __init__(
        self, store: Store, roster: Roster, marks: Marks, settings: MeansSettings
    ) -> None:
        self.settings = settings
        self._store = store
        self._roster = roster
        self._marks = marks

    def hours(
        self, start: datetime, end: datetime, mns: Sequence[str] | None, as_of: datetime
    ) -> pa.Table:
        """Rows of DERIVED for the hours of some stations (None: all)."""
        sums = self._store.hour_sums(self._query(start, end, mns))
        made = derived_rows("hour", hour_rows(sums, self._roster.judging()), as_of)
        return self._with_gone(made, "hour", (start, end), mns, as_of)

    def hours_of_pairs(self, pairs: pa.Table, as_of: datetime) -> pa.Table:
        """The same for just these (mn, start)."""
        bounds = pc.min_max(pairs["start"]).as_py()
        mns = pairs["mn"].unique().to_pylist()
        query = self._query(bounds["min"], bounds["max"] + _HOUR, mns, pairs)
        sums = self._store.hour_sums(query)
        made = derived_rows("hour", hour_rows(sums, self._roster.judging()), as_of)
        return self._with_gone(made, "hour", (query.start, query.end), mns, as_of, pairs)

    def days(
        self, start: datetime, end: datetime, mns: Sequence[str] | None, as_of: datetime
    ) -> pa.Table:
        """Rows of DERIVED for whole days, of the hours that are kept."""
        some = None if mns is None else tuple(mns)
        query = DerivedQuery("hour", start, end, some, limit=_MOST_ROWS)
        hours = self._store.derived(query)
        reports = self._store.day_reports(self._query(start, end, mns))
        made = derived_rows("day", day_rows(hours, reports, self._roster.judging()), as_of)
        return self._with_gone(made, "day", (start, end), mns, as_of)

    def _with_gone(
        self,
        made: pa.Table,
        level: Literal["hour", "day"],
        span: tuple[datetime, datetime],
        mns: Sequence[str] | None,
        as_of: datetime,
        pairs: pa.Table | None = None,
    ) -> pa.Table:
        """``made``, and rows without a value for those that stand there and of which no reading is
        left (a replay may take readings away). ``pairs``: of just these (mn, start)."""
        some = None if mns is None else tuple(mns)
        left = self._store.derived(DerivedQuery(level, *span, some, limit=_MOST_ROWS))
        left = left.select(ROWS.names).join(made.select(_KEY), _KEY, join_type="left anti")
        if pairs is not None:
            left = left.join(pairs, pairs.column_names, join_type="left semi")
        n = left.num_rows
        if not n:
            return made
        nothing = {
            **dict.fromkeys(("value", "min", "max", "reported", "computed")),
            **dict.fromkeys(("n", "need"), 0),
            "mark": "none",
            "source": "",
        }
        rows = pa.table(
            [
                pa.array([nothing[field.name]] * n, field.type)
                if field.name in nothing
                else left[field.name]
                for field in ROWS
            ],
            schema=ROWS,
        )
        return pa.concat_tables([made, derived_rows(level, rows, as_of)])

    def _query(
        self,
        start: datetime,
        end: datetime,
        mns: Sequence[str] | None,
        pairs: pa.Table | None = None,
    ) -> HourSumsQuery:
        exclusions, admissions = self._marks.between(start, end, mns)
        # Portions are of stations with the same flags.
        some = mns if mns is not None else self._roster.mns()[:1]
        return sums_query(
            start,
            end,
            self.settings,
            mns=mns,
            pairs=pairs,
            flags=self._roster.flags(some[0]) if some else (),
            end_stamped=self._roster.end_stamped(),
            exclusions=exclusions,
            admissions=admissions,
        )


def derived_rows(level: str, rows: pa.Table, as_of: datetime) -> pa.Table:
    """Rows of means as a store takes them; it gives the revisions."""
    n = rows.num_rows
    given = {
        "level": pa.array([level], pa.string()).take(pa.array(np.zeros(n, np.int8))),
        "revision": pa.array(np.zeros(n, np.int32)),
        "as_of": pa.array(np.full(n, np.datetime64(as_of, "us"))),
    }
    return pa.table(
        [given[name] if name in given else rows[name] for name in DERIVED.names],
        schema=DERIVED,
    )
