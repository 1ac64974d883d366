"""What a question about hours comes to, for every engine: ranges of time, MNs, judgements.

Pure; no SQL and no engine. Tests: tests/store/test_means_asked.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store.means import Exclusion, HourSumsQuery
from store.time_ranges import ranges
from store.timeseries import PERIODS

EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
_US = 1_000_000

BEIJING_S = 8 * 3600
DAY_S = 86_400
# The length of a step, and by how much Beijing moves its beginning.
STEPS_S = {"hour": (3600, 0), "minute": (60, 0), "day": (DAY_S, BEIJING_S)}
# How far a real-time value lies behind the beginning of what it ends.
REALTIME_S = 1
# How far a value lies behind the beginning of its period where instruments stamp the end.
END_STAMP_S = {"minute": 1, "hour": 3600, "day": DAY_S}
# The data of these CNs are what means are made of.
CNS = {
    cn: period for cn, period in PERIODS.items() if period in ("realtime", "minute", "hour", "day")
}
# Hours that lie closer together are asked for in one go.
_GAP_US = 6 * 3600 * _US


class Asked(NamedTuple):
    """A stretch of beginnings (seconds since 1970), and the MNs asked for in it; None: all."""

    start_s: int
    end_s: int
    mns: list[str] | None


class Said(NamedTuple):
    """Judgements that bear on a stretch."""

    exclusions: list[Exclusion]
    admissions: list[Exclusion]

    @property
    def mns(self) -> list[str]:
        """Of these devices; rows of all others need not be compared."""
        return sorted({one.mn for one in (*self.exclusions, *self.admissions)})


def asked(query: HourSumsQuery, step: str) -> Iterator[Asked]:
    """What is asked for, as few narrow ranges, ascending and apart."""
    start_s, end_s = seconds(query.start), seconds(query.end)
    mns = None if query.mns is None else sorted(set(query.mns))
    if start_s >= end_s or mns == []:
        return
    if query.pairs is None:
        yield Asked(start_s, end_s, mns)
        return
    starts = query.pairs["start"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    names = query.pairs["mn"].cast(pa.string()).combine_chunks()
    within = (starts >= start_s * _US) & (starts < end_s * _US)
    if mns is not None:
        within &= pc.is_in(names, pa.array(mns, pa.string())).to_numpy(zero_copy_only=False)
    longest_s = max(3600, STEPS_S[step][0])
    for first, last in ranges(np.unique(starts[within]).tolist(), _GAP_US):
        held = within & (starts >= first) & (starts <= last)
        some = pc.unique(names.filter(pa.array(held))).to_pylist()
        yield Asked(first // _US, last // _US + longest_s, sorted(some))


def said(query: HourSumsQuery, stretch: Asked) -> Said:
    """The judgements of a query that can bear on a stretch; a day more on either side, for what
    is stamped at its end."""
    first = EPOCH + (stretch.start_s - DAY_S) * _SECOND
    last = EPOCH + (stretch.end_s + DAY_S) * _SECOND
    mns = None if stretch.mns is None else set(stretch.mns)

    def bears(one: Exclusion) -> bool:
        return (mns is None or one.mn in mns) and one.start < last and one.end > first

    return Said(
        [one for one in query.exclusions if bears(one)],
        [one for one in query.admissions if bears(one)],
    )


def just_pairs(table: pa.Table, pairs: pa.Table) -> pa.Table:
    """Rows of HOUR_SUMS whose hour (or day) is one of the pairs; minutes belong to theirs."""
    wanted = pa.table(
        {
            "mn": pairs["mn"].cast(pa.string()),
            "hour": pairs["start"].cast(pa.timestamp("us")).cast(pa.int64()),
        }
    )
    hour = pc.floor_temporal(table["start"], unit="hour").cast(pa.int64())
    number = pa.array(np.arange(table.num_rows))
    named = pa.table({"mn": table["mn"], "hour": hour, "number": number})
    kept = named.join(wanted, ["mn", "hour"], join_type="left semi")
    return table.take(np.sort(kept["number"].to_numpy()))


def seconds(time: datetime) -> int:
    """Seconds since 1970."""
    return (time - EPOCH) // _SECOND
