"""Rows of SAMPLES as the arrays that detectors take: whose, when, how much, and whether it counts.

A value counts when its flag is N or none and it is a number that an instrument can mean:
calibration, maintenance and faults (HJ 212-2017, table 8) are told by the instrument itself. The
value is rtd, else avg, else data; of a flue the one at reference oxygen, where there is one,
because its limits hold for that.
Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hj212d.hub.alerts.judged_keys import MINUTE, REALTIME
from hj212d.hub.columns import NO_TIME, Times, microseconds
from hj212d.hub.words import Numbers, numbered

_PERIODS = {"realtime": REALTIME, "minute": MINUTE}
_OTHER = -1
_PLAIN = ("rtd", "avg", "data")
_CONVERTED = ("zs_rtd", "zs_avg")
_MOST = 1e15  # what is more in any unit was not measured
_GOOD_FLAGS = pa.array(["", "N", "n"])


class Values(NamedTuple):
    """One row a sample of a period that is judged, in the order of the table. ``time_us``: data
    time, or receipt where that is earlier: a clock that runs ahead does not blind the detectors.
    ``row``: its number in the table."""

    row: NDArray[np.intp]
    mn: Numbers
    factor: Numbers
    period: Numbers
    time_us: Times
    received_us: Times
    value: NDArray[np.float64]
    converted: NDArray[np.float64]
    counts: NDArray[np.bool_]

    def part(self, rows: slice) -> Values:
        """Some of the rows."""
        return Values._make(column[rows] for column in self)


def values_of(samples: pa.Table, mn: Callable[[str], int], factor: Callable[[str], int]) -> Values:
    """``mn``, ``factor``: number of a text; rows of an MN below 0 are left out."""
    period = numbered(samples["period"], lambda text: _PERIODS.get(text, _OTHER))
    mns = numbered(samples["mn"], mn)
    row = np.flatnonzero((period != _OTHER) & (mns >= 0))
    factors = numbered(samples["factor"], factor)
    received = microseconds(samples["received_at"])
    time_us = microseconds(samples["data_time"])
    time_us = np.where(time_us == NO_TIME, received, np.minimum(time_us, received))
    value = _first_of(samples, _PLAIN)
    flags = samples["flag"].fill_null("").combine_chunks()
    counts = pc.is_in(flags, _GOOD_FLAGS).to_numpy(zero_copy_only=False) & (np.abs(value) < _MOST)
    converted = _first_of(samples, _CONVERTED)
    if len(row) == samples.num_rows:
        return Values(row, mns, factors, period, time_us, received, value, converted, counts)
    return Values(
        row,
        mns[row],
        factors[row],
        period[row],
        time_us[row],
        received[row],
        value[row],
        converted[row],
        counts[row],
    )


def _first_of(samples: pa.Table, names: tuple[str, ...]) -> NDArray[np.float64]:
    found = np.full(samples.num_rows, np.nan)
    for name in reversed(names):
        if name in samples.column_names and samples[name].null_count < samples.num_rows:
            given = samples[name].to_numpy()
            np.copyto(found, given, where=~np.isnan(given))
    return found
