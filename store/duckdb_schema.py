"""Tables of the DuckDB store, made from the Arrow schemas of the interface.

Strings that repeat are numbers here: ``mns`` numbers the MNs, ``channels`` the pairs of factor and
period. DuckDB's zone maps know only the first 8 bytes of a string, which all MNs of a county
share; by a number a row group is skipped exactly.

*near* holds rows in order of arrival whose time lies within two days of their receipt, *far* the
rest (clocks in 1970 or 2099, back-fill): one such clock among the others would stretch every row
group to 2099 and make each look-up read all of them. *closed* holds samples of days that are over,
in order of device, channel and data_time (duckdb_tidy.py). The views ``frames`` and ``samples``
show all of it with its names. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import pyarrow as pa

from store.means import DERIVED, FORECASTS
from store.timeseries import COUNTS, DEVICES, FRAMES, LINKS, READINGS, SAMPLES

VERSION = 4

NEAR_DAYS = 2

MNS = pa.schema([("device", pa.int32()), ("mn", pa.string())])
CHANNELS = pa.schema([("channel", pa.int32()), ("factor", pa.string()), ("period", pa.string())])
CURSORS = pa.schema([("lane", pa.string()), ("position", pa.int64())])
META = pa.schema([("name", pa.string()), ("value", pa.string())])
# Counters that each commit moves; "late": samples written for days that were closed already.
TOTALS = pa.schema([("name", pa.string()), ("n", pa.int64())])
# The newest time written for a device and CN (frames) or period (samples): duckdb_marks.py.
MARKS = pa.schema(
    [
        ("device", pa.int32()),
        ("kind", pa.string()),
        ("near", pa.timestamp("us")),
        ("far", pa.timestamp("us")),
    ]
)
# How far ``tidy`` has come; one row, which no commit writes. Seconds since 1970, UTC.
TIDIED = pa.schema(
    [
        ("closing_before", pa.int64()),  # no closed sample is as late as this
        ("closed_before", pa.int64()),  # all older samples were closed once
        ("ordered_before", pa.int64()),  # all older spans were put in order once
        ("ordered_device", pa.int32()),  # and of the span behind it the devices up to this
        ("late", pa.int64()),  # the counter "late" when last nothing was left to close
    ]
)

# What a row of samples says beside its names, its time and its receipt.
VALUES = pa.schema(
    [
        field
        for field in READINGS
        if field.name not in ("data_time", "mn", "factor", "period", "received_at")
    ]
)
_KEY = [("data_time", pa.timestamp("us")), ("device", pa.int32()), ("channel", pa.int32())]
_PLACE = ("received_at", "lane", "position")

STORED_FRAMES = pa.schema(
    [pa.field("device", pa.int32()) if field.name == "mn" else field for field in FRAMES]
)
STORED_SAMPLES = pa.schema([*_KEY, *VALUES, *(SAMPLES.field(name) for name in _PLACE)])
# Seconds, not microseconds: the step back from the end of a series to the start of the next takes
# 18 bits a row instead of 38 wherever it stands among the others (5.3 bytes a value in a day).
CLOSED_SAMPLES = pa.schema(
    [
        ("device", pa.int32()),
        ("channel", pa.int32()),
        ("data_time", pa.timestamp("s")),
        *VALUES,
        ("delay_s", pa.int64()),  # of the receipt, in whole seconds
    ]
)

# What the samples of closed days come to by Beijing day: several rows of a series and day add up.
PRESENCE_CLOSED = pa.schema(
    [
        ("device", pa.int32()),
        ("channel", pa.int32()),
        ("day", pa.int32()),  # since 1970
        *((name, pa.int32()) for name in ("received", "valid", "resent", "late")),
        ("first", pa.timestamp("s")),
        ("last", pa.timestamp("s")),
    ]
)

# What was made of samples (store/means.py): ``items`` numbers the pairs of factor and stat.
ITEMS = pa.schema([("item", pa.int32()), ("factor", pa.string()), ("stat", pa.string())])
STORED_DERIVED = pa.schema(
    [
        ("start", pa.timestamp("s")),
        ("device", pa.int32()),
        ("item", pa.int32()),
        *(
            field
            for field in DERIVED
            if field.name not in ("level", "start", "mn", "factor", "stat")
        ),
    ]
)
# One row once a state was put. ``cursors``: JSON; ``noted``: the last number that was in use.
MEANS_STATE = pa.schema(
    [
        ("closed_upto", pa.timestamp("us")),
        ("cursors", pa.string()),
        ("noted", pa.int64()),
        ("reviewed", pa.int64()),
    ]
)
# Times of frames that were read again, before and after, until their hours were made anew.
MEANS_NOTED = pa.schema(
    [
        ("number", pa.int64()),  # of the replay
        ("device", pa.int32()),
        ("cn", pa.string()),
        ("data_time", pa.timestamp("us")),
    ]
)

# When the frame came that gave st and version.
_KNOWN_DEVICES = DEVICES.append(pa.field("described_at", pa.timestamp("us")))

PARTS = ("near", "far")

TABLES = {
    "mns": MNS,
    "channels": CHANNELS,
    "frames_near": STORED_FRAMES,
    "frames_far": STORED_FRAMES,
    "frame_marks": MARKS,
    "samples_near": STORED_SAMPLES,
    "samples_far": STORED_SAMPLES,
    "samples_closed": CLOSED_SAMPLES,
    "latest_closed": CLOSED_SAMPLES,  # the newest row of each series in samples_closed
    "presence_closed": PRESENCE_CLOSED,
    "sample_marks": MARKS,
    "links": LINKS,
    "device_counts": COUNTS,
    "devices": _KNOWN_DEVICES,
    "cursors": CURSORS,
    "totals": TOTALS,
    "tidied": TIDIED,
    "items": ITEMS,
    "derived_hour": STORED_DERIVED,
    "derived_hour_closed": STORED_DERIVED,  # in order of device, item and start
    "derived_day": STORED_DERIVED,
    "means_state": MEANS_STATE,
    "means_noted": MEANS_NOTED,
    "forecasts": FORECASTS,
    "meta": META,
}
MEANS_TABLES = (
    "items",
    "derived_hour",
    "derived_hour_closed",
    "derived_day",
    "means_state",
    "means_noted",
    "forecasts",
)
COUNTERS = ("frames", "frames_bad", "samples", "late")

_SQL_TYPES = {
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("s"): "TIMESTAMP_S",
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.bool_(): "BOOLEAN",
    pa.float64(): "DOUBLE",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.uint64(): "UBIGINT",
}


def columns(schema: pa.Schema) -> str:
    """Names of a schema's columns as a select list; quoted, because min and max are among them."""
    return ", ".join(f'"{field.name}"' for field in schema)


def instant(time_us: int) -> str:
    """A constant of SQL, also for years that a datetime does not know."""
    return f"make_timestamp({time_us}::BIGINT)"


def second(time_s: int) -> str:
    """The same in whole seconds, for a column of these."""
    return f"make_timestamp({time_s * 1_000_000}::BIGINT)::TIMESTAMP_S"


# Rows of the three tables of samples in one form. Receipt in whole seconds, as READINGS has it.
_ARRIVED = (
    f"data_time, device, channel, {columns(VALUES)}, "
    "date_trunc('second', received_at) AS received_at"
)
_CLOSED = (
    f"data_time::TIMESTAMP AS data_time, device, channel, {columns(VALUES)}, "
    "make_timestamp(epoch_us(data_time::TIMESTAMP) + 1000000 * delay_s) AS received_at"
)


def readings(
    condition: str = "true",
    *,
    parts: tuple[str, ...] = ("closed", "near", "far"),
    closed: str = "samples_closed",
) -> str:
    """A query for all samples that fulfil a condition on device, channel and data_time."""
    sources = {
        "closed": f"{_CLOSED} FROM {closed}",
        "near": f"{_ARRIVED} FROM samples_near",
        "far": f"{_ARRIVED} FROM samples_far",
    }
    return " UNION ALL ".join(f"SELECT {sources[part]} WHERE {condition}" for part in parts)


def arrived_frames(condition: str = "true", wanted: str = columns(STORED_FRAMES)) -> str:
    """A query for all frames that fulfil a condition."""
    return " UNION ALL ".join(
        f"SELECT {wanted} FROM frames_{part} WHERE {condition}" for part in PARTS
    )


def statements() -> list[str]:
    """What makes an empty database a store."""
    return [
        *(create(name, schema) for name, schema in TABLES.items()),
        f"CREATE VIEW frames AS SELECT {columns(FRAMES)} "
        f"FROM ({arrived_frames()}) JOIN mns USING (device)",
        f"CREATE VIEW samples AS SELECT {columns(READINGS)} "
        f"FROM ({readings()}) JOIN mns USING (device) JOIN channels USING (channel)",
        *(f"INSERT INTO totals VALUES ('{name}', 0)" for name in COUNTERS),
        "INSERT INTO tidied VALUES (NULL, NULL, NULL, NULL, 0)",
        f"INSERT INTO meta VALUES ('schema_version', '{VERSION}')",
    ]


def create(name: str, schema: pa.Schema) -> str:
    """The statement that makes a table with the columns of a schema."""
    fields = ", ".join(f'"{field.name}" {_SQL_TYPES[field.type]}' for field in schema)
    return f"CREATE TABLE {name} ({fields})"
