"""What can be asked of means, and the columns of the answer.

Tests: tests/hub/means/test_means_asking.py.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import pyarrow as pa

from aqi.means.calendar import Level

_TIME = pa.timestamp("us")

# One row per (start, mn, factor, stat), in this order. value is the one that counts; where mark is
# not empty (aqi/means/marks.py) it does not count, and may be null. need: the least n that makes
# it valid. source: "reported" (the instrument's own), else of what it was made: "realtime",
# "minute", "hour", "day". revision and as_of of a period above days are the largest of its days.
MEANS = pa.schema(
    [
        ("start", _TIME),
        ("end", _TIME),
        ("mn", pa.string()),
        ("factor", pa.string()),
        # "mean", "zs", "leq", "vector", "total"; from days on also "mda8", "max1h", "ld", "ln",
        # "ldn"
        ("stat", pa.string()),
        ("value", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("n", pa.int32()),
        ("need", pa.int32()),
        ("mark", pa.string()),
        ("source", pa.string()),
        ("reported", pa.float64()),
        ("computed", pa.float64()),
        ("revision", pa.int32()),
        ("as_of", _TIME),
    ]
)


class MeansQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which means. Moments are naive UTC, as in the store, the end is not included. Periods that
    overlap are answered whole; a "span" is exactly these Beijing days. None: all.

    ``reported_only``, ``computed_only``: value and mark of that one of the two sides.
    """

    level: Level
    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    factors: tuple[str, ...] | None = None
    stats: tuple[str, ...] | None = None
    computed_only: bool = False
    reported_only: bool = False
