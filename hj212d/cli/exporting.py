"""Reads many rows piece by piece, for a file that takes them so.

Tests: tests/cli/test_exporting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from aqi.means.calendar import Level
from hj212d.cli.job_progress import Step
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.means.question import MeansQuestion
from store.timeseries import SampleQuery

_DAY = timedelta(days=1)
_MOST = 5_000_000  # of one question
# Rows of one piece stay below some million: a day of real-time values of a station are 3,000 times
# its factors, a day of hours of 2,000 stations 300,000 times theirs.
_SAMPLES_AT_ONCE = {"realtime": _DAY, "minute": 7 * _DAY, "hour": 366 * _DAY, "day": 366 * _DAY}
_MEANS_AT_ONCE: dict[str, timedelta] = {"minute": _DAY, "hour": _DAY, "day": 31 * _DAY}


def spans(start: datetime, end: datetime, length: timedelta) -> list[tuple[datetime, datetime]]:
    """The time in pieces of a length, the last one shorter."""
    found = []
    while start < end:
        found.append((start, min(start + length, end)))
        start += length
    return found


def samples(
    ask: Callable[[SampleQuery], pa.Table],
    mns: Sequence[str],
    factors: Sequence[str],
    period: str,
    start: datetime,
    end: datetime,
    step: Step,
) -> Iterator[pa.Table]:
    """Samples as they were sent, station by station; moments are naive UTC. Refusal when there
    may be more than one question gives: nothing is left out in silence."""
    pieces = spans(start, end, _SAMPLES_AT_ONCE[period])
    wanted: Sequence[str | None] = factors or (None,)
    total = len(mns) * len(pieces) * len(wanted)
    done = 0
    for mn in mns:
        for first, behind in pieces:
            for factor in wanted:
                found = ask(SampleQuery(mn, factor, first, behind, period, _MOST))
                if found.num_rows == _MOST:
                    raise Refusal(f"{mn} has more than {_MOST} samples there: name a --factor", NO)
                yield found
                done += 1
                step("读取数据", done, total)


def means(
    ask: Callable[[MeansQuestion], pa.Table],
    mns: Sequence[str] | None,
    factors: Sequence[str],
    level: Level,
    start: datetime,
    end: datetime,
    step: Step,
) -> Iterator[pa.Table]:
    """Means of a level; those longer than days at once, because periods must stay whole."""
    pieces = spans(start, end, _MEANS_AT_ONCE.get(level, end - start))
    for done, (first, behind) in enumerate(pieces, 1):
        yield ask(
            MeansQuestion(
                level,
                first,
                behind,
                None if mns is None else tuple(mns),
                tuple(factors) or None,
            )
        )
        step("读取数据", done, len(pieces))
