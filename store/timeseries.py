"""The interface of every time-series store, and the columns that cross it.

One writer (the hub) commits batches; readers ask for tables. All times are UTC. What the columns
mean is part of this contract; engines may add columns of their own behind it.
Tests: tests/store/test_timeseries.py runs the same suite on every engine.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec
import pyarrow as pa

_TIME = pa.timestamp("us")

# One row per frame or rejected piece of a stream, good or bad.
FRAMES = pa.schema(
    [
        ("received_at", _TIME),
        ("lane", pa.string()),  # journal lane and position: the row's identity
        ("position", pa.int64()),
        ("link", pa.uint64()),
        ("mn", pa.string()),
        ("st", pa.string()),
        ("cn", pa.string()),
        ("qn", pa.string()),
        ("data_time", _TIME),
        ("version", pa.string()),
        ("flag", pa.int16()),
        ("pnum", pa.int32()),
        ("pno", pa.int32()),
        ("rf", pa.bool_()),
        ("encrypted", pa.bool_()),
        ("reason", pa.string()),  # "ok", else the reason's label: the quarantine
        ("repairs", pa.string()),  # labels, joined by blanks
        ("warnings", pa.string()),
        ("key_time", _TIME),  # DataTime, else the time in QN; null: never a duplicate
        ("digest", pa.uint64()),  # 64-bit hash of raw
        ("raw", pa.binary()),
    ]
)

# What the data of a CN are (HJ 212-2017, 6.6.5): the period of its samples. Any other CN that
# carries factors makes "cnNNNN".
PERIODS = {
    "2011": "realtime",
    "2021": "state",
    "2031": "day",
    "2041": "runtime",
    "2051": "minute",
    "2061": "hour",
}

# One row per (data_time, mn, factor, period): the newest received wins.
SAMPLES = pa.schema(
    [
        ("data_time", _TIME),  # in whole seconds, as DataTime is
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("period", pa.string()),  # of PERIODS, or "cnNNNN"
        ("rtd", pa.float64()),
        ("min", pa.float64()),
        ("avg", pa.float64()),
        ("max", pa.float64()),
        ("cou", pa.float64()),
        ("zs_rtd", pa.float64()),
        ("zs_min", pa.float64()),
        ("zs_avg", pa.float64()),
        ("zs_max", pa.float64()),
        ("data", pa.float64()),  # noise: Data, DayData, NightData
        ("day_data", pa.float64()),
        ("night_data", pa.float64()),
        ("rs", pa.float64()),  # equipment: state, running hours
        ("rt", pa.float64()),
        ("flag", pa.string()),
        ("e_flag", pa.string()),
        ("extra", pa.string()),  # JSON: other suffixes, and texts that are no numbers
        ("rf", pa.bool_()),
        ("received_at", _TIME),
        ("lane", pa.string()),
        ("position", pa.int64()),
    ]
)

# What a query answers: SAMPLES without the row's place in the journal, and received_at in whole
# seconds. A store may forget the rest once a day is closed (see ``tidy``): it would take more room
# than the values.
READINGS = pa.schema([field for field in SAMPLES if field.name not in ("lane", "position")])

# One row per (start, mn, factor, period) and step: what the values of that time come to. The value
# of a row is rtd, else avg, else data. Rows with a flag other than "N" (or none) are counted in
# n_marked only.
AGGREGATES = pa.schema(
    [
        ("start", _TIME),  # of the hour, or of the Beijing day
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("period", pa.string()),  # of the rows that were taken together
        ("n", pa.int64()),
        ("n_marked", pa.int64()),
        ("mean", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
    ]
)

# How many values there are of each (mn, factor, period) in each Beijing day. A value is valid when
# its flag is "N" or none and one of rtd, avg, data, cou, day_data is there. No row where there is
# nothing.
PRESENCE = pa.schema(
    [
        ("day", _TIME),  # its beginning
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("period", pa.string()),
        ("received", pa.int64()),  # different data_times
        ("valid", pa.int64()),
        ("resent", pa.int64()),  # with RF=1
        ("late", pa.int64()),  # as lateness.py has it
        ("first", _TIME),  # data_time
        ("last", _TIME),
    ]
)

# By which step the data_times of a device follow each other: the commonest of a Beijing day (of
# equally common ones the shortest), looked at in the factor that has most values that day.
SPACINGS = pa.schema(
    [
        ("day", _TIME),
        ("mn", pa.string()),
        ("period", pa.string()),
        ("spacing_s", pa.int64()),
        ("n", pa.int64()),  # how many steps are of this length
    ]
)

# What ``slots`` answers.
SLOTS = pa.schema([("data_time", _TIME)])

# What happened to links: opened, identified, closed.
LINKS = pa.schema(
    [
        ("at", _TIME),
        ("lane", pa.string()),
        ("position", pa.int64()),
        ("link", pa.uint64()),
        ("event", pa.string()),
        ("mn", pa.string()),
        ("detail", pa.string()),  # JSON
    ]
)

# Counts to add, per MN ("" where none is known): what is "reason", "repair", "warning", "frames",
# "duplicates"; name is the label.
COUNTS = pa.schema(
    [("mn", pa.string()), ("what", pa.string()), ("name", pa.string()), ("n", pa.int64())]
)

# One row per MN with good frames. st and version: of the newest frame that is no reply (ST 91).
# last_data_time: the newest DataTime not more than a day ahead of its receipt.
DEVICES = pa.schema(
    [
        ("mn", pa.string()),
        ("st", pa.string()),
        ("version", pa.string()),
        ("first_seen", _TIME),
        ("last_seen", _TIME),
        ("last_data_time", _TIME),
    ]
)


class Batch(msgspec.Struct):
    """All that one commit writes. Tables follow the schemas above, in journal order."""

    frames: pa.Table
    samples: pa.Table
    links: pa.Table
    counts: pa.Table
    cursors: dict[str, int]  # lane -> position up to which the journal is now in the store
    replay: bool = False  # re-parsed records: frames with the same lane and position are replaced
    since: dict[str, int] | None = None  # lane -> where the batch begins; None: not checked


class Committed(msgspec.Struct, frozen=True):
    """What a commit did."""

    frames: int  # rows stored
    duplicates: int  # frames that were there already
    samples: int  # rows stored, new or replaced
    samples_stale: int  # rows older than what was there already
    duplicates_by_mn: dict[str, int] = {}


class FrameQuery(msgspec.Struct, frozen=True):
    """Which frames; bounds are on received_at, start included, end not; None: open."""

    mn: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    reason: str | None = None
    errors: bool = False
    cn: str | None = None
    limit: int = 10_000


class SampleQuery(msgspec.Struct, frozen=True):
    """Which samples; bounds are on data_time, start included, end not; None: open."""

    mn: str
    factor: str | None
    start: datetime | None = None
    end: datetime | None = None
    period: str = "realtime"
    limit: int = 1_000_000


class AggregateQuery(msgspec.Struct, frozen=True):
    """Which aggregates; bounds are on their start, start included, end not; None: open."""

    mn: str
    factor: str | None
    step: Literal["hour", "day"]
    start: datetime | None = None
    end: datetime | None = None
    period: str = "realtime"
    limit: int = 1_000_000


class PresenceQuery(msgspec.Struct, frozen=True):
    """Whose presence; bounds are on data_time, start included, end not. ``mns`` None: of all."""

    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    factor: str | None = None
    periods: tuple[str, ...] = ("realtime", "minute", "hour", "day")


class SlotQuery(msgspec.Struct, frozen=True):
    """Which data_times of one device and period; bounds as in PresenceQuery."""

    mn: str
    period: str
    start: datetime
    end: datetime


class StoreUnavailable(Exception):
    """The store cannot be reached or written now (locked, gone, disk full); try again later.

    Nothing of the batch was written.
    """


class TimeSeriesStore(Protocol):
    """A store of frames and samples. Methods block; call them off the event loop.

    ``commit`` is called from one thread at a time; the queries may run beside it.
    Every method raises :class:`StoreUnavailable` when the engine cannot serve.

    ``late_after_s``: longer than this after the end of its period a value is late (lateness.py).
    It may be set at any time; closed days keep the count that was made by the one before.
    """

    url: str
    late_after_s: float

    def cursors(self) -> dict[str, int]:
        """Lane -> journal position up to which everything is in the store."""

    def planned(self) -> dict[str, int] | None:
        """The cursors of a batch that was begun and is not known to be finished, else None.

        The next batch must begin at ``cursors()`` and end exactly here; its rows are then written
        once although they may be sent twice. Engines with transactions have nothing to plan.
        """

    def commit(self, batch: Batch) -> Committed:
        """Write rows and cursors, all or nothing.

        A frame is a duplicate when its mn, raw and reason stand in the store already with the
        same key_time (or earlier in the batch); it is counted, not stored, and its samples are
        dropped by the rule below. Of two samples with the same (data_time, mn, factor, period)
        the one received later stays, whatever the order of commits; in closed days "later" is
        told by whole seconds.

        When the store does not stand at ``since`` (its file was exchanged, another process wrote)
        nothing is written and StoreUnavailable is raised: ask ``cursors`` again.

        ``replay``: frames with the lane and position of one in the batch go first, with their
        samples; cursors and counts stay as they are.
        """

    def frames(self, query: FrameQuery) -> pa.Table:
        """Rows of FRAMES in order of receipt, the newest ``limit`` of them."""

    def samples(self, query: SampleQuery) -> pa.Table:
        """Rows of READINGS in order of data_time, mn, factor, the newest ``limit`` of them."""

    def aggregates(self, query: AggregateQuery) -> pa.Table:
        """Rows of AGGREGATES in order of start, mn, factor, the newest ``limit`` of them.

        Always those of the samples as they stand, late and replaced ones included.
        """

    def presence(self, query: PresenceQuery) -> pa.Table:
        """Rows of PRESENCE in order of day, mn, factor, period.

        Always of the samples as they stand. Whole closed days are looked up, not counted.
        """

    def spacings(self, query: PresenceQuery) -> pa.Table:
        """Rows of SPACINGS in order of day, mn, period; none where a day has one value only."""

    def slots(self, query: SlotQuery) -> pa.Table:
        """Rows of SLOTS: the times for which there is a value of any factor, ascending."""

    def latest(self) -> pa.Table:
        """For each (mn, factor, period) the row of READINGS with the newest data_time."""

    def devices(self) -> pa.Table:
        """Rows of DEVICES in order of MN."""

    def counts(self) -> pa.Table:
        """COUNTS, summed since the store was made."""

    def totals(self) -> dict[str, int]:
        """Rows: {"frames", "frames_bad", "samples", "devices"}."""

    def tidy(self, now: datetime) -> bool:
        """One bounded step (a second or so) of what can wait: closed days rewritten in order of
        (mn, factor, data_time), rollups, space given back. Whether there is more to do.

        Called from one thread at a time, not that of ``commit``; commits and queries go on beside
        it. ``now``: UTC.
        """

    def close(self) -> None:
        """Finish; the store is whole afterwards."""
