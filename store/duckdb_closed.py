"""The samples of closed days, and beside them the newest row of each series and what each day
comes to.

``latest_closed`` spares the hub's start a walk through years, ``presence_closed`` spares it to
those who ask how complete a month is: whatever adds to or takes from ``samples_closed`` comes
through here and keeps the three in step.
Tests: tests/store/test_duckdb_tidy.py.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store import duckdb_presence
from store.duckdb_schema import CLOSED_SAMPLES, PARTS, VALUES, columns

_ALL = columns(CLOSED_SAMPLES)
_ARRIVED = " UNION ALL ".join(
    f"""
    SELECT device, channel, data_time::TIMESTAMP_S AS data_time, {columns(VALUES)},
        epoch_us(received_at) // 1000000 - epoch_us(data_time) // 1000000 AS delay_s
    FROM samples_{part} WHERE {{chosen}}
    """
    for part in PARTS
)
_CLOSED = f"SELECT {_ALL} FROM samples_closed WHERE {{chosen}}"
_IN_ORDER = "INSERT INTO samples_closed FROM ({rows}) ORDER BY device, channel, data_time"
_RAISE_LATEST = f"""
    MERGE INTO latest_closed AS old USING (
        FROM ({_ARRIVED}) SEMI JOIN (
            SELECT device, channel, max(data_time) AS data_time FROM ({_ARRIVED}) GROUP BY ALL
        ) USING (device, channel, data_time)
    ) AS new ON old.device = new.device AND old.channel = new.channel
    WHEN MATCHED AND new.data_time >= old.data_time THEN UPDATE SET
        {", ".join(f'"{name}" = new."{name}"' for name in CLOSED_SAMPLES.names[2:])}
    WHEN NOT MATCHED THEN INSERT VALUES ({", ".join(f'new."{n}"' for n in CLOSED_SAMPLES.names)})
"""

_GONE = """
    CREATE OR REPLACE TEMP TABLE gone AS
    SELECT device, channel, data_time FROM samples_closed WHERE rowid IN (SELECT row FROM deleted)
"""
_FORGET_LATEST = """
    DELETE FROM latest_closed WHERE (device, channel, data_time) IN (
        SELECT (device, channel, data_time) FROM gone
    ) RETURNING device, channel
"""
_FIND_LATEST = f"""
    INSERT INTO latest_closed SELECT {_ALL} FROM samples_closed
    WHERE device IN (SELECT device FROM forgotten)
        AND (device, channel) IN (SELECT (device, channel) FROM forgotten)
    QUALIFY row_number() OVER (PARTITION BY device, channel ORDER BY data_time DESC) = 1
"""


def close(connection: duckdb.DuckDBPyConnection, chosen: str) -> None:
    """Move the arrived samples that a condition on device and data_time chooses, in order."""
    connection.execute(_IN_ORDER.format(rows=_ARRIVED.format(chosen=chosen)))
    _take_from_arrived(connection, chosen)


def put_in_order(connection: duckdb.DuckDBPyConnection, chosen: str) -> None:
    """The same, together with the closed samples that it chooses: all of them anew, in order."""
    (last,) = connection.execute(
        f"SELECT max(rowid) FROM samples_closed WHERE {chosen}"
    ).fetchall()
    if last[0] is None:
        return close(connection, chosen)
    rows = f"{_ARRIVED} UNION ALL {_CLOSED}".format(chosen=chosen)
    connection.execute(_IN_ORDER.format(rows=rows))
    # What was just inserted comes behind all rows that were there.
    connection.execute(f"DELETE FROM samples_closed WHERE {chosen} AND rowid <= {last[0]}")
    return _take_from_arrived(connection, chosen)


def _take_from_arrived(connection: duckdb.DuckDBPyConnection, chosen: str) -> None:
    duckdb_presence.note_closed(connection, chosen)
    connection.execute(_RAISE_LATEST.format(chosen=chosen))
    for part in PARTS:
        connection.execute(f"DELETE FROM samples_{part} WHERE {chosen}")


def delete(connection: duckdb.DuckDBPyConnection, rows: NDArray[np.int64]) -> int:
    """Delete closed samples by their rowid; how many they are."""
    if len(rows):
        connection.register("deleted", pa.table({"row": pa.array(rows)}))
        connection.execute(_GONE)
        connection.execute("DELETE FROM samples_closed WHERE rowid IN (SELECT row FROM deleted)")
        forgotten = connection.execute(_FORGET_LATEST).fetchnumpy()
        if len(forgotten["device"]):
            connection.register("forgotten", _series(forgotten))
            connection.execute(_FIND_LATEST)
        duckdb_presence.note_gone(connection)
        connection.execute("DROP TABLE gone")
    return len(rows)


def _series(found: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array(found[name]) for name in ("device", "channel")})
