"""DuckDB files of earlier versions brought to the present one.

Version 1 held MN, factor and period as text in every row, and no closed days: names become
numbers, counters are counted. In version 2 nobody counted what closed days come to. Version 3 had
no tables of means.
Tests: tests/store/test_duckdb_admin.py.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from store import duckdb_presence
from store.duckdb_schema import (
    MEANS_TABLES,
    PARTS,
    PRESENCE_CLOSED,
    STORED_FRAMES,
    STORED_SAMPLES,
    TABLES,
    VERSION,
    columns,
    create,
    statements,
)
from store.timeseries import StoreUnavailable

_OLD = [f"{name}_{part}" for name in ("frames", "samples") for part in PARTS]
# These tables are the same in both versions.
_KEPT = ("links", "device_counts", "devices", "cursors", "meta")
_NEAR_AND_FAR = """
    INSERT INTO {marks}
    SELECT device, kind, max(time) FILTER (near), max(time) FILTER (NOT near) FROM (
        SELECT device, {kind} AS kind, {time} AS time, true AS near FROM {name}_near {join}
        UNION ALL SELECT device, {kind}, {time}, false FROM {name}_far {join}
    ) WHERE time IS NOT NULL GROUP BY device, kind
"""
_FILL = [
    """
    INSERT INTO mns SELECT row_number() OVER (ORDER BY mn), mn FROM (
        SELECT mn FROM old_frames_near UNION SELECT mn FROM old_frames_far
        UNION SELECT mn FROM old_samples_near UNION SELECT mn FROM old_samples_far
    )
    """,
    """
    INSERT INTO channels SELECT row_number() OVER (ORDER BY factor, period), factor, period FROM (
        SELECT factor, period FROM old_samples_near
        UNION SELECT factor, period FROM old_samples_far
    )
    """,
    *(
        f"INSERT INTO frames_{part} SELECT {columns(STORED_FRAMES)} FROM old_frames_{part} "
        "JOIN mns USING (mn)"
        for part in PARTS
    ),
    *(
        f"INSERT INTO samples_{part} SELECT {columns(STORED_SAMPLES)} FROM old_samples_{part} "
        "JOIN mns USING (mn) JOIN channels USING (factor, period)"
        for part in PARTS
    ),
    _NEAR_AND_FAR.format(marks="frame_marks", kind="cn", time="key_time", name="frames", join=""),
    _NEAR_AND_FAR.format(
        marks="sample_marks",
        kind="period",
        time="data_time",
        name="samples",
        join="JOIN channels USING (channel)",
    ),
    "UPDATE totals SET n = (SELECT count(*) FROM frames) WHERE name = 'frames'",
    "UPDATE totals SET n = (SELECT count(*) FROM frames WHERE reason <> 'ok') "
    "WHERE name = 'frames_bad'",
    "UPDATE totals SET n = (SELECT count(*) FROM samples) WHERE name = 'samples'",
    *(f"DROP TABLE old_{table}" for table in _OLD),
]


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Do it in one transaction; what was done. StoreUnavailable for what is no store of ours."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if ("meta",) not in tables:
        raise StoreUnavailable(f"{path} is not a store of hj212d")
    ((version,),) = connection.execute(
        "SELECT value FROM meta WHERE name = 'schema_version'"
    ).fetchall()
    if version == str(VERSION):
        return [f"{path} has version {VERSION} already"]
    if version not in _STEPS:
        raise StoreUnavailable(
            f"{path} has schema version {version}, this program knows 1 to {VERSION}"
        )
    connection.execute("BEGIN")
    _STEPS[version](connection)
    connection.execute(f"UPDATE meta SET value = '{VERSION}' WHERE name = 'schema_version'")
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
    return [f"{path} was brought from version {version} to version {VERSION}"]


def _from_1(connection: duckdb.DuckDBPyConnection) -> None:
    for view in ("frames", "samples"):
        connection.execute(f"DROP VIEW {view}")
    for table in _OLD:
        connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in statements():
        if not any(statement.startswith(_making(name)) for name in _KEPT):
            connection.execute(statement)
    for statement in _FILL:
        connection.execute(statement)


def _from_2(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(create("presence_closed", PRESENCE_CLOSED))
    duckdb_presence.count_closed(connection)
    _from_3(connection)


def _from_3(connection: duckdb.DuckDBPyConnection) -> None:
    for name in MEANS_TABLES:
        connection.execute(create(name, TABLES[name]))


_STEPS = {"1": _from_1, "2": _from_2, "3": _from_3}


def _making(name: str) -> tuple[str, str]:
    return f"CREATE TABLE {name} ", f"INSERT INTO {name} "
