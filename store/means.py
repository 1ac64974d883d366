"""The interface of a store's second half: sums of hours, and what was made of them.

What is summed is an integer, so that neither the order of rows nor the engine can change a bit of
a mean. Nothing here decides what is a good hour: that is for whoever asks. All times are UTC.
Tests: tests/store/test_means_store.py runs the same suite on every engine.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec
import pyarrow as pa

from store.timeseries import TimeSeriesStore

_TIME = pa.timestamp("us")

Level = Literal["hour", "day"]
LEVELS: tuple[Level, ...] = ("hour", "day")

# Beyond this a value is absurd; so is what is not finite.
MOST_VALUE = 1e9
# Beyond these a level of sound is, in factors that are averaged by energy (dB).
LEAST_LEVEL, MOST_LEVEL = -20.0, 200.0

# One row per (start, mn, factor, period): what the values of that hour come to. A row of samples
# is counted once: as excluded, else from the future, else marked (an invalid flag), else, when it
# has a value, as absurd or valid. The sums are of valid values; those of zs and cou leave out what
# is excluded, future, marked, or absurd itself; ``no_values`` of the query are absurd but in cou,
# which may count past any number. No row where there is no sample.
_COUNTED = [
    ("start", _TIME),  # of the hour, the minute or the Beijing day
    ("mn", pa.string()),
    ("factor", pa.string()),
    ("period", pa.string()),  # of the samples: "realtime", "minute", "hour", "day"
    ("n", pa.int32()),  # valid values
    ("n_marked", pa.int32()),
    ("n_future", pa.int32()),  # data_time more than future_s after the receipt
    ("n_absurd", pa.int32()),
    ("n_excluded", pa.int32()),
    ("minutes", pa.int16()),  # different minutes of the hour with a valid value
    ("minute_bits", pa.int64()),  # which ones: bit 0 is the first minute
    ("sum_e6", pa.int64()),  # of round(value * 1e6), halves to even
    ("zs_n", pa.int32()),
    ("zs_sum_e6", pa.int64()),  # of zs_rtd or zs_avg, chosen as the value is
    ("cou_e6", pa.int64()),  # null: no row has one
    ("min", pa.float64()),  # of the rows' own min where they have one, else of their values
    ("max", pa.float64()),
    ("flag", pa.string()),  # of the rows of period hour and day (the last by alphabet), else ""
    # Only of factors that the query names, else null. Of values rounded to 0.01 dB and to 0.1
    # degrees and from integer_tables.py, because math libraries differ in the last bit.
    ("energy_e3", pa.decimal128(38, 0)),  # sum of 10^(v/10) * 1e3
    ("sin_e9", pa.int64()),
    ("cos_e9", pa.int64()),
]
HOUR_SUMS = pa.schema(_COUNTED)
# The same of minutes and of days: ``minutes`` is 1 or 0 there.
MINUTE_SUMS = HOUR_SUMS
DAY_REPORTS = HOUR_SUMS

# Hours that something stored since touched. period "hour": the hour at ``start``; "day": the
# instrument's own value of the Beijing day that begins at ``start``.
CHANGED = pa.schema([("mn", pa.string()), ("start", _TIME), ("period", pa.string())])

# One row per (level, start, mn, factor, stat): what counts for that hour or day.
DERIVED = pa.schema(
    [
        ("level", pa.string()),  # "hour" or "day"
        ("start", _TIME),
        ("mn", pa.string()),
        ("factor", pa.string()),
        ("stat", pa.string()),  # "mean", "leq", "vector", "total", "zs", "mda8", "max1h", ...
        ("value", pa.float64()),  # the one that counts
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("n", pa.int32()),
        ("need", pa.int32()),
        ("mark", pa.string()),  # "": valid
        ("source", pa.string()),  # "reported", "realtime", "minute", "hour"
        ("reported", pa.float64()),  # the instrument's and ours, side by side
        ("computed", pa.float64()),
        ("revision", pa.int32()),  # 1, 2, ...: given by the store
        ("as_of", _TIME),  # all that was received before was considered
    ]
)
# What makes a row another one when it is put again: with these the same, the row stands as it
# was, with its revision and its as_of.
CONTENT = ("value", "min", "max", "n", "need", "mark", "source", "reported", "computed")

# One row per (issued, model, place, factor, level, start).
FORECASTS = pa.schema(
    [
        ("issued", _TIME),
        ("model", pa.string()),
        ("place", pa.string()),  # an MN, or "region:CODE"
        ("factor", pa.string()),
        ("level", pa.string()),  # "hour" or "day"
        ("start", _TIME),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        # What the model was worth there that many days ahead when it was made: root mean square
        # error, and 1 - error / error of the best baseline. Null: not known.
        ("rmse", pa.float64()),
        ("skill", pa.float64()),
    ]
)


class Exclusion(msgspec.Struct, frozen=True):
    """Samples of one MN that somebody judged. ``factor``, ``period`` None: all. Bounds are on
    data_time as it was sent, start included, end not."""

    mn: str
    factor: str | None
    period: str | None
    start: datetime
    end: datetime


class HourSumsQuery(msgspec.Struct, frozen=True):
    """Which hours, and how their rows are judged.

    Bounds are whole hours, start included, end not. ``pairs``: a table (mn, start): just these
    hours, within the bounds. ``energy``, ``vector``: factors whose energies, whose sines and
    cosines are wanted. ``valid_flags``: flags that are valid beside none, "" and "N".
    ``exclusions``: rows that do not count; ``admissions``: rows whose flag does not. A row that
    is in both is excluded. ``end_stamped``: MNs whose minute, hour and day values carry the end of
    their period. ``no_values``: numbers that instruments send where they have no value.
    """

    start: datetime
    end: datetime
    mns: tuple[str, ...] | None = None
    pairs: pa.Table | None = None
    factors: tuple[str, ...] | None = None
    periods: tuple[str, ...] = ("realtime", "minute", "hour")
    energy: tuple[str, ...] = ()
    vector: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    admissions: tuple[Exclusion, ...] = ()
    end_stamped: tuple[str, ...] = ()
    future_s: float = 300.0
    valid_flags: tuple[str, ...] = ()
    no_values: tuple[float, ...] = ()


class DerivedQuery(msgspec.Struct, frozen=True):
    """Which derived rows; bounds are on their start, start included, end not; None: open."""

    level: Level
    start: datetime | None = None
    end: datetime | None = None
    mns: tuple[str, ...] | None = None
    factors: tuple[str, ...] | None = None
    stats: tuple[str, ...] | None = None
    limit: int = 10_000_000


class ForecastQuery(msgspec.Struct, frozen=True):
    """Which forecasts; ``issued_*`` are bounds on the issue, ``start`` and ``end`` on what it is
    for; start included, end not; None: open. ``newest``: the last issue of each model and
    place."""

    place: str | None = None
    model: str | None = None
    factor: str | None = None
    level: str | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    newest: bool = False
    limit: int = 1_000_000


class Cursors(msgspec.Struct, frozen=True):
    """How far ``changed`` has looked; to be kept and given back, not to be read.

    ``lanes``: lane -> position in the journal, and the receipt of the last frame there in
    microseconds since 1970, by which older rows are skipped. ``noted``: number of the last replay
    that was looked at.
    """

    lanes: dict[str, tuple[int, int]] = {}
    noted: int = 0


class MeansState(msgspec.Struct, frozen=True):
    """How far rolling up has come. ``closed_upto``: all hours before it were made once; None:
    none. ``reviewed``: number of the last review change that was considered."""

    closed_upto: datetime | None = None
    cursors: Cursors = Cursors()
    reviewed: int = 0


class Put(msgspec.Struct, frozen=True):
    """What put_derived did: rows that were given, and those that are new or have changed."""

    rows: int
    changed: int


class MeansStore(Protocol):
    """The means of a store. Methods block; call them off the event loop.

    ``put_derived`` and ``put_forecasts`` are called from one thread at a time, not that of
    ``commit``; everything else may run beside them and beside each other. Every method raises
    :class:`store.timeseries.StoreUnavailable` when the engine cannot serve.
    """

    def is_first(self) -> bool:
        """Whether rolling up is for this daemon: of several that write into one store, the first
        by name of those that wrote within the last hour. Two that do it are no harm."""

    def hour_sums(self, query: HourSumsQuery) -> pa.Table:
        """Rows of HOUR_SUMS in order of start, mn, factor, period.

        A real-time value belongs to the hour (h-1, h] in which it ends; minute and hour values,
        which carry the beginning of their period (HJ 212-2017, 6.6.4), to the hour that begins
        with theirs or holds it. The value of a row is rtd, else avg, else data; of minute, hour
        and day rows avg, else rtd, else data.
        """

    def minute_sums(self, query: HourSumsQuery) -> pa.Table:
        """The same of each minute (m-1, m] of real-time values: rows of MINUTE_SUMS with period
        "realtime". Bounds and ``pairs`` are whole hours; ``periods`` does not matter."""

    def day_reports(self, query: HourSumsQuery) -> pa.Table:
        """The instruments' own day values (CN 2031) as rows of DAY_REPORTS with period "day".
        Bounds, and ``start`` in ``pairs``, are beginnings of Beijing days."""

    def cursors_now(self) -> Cursors:
        """Cursors at the present end: what ``changed`` tells from here on is new."""

    def changed(
        self, cursors: Cursors, before: datetime, end_stamped: tuple[str, ...] = ()
    ) -> tuple[pa.Table, Cursors]:
        """Rows of CHANGED, and the cursors behind them: hours that begin before ``before`` (a
        whole hour) and that good frames of CN 2011, 2051, 2061, 2031 stored since ``cursors``
        touch; each once. Also hours of records that were read again (replay), whatever their
        place. Those stay noted until a state with these cursors was put.

        Ask this first, read the sums afterwards, and put the state last: what is stored in between
        is then told again, never missed.
        """

    def put_derived(self, table: pa.Table, state: MeansState | None = None) -> Put:
        """Rows of DERIVED into the store; ``revision`` in the table is not looked at.

        A row whose key is new gets revision 1; one whose CONTENT differs from what stands takes
        its place with the next revision; one that says the same changes nothing. Of two rows of
        one key the one with the later ``as_of`` stays, whoever comes first. No key twice in a
        table. ``state`` is written with the rows (DuckDB: in their transaction; ClickHouse:
        behind them, so that an interrupted call is made again).
        """

    def means_state(self) -> MeansState | None:
        """The state that was put last; None: none was."""

    def derived(self, query: DerivedQuery) -> pa.Table:
        """Rows of DERIVED in order of start, mn, factor, stat; the first ``limit`` of them."""

    def put_forecasts(self, table: pa.Table) -> None:
        """Rows of FORECASTS into the store; one of the same key takes the place of the old one."""

    def forecasts(self, query: ForecastQuery) -> pa.Table:
        """Rows of FORECASTS in order of issued, model, place, factor, level, start; the first
        ``limit`` of them."""


class Store(TimeSeriesStore, MeansStore, Protocol):
    """What every engine is: time series, and what is made of them."""
