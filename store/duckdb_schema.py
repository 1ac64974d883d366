"""Tables of the DuckDB store, made from the Arrow schemas of the interface.

``frames`` and ``samples`` are views over two tables each: *near* holds rows whose time lies
within two days of their receipt, *far* the rest (clocks in 1970 or 2099, back-fill). The near
table is thereby almost sorted by time, which keeps DuckDB's zone maps narrow and a look-up as
cheap as in an empty table. With one such clock among them every row group would reach to 2099
and each batch read all of them (5 million frames: 18 ms instead of 4, and growing).
Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import pyarrow as pa

from store.timeseries import COUNTS, DEVICES, FRAMES, LINKS, SAMPLES

VERSION = 1

NEAR_DAYS = 2

# When the frame came that gave st and version.
_KNOWN_DEVICES = DEVICES.append(pa.field("described_at", pa.timestamp("us")))
CURSORS = pa.schema([("lane", pa.string()), ("position", pa.int64())])
META = pa.schema([("name", pa.string()), ("value", pa.string())])

# Name of the split table -> the column that says how far a row is from its receipt.
SPLIT = {"frames": "key_time", "samples": "data_time"}
PARTS = ("near", "far")

_SQL_TYPES = {
    pa.timestamp("us"): "TIMESTAMP",
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


def is_near(time: str) -> str:
    """Condition on a row: its ``time`` column is empty or close to its receipt."""
    return (
        f"({time} IS NULL OR {time} BETWEEN received_at - INTERVAL {NEAR_DAYS} DAY "
        f"AND received_at + INTERVAL {NEAR_DAYS} DAY)"
    )


def statements() -> list[str]:
    """What makes an empty database a store."""
    tables = {
        "frames_near": FRAMES,
        "frames_far": FRAMES,
        "samples_near": SAMPLES,
        "samples_far": SAMPLES,
        "links": LINKS,
        "device_counts": COUNTS,
        "devices": _KNOWN_DEVICES,
        "cursors": CURSORS,
        "meta": META,
    }
    return [
        *(_create(name, schema) for name, schema in tables.items()),
        *(
            f"CREATE VIEW {name} AS SELECT * FROM {name}_near UNION ALL SELECT * FROM {name}_far"
            for name in SPLIT
        ),
        f"INSERT INTO meta VALUES ('schema_version', '{VERSION}')",
    ]


def _create(name: str, schema: pa.Schema) -> str:
    fields = ", ".join(f'"{field.name}" {_SQL_TYPES[field.type]}' for field in schema)
    return f"CREATE TABLE {name} ({fields})"
