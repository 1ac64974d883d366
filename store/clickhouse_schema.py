"""Tables of the ClickHouse store, and the statements that make them on one node or on a cluster.

Every table can take the same rows twice: equal keys are one row for each query (FINAL), and one
row on disk once the engine has merged them. Only ``frames`` and ``samples`` are large; the rest is
what the store must know to go on. docs/clickhouse.md explains the choices with their figures.
Tests: tests/store/test_clickhouse_schema.py.
"""

from __future__ import annotations

import re

import msgspec

VERSION = 4

# The years that have partitions of their own, a month each; other clocks share one partition.
_FIRST_YEAR, _END_YEAR = 2020, 2050

_TEXT = "LowCardinality(String)"
_ZSTD = "CODEC(ZSTD(1))"
_TIME = "DateTime64(6) CODEC(Delta(8), ZSTD(1))"
_LOCAL = "_local"
# The rows of one frame have the same place, but stand apart, sorted by factor: in a block that
# holds the months of all factors of a station they are written once (0.2 bytes a row, not 4.4).
# No query reads these columns but that of a replay.
_PLACE_BLOCK = "SETTINGS (min_compress_block_size = 8388608, max_compress_block_size = 8388608)"
_PLACE = f"CODEC(Delta(8), ZSTD(1, 22)) {_PLACE_BLOCK}"
_LAG = (
    "CODEC(T64('bit'), ZSTD(1, 22)) SETTINGS (min_compress_block_size = 2097152,"
    " max_compress_block_size = 2097152)"
)
# Numbers that were written as decimals take 1.3 bytes instead of 2.3; engines that do not have
# the codec do without. What is mostly empty is cheaper in large blocks.
_NUMBER = "Float64 DEFAULT nan CODEC(ALP, ZSTD(1))"
_ALP = re.compile(r"\bALP, ")
_RARE = "SETTINGS (min_compress_block_size = 1048576)"

VALUES = (
    "rtd",
    "min",
    "avg",
    "max",
    "cou",
    "zs_rtd",
    "zs_min",
    "zs_avg",
    "zs_max",
    "data",
    "day_data",
    "night_data",
    "rs",
    "rt",
)
_COMMON_VALUES = ("rtd", "min", "avg", "max", "cou")
# Seconds from data_time to receipt, plus this, so that a clock in 2099 is no negative number.
LAG_BIAS = 1 << 40


class Table(msgspec.Struct, frozen=True):
    """One table. ``engine``: the MergeTree's kind and arguments. ``sharded_by``: what decides on
    which shard of a cluster a row lives."""

    name: str
    columns: tuple[tuple[str, str], ...]
    engine: str
    order_by: str
    partition_by: str = ""
    sharded_by: str = "mn"
    indexes: tuple[str, ...] = ()
    keep_by: str = ""  # expression of the time from which the days to keep are counted


def _by_month(time: str) -> str:
    return (
        f"if({time} >= toDateTime64('{_FIRST_YEAR}-01-01', 6, 'UTC')"
        f" AND {time} < toDateTime64('{_END_YEAR}-01-01', 6, 'UTC'), toYYYYMM({time}, 'UTC'), 0)"
    )


# A DateTime ends in 2106: clocks beyond these years, and the days to keep, must not wrap around.
_FIRST_KEPT, _LAST_KEPT = (f"toDateTime64('{year}-01-01', 6, 'UTC')" for year in (1970, 2090))


def _kept_from(time: str) -> str:
    return f"toDateTime(least(greatest({time}, {_FIRST_KEPT}), {_LAST_KEPT}))"


FRAMES = Table(
    "frames",
    (
        ("mn", _TEXT),
        ("key_time", _TIME),  # of receipt where the frame has none
        ("timed", "Bool"),  # whether it has one
        ("digest", f"UInt64 {_ZSTD}"),
        # With the digest 128 bits for the bytes of a frame that can have duplicates; for one that
        # cannot, its place: each of those is a row of its own.
        ("own", f"UInt64 DEFAULT if(timed, sipHash64(raw), sipHash64(origin, place)) {_ZSTD}"),
        ("reason", _TEXT),
        # Read again beats read before; else the first received stays.
        ("precedence", "UInt64 CODEC(Delta(8), ZSTD(1))"),
        ("removed", "UInt8"),
        ("received_at", _TIME),
        ("origin", _TEXT),  # node/lane
        ("place", "Int64 CODEC(Delta(8), ZSTD(1))"),  # position in the journal
        ("link", f"UInt64 {_ZSTD}"),
        ("st", _TEXT),
        ("cn", _TEXT),
        ("qn", f"String {_ZSTD}"),
        ("data_time", "Nullable(DateTime64(6)) CODEC(Delta(8), ZSTD(1))"),
        ("version", _TEXT),
        ("flag", f"Nullable(Int16) {_ZSTD}"),
        ("pnum", f"Nullable(Int32) {_ZSTD}"),
        ("pno", f"Nullable(Int32) {_ZSTD}"),
        ("rf", "Bool"),
        ("encrypted", "Bool"),
        ("repairs", _TEXT),
        ("warnings", _TEXT),
        ("raw", "String CODEC(ZSTD(3))"),
    ),
    "ReplacingMergeTree(precedence, removed)",
    "(mn, key_time, digest, own, reason)",
    partition_by="toYYYYMM(received_at, 'UTC')",
    indexes=("INDEX receipt received_at TYPE minmax GRANULARITY 1",),
    keep_by=_kept_from("received_at"),
)
SAMPLES = Table(
    "samples",
    (
        ("mn", _TEXT),
        ("factor", _TEXT),
        ("period", _TEXT),
        ("data_time", _TIME),
        ("lag", f"UInt64 {_LAG}"),
        ("removed", "UInt8"),
        *(
            (value, _NUMBER if value in _COMMON_VALUES else f"{_NUMBER} {_RARE}")
            for value in VALUES
        ),
        ("flag", "LowCardinality(Nullable(String))"),
        ("e_flag", f"LowCardinality(Nullable(String)) {_RARE}"),
        ("extra", f"Nullable(String) {_ZSTD}"),
        ("rf", "Bool"),
        ("rest_us", f"UInt32 CODEC(ZSTD(1, 22)) {_PLACE_BLOCK}"),
        ("origin", _TEXT),
        ("place", f"Int64 {_PLACE}"),
    ),
    "ReplacingMergeTree(lag, removed)",
    "(mn, factor, period, data_time)",
    partition_by=_by_month("data_time"),
    keep_by=_kept_from("data_time"),
)
LINKS = Table(
    "links",
    (
        ("mn", _TEXT),
        ("at", _TIME),
        ("origin", _TEXT),
        ("place", f"Int64 {_ZSTD}"),
        ("link", f"UInt64 {_ZSTD}"),
        ("event", _TEXT),
        ("detail", f"String {_ZSTD}"),
    ),
    "ReplacingMergeTree",
    "(mn, at, origin, place)",
    partition_by="toYYYYMM(at, 'UTC')",
    keep_by=_kept_from("at"),
)
# All of an MN by maxima and minima, which the same rows cannot change twice.
DEVICES = Table(
    "devices",
    (
        ("mn", "String"),
        ("first_seen", "SimpleAggregateFunction(min, DateTime64(6))"),
        ("last_seen", "SimpleAggregateFunction(max, DateTime64(6))"),
        ("last_data_time", "SimpleAggregateFunction(max, Nullable(DateTime64(6)))"),
        # Whether it describes the device, when it came, ST, version: of the newest that does.
        (
            "described",
            "SimpleAggregateFunction(max, Tuple(is Bool, at DateTime64(6), st String,"
            " version String))",
        ),
    ),
    "AggregatingMergeTree",
    "mn",
)
# The newest key_time or data_time of each (mn, cn) or (mn, period): what is newer cannot be in
# the store. Times ahead of receipt by more than a day are kept apart, as the oldest of them.
MARKS = Table(
    "marks",
    (
        ("mn", "String"),
        ("kind", _TEXT),  # frames or samples
        ("name", _TEXT),  # cn or period
        ("newest", "SimpleAggregateFunction(max, Nullable(DateTime64(6)))"),
        ("ahead", "SimpleAggregateFunction(min, Nullable(DateTime64(6)))"),
    ),
    "AggregatingMergeTree",
    "(mn, kind, name)",
)
# Sums of a node up to and with its batch ``batch``, and before it: a batch that comes again begins
# with what was before it.
COUNTS = Table(
    "counts",
    (
        ("mn", "String"),
        ("what", _TEXT),
        ("name", _TEXT),
        ("node", _TEXT),
        ("batch", "UInt64"),
        ("before", "Int64"),
        ("n", "Int64"),
    ),
    "ReplacingMergeTree(batch)",
    "(mn, what, name, node)",
)
# Where each node stands. Step "planned" is written before a batch's rows, "done" after them.
PROGRESS = Table(
    "progress",
    (
        ("node", "String"),
        ("step", "String"),
        ("batch", "UInt64"),
        ("lanes", "Map(String, Int64)"),
        ("at", "DateTime DEFAULT now()"),
    ),
    "ReplacingMergeTree(batch)",
    "(node, step)",
    sharded_by="node",
)
# Hours of closed days, made from samples by tidy.
HOURS = Table(
    "hours",
    (
        ("mn", _TEXT),
        ("factor", _TEXT),
        ("period", _TEXT),
        ("start", _TIME),
        ("roll", f"UInt64 {_ZSTD}"),
        ("removed", "UInt8"),
        ("n", f"UInt32 {_ZSTD}"),
        ("n_marked", f"UInt32 {_ZSTD}"),
        ("sum", f"Float64 {_ZSTD}"),
        ("low", f"Float64 DEFAULT nan {_ZSTD}"),
        ("high", f"Float64 DEFAULT nan {_ZSTD}"),
    ),
    "ReplacingMergeTree(roll, removed)",
    "(mn, factor, period, start)",
    partition_by=_by_month("start"),
)
# How complete closed days are, counted by tidy; ``start``: of a Beijing day.
DAYS = Table(
    "days",
    (
        ("mn", _TEXT),
        ("factor", _TEXT),
        ("period", _TEXT),
        ("start", _TIME),
        ("roll", f"UInt64 {_ZSTD}"),
        ("removed", "UInt8"),
        ("received", f"UInt32 {_ZSTD}"),
        ("valid", f"UInt32 {_ZSTD}"),
        ("resent", f"UInt32 {_ZSTD}"),
        ("late", f"UInt32 {_ZSTD}"),
        ("first", _TIME),
        ("last", _TIME),
    ),
    "ReplacingMergeTree(roll, removed)",
    "(mn, factor, period, start)",
    partition_by=_by_month("start"),
)
# Days of an MN whose samples changed after the day was closed: to be made into hours anew.
LATE = Table(
    "late",
    (
        ("mn", "String"),
        ("day", "Int64"),  # Beijing days since 1970
        ("node", _TEXT),
        ("batch", "UInt64"),
        ("version", "UInt64"),
        ("removed", "UInt8"),
    ),
    "ReplacingMergeTree(version, removed)",
    "(mn, day, node)",
)
# What was made of samples (store/means.py). A day stands together, in it a station: an hour of all
# and a year of one are few places each. The row that was computed from the latest reading stays.
DERIVED = Table(
    "derived",
    (
        ("level", _TEXT),
        ("day", f"Int32 {_ZSTD}"),  # Beijing days since 1970
        ("mn", _TEXT),
        ("factor", _TEXT),
        ("stat", _TEXT),
        ("start", _TIME),
        ("as_of", _TIME),
        ("value", _NUMBER),
        ("min", _NUMBER),
        ("max", _NUMBER),
        ("n", f"Int32 {_ZSTD}"),
        ("need", f"Int32 {_ZSTD}"),
        ("mark", _TEXT),
        ("source", _TEXT),
        ("reported", _NUMBER),
        ("computed", _NUMBER),
        ("revision", f"Int32 {_ZSTD}"),
    ),
    "ReplacingMergeTree(as_of)",
    "(level, day, mn, factor, stat, start)",
    partition_by=_by_month("start"),
)
# How far rolling up has come, of all nodes together; the last one put counts.
MEANS_STATE = Table(
    "means_state",
    (
        ("name", "String"),
        ("version", "UInt64"),
        ("closed_upto", "Nullable(DateTime64(6))"),
        ("cursors", "String"),  # JSON
        ("reviewed", "Int64"),
    ),
    "ReplacingMergeTree(version)",
    "name",
    sharded_by="name",
)
# Times of frames that were read again, before and after, until their hours were made anew.
MEANS_NOTED = Table(
    "means_noted",
    (
        ("mn", "String"),
        ("cn", _TEXT),
        ("data_time", _TIME),
        ("replay", "String"),  # each try of each replay has its own
        ("version", "UInt8"),
        ("removed", "UInt8"),
    ),
    "ReplacingMergeTree(version, removed)",
    "(mn, cn, data_time, replay)",
)
FORECASTS = Table(
    "forecasts",
    (
        ("place", _TEXT),
        ("model", _TEXT),
        ("factor", _TEXT),
        ("level", _TEXT),
        ("issued", _TIME),
        ("start", _TIME),
        ("value", _NUMBER),
        ("low", _NUMBER),
        ("high", _NUMBER),
        ("rmse", _NUMBER),
        ("skill", _NUMBER),
    ),
    "ReplacingMergeTree",
    "(place, model, factor, level, issued, start)",
    partition_by=_by_month("issued"),
    sharded_by="place",
)
META = Table(
    "meta",
    (("name", "String"), ("value", "String"), ("written", "UInt64")),
    "ReplacingMergeTree(written)",
    "name",
    sharded_by="name",
)
TABLES = (
    FRAMES,
    SAMPLES,
    LINKS,
    DEVICES,
    MARKS,
    COUNTS,
    PROGRESS,
    HOURS,
    DAYS,
    LATE,
    DERIVED,
    MEANS_STATE,
    MEANS_NOTED,
    FORECASTS,
    META,
)

# Inserts of one table that are remembered by their tokens.
_TOKENS_REMEMBERED = 1000


def keep_days(table: Table, frames_days: int, samples_days: int) -> int:
    """How long rows of a table stay; 0: for ever."""
    if not table.keep_by:
        return 0
    return samples_days if table.name == SAMPLES.name else frames_days


def ttl(table: Table, days: int) -> str:
    """The TTL expression for a number of days; empty for 0."""
    return f"{table.keep_by} + toIntervalDay({days:d})" if days else ""


def stored_in(table: Table, cluster: str) -> str:
    """The name of the table that holds the rows."""
    return table.name + (_LOCAL if cluster else "")


def on_cluster(cluster: str) -> str:
    """What makes a statement of definition run on all nodes."""
    return f" ON CLUSTER '{cluster}'" if cluster else ""


def engine(table: Table, database: str, cluster: str) -> str:
    """The engine of the table that holds the rows.

    On a cluster its copies find each other under a path of Keeper that has the shard's name;
    ``{shard}`` and ``{replica}`` are macros of each server.
    """
    if not cluster:
        return table.engine
    kind, _, arguments = table.engine.partition("(")
    path = f"'/clickhouse/tables/{{shard}}/{database}/{table.name}', '{{replica}}'"
    return f"Replicated{kind}({path}{', ' + arguments if arguments else ')'}"


def without_alp(text: str) -> str:
    """A column or statement for an engine that does not have the codec ALP."""
    return _ALP.sub("", text)


def create(table: Table, database: str, cluster: str = "", *, days: int = 0) -> list[str]:
    """The statements that make a table, unless it is there."""
    columns = ",\n    ".join(
        [f"`{name}` {kind}" for name, kind in table.columns] + list(table.indexes)
    )
    window = "replicated" if cluster else "non_replicated"
    settings = [
        f"{window}_deduplication_window = {_TOKENS_REMEMBERED}",
        # What is answered as written survives a power cut.
        "fsync_after_insert = 1",
        "fsync_part_directory = 1",
    ]
    clauses = [f"ENGINE = {engine(table, database, cluster)}"]
    if table.partition_by:
        clauses.append(f"PARTITION BY {table.partition_by}")
    clauses.append(f"ORDER BY {table.order_by}")
    if days:
        clauses.append(f"TTL {ttl(table, days)}")
    clauses.append(f"SETTINGS {', '.join(settings)}")
    clauses_text = "\n".join(clauses)
    made = [
        f"CREATE TABLE IF NOT EXISTS {database}.{stored_in(table, cluster)}{on_cluster(cluster)}\n"
        f"(\n    {columns}\n)\n{clauses_text}"
    ]
    if cluster:
        made.append(
            f"CREATE TABLE IF NOT EXISTS {database}.{table.name}{on_cluster(cluster)}\n"
            f"AS {database}.{stored_in(table, cluster)}\n"
            f"ENGINE = Distributed('{cluster}', '{database}', '{stored_in(table, cluster)}', "
            f"cityHash64({table.sharded_by}))"
        )
    return made


def statements(
    database: str, cluster: str = "", *, frames_days: int = 0, samples_days: int = 0
) -> list[str]:
    """All that makes an empty database a store, in order."""
    return [
        statement
        for table in TABLES
        for statement in create(
            table, database, cluster, days=keep_days(table, frames_days, samples_days)
        )
    ]
