"""Making, checking and migrating a DuckDB store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from batches import NOON, batch, frame, reading, sample

from store.duckdb_admin import DuckDBAdmin
from store.duckdb_schema import MEANS_TABLES, META, TABLES, create
from store.duckdb_store import DuckDBStore
from store.means import Cursors
from store.timeseries import (
    FRAMES,
    SAMPLES,
    FrameQuery,
    PresenceQuery,
    SampleQuery,
    StoreUnavailable,
)

FAR = timedelta(days=40)


def old_store(path: Path) -> None:
    """A file as version 1 left it: one frame near, one far, a sample each."""
    near, far = frame(1), frame(2, mn="B", received_at=NOON + FAR, reason="crc_wrong")
    tables = {name: TABLES[name] for name in ("links", "device_counts", "devices", "cursors")}
    rows = {"frames_near": [near], "frames_far": [far]}
    rows |= {"samples_near": [sample(near, 1.0)], "samples_far": [sample(far, 2.0)]}
    with duckdb.connect(str(path)) as connection:
        for name, schema in {**tables, "meta": META}.items():
            connection.execute(create(name, schema))
        for name, part in rows.items():
            schema = FRAMES if name.startswith("frames") else SAMPLES
            connection.execute(create(name, schema))
            connection.register("rows", pa.Table.from_pylist(part, schema))
            connection.execute(f"INSERT INTO {name} FROM rows")
        for name in ("frames", "samples"):
            connection.execute(f"CREATE VIEW {name} AS FROM {name}_near UNION ALL FROM {name}_far")
        connection.execute("INSERT INTO meta VALUES ('schema_version', '1')")
        connection.execute("INSERT INTO cursors VALUES ('0', 7)")


def test_init_makes_a_store_once(tmp_path: Path) -> None:
    """A second init finds what the first made; the new store has no fault."""
    admin = DuckDBAdmin(tmp_path / "store.duckdb")
    assert "was made" in admin.init()[0]
    assert "there already" in admin.init()[0]
    assert admin.check() == []
    assert "already" in admin.migrate()[0]


def test_an_old_store_is_named_and_migrated(tmp_path: Path) -> None:
    """A file of version 1 is refused with the command that helps; after it, all rows are found,
    what was known is known, and nothing is wrong."""
    path = tmp_path / "store.duckdb"
    old_store(path)
    admin = DuckDBAdmin(path)
    store = DuckDBStore(path)
    with pytest.raises(StoreUnavailable, match=r"version 1, .* store migrate"):
        store.cursors()
    assert "from version 1 to version 4" in admin.migrate()[0]
    assert store.cursors() == {"0": 7}
    assert store.totals() == {"frames": 2, "frames_bad": 1, "samples": 2, "devices": 0}
    found = store.frames(FrameQuery()).to_pylist()
    assert found == [frame(1), frame(2, mn="B", received_at=NOON + FAR, reason="crc_wrong")]
    assert store.samples(SampleQuery("A", None)).to_pylist() == [reading(sample(frame(1), 1.0))]
    again = store.commit(batch([frame(9, raw=b"frame 1")], [sample(frame(9), 3.0)]))
    assert (again.duplicates, again.samples) == (1, 0)
    store.close()
    assert admin.check() == []


def test_check_finds_what_is_wrong(tmp_path: Path) -> None:
    """Doubled rows and counters that do not fit are told."""
    path = tmp_path / "store.duckdb"
    store = DuckDBStore(path)
    store.commit(batch([frame(1)], [sample(frame(1), 1.0)]))
    store.close()
    with duckdb.connect(str(path)) as connection:
        for table in ("frames_near", "samples_near"):
            connection.execute(f"INSERT INTO {table} FROM {table}")
        connection.execute("INSERT INTO latest_closed (device, channel) VALUES (1, 1)")
    problems = DuckDBAdmin(path).check()
    assert problems == [
        "1 values stand more than once for their time, MN, factor and period",
        "1 frames are stored more than once",
        "1 series of closed days have another newest value than the one that is noted",
        "the counter of frames differs by -1",
        "the counter of samples differs by -1",
    ]


def test_what_cannot_be_migrated(tmp_path: Path) -> None:
    """A file that is missing, somebody else's or of a later program stays as it is."""
    path = tmp_path / "store.duckdb"
    with pytest.raises(StoreUnavailable, match="does not exist"):
        DuckDBAdmin(path).migrate()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE theirs (x INTEGER)")
    with pytest.raises(StoreUnavailable, match="not a store"):
        DuckDBAdmin(path).migrate()
    path.unlink()
    DuckDBAdmin(path).init()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '99'")
    with pytest.raises(StoreUnavailable, match="version 99"):
        DuckDBAdmin(path).migrate()


def test_a_file_that_did_not_count_its_closed_days(tmp_path: Path) -> None:
    """What the closed days of a file of version 2 come to is counted when it is migrated."""
    path = tmp_path / "store.duckdb"
    store = DuckDBStore(path)
    store.commit(batch([frame(1)], [sample(frame(1), 1.0)]))
    while store.tidy(NOON + FAR):
        pass
    query = PresenceQuery(NOON - FAR, NOON + FAR)
    counted = store.presence(query)
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE presence_closed")
        for name in MEANS_TABLES:
            connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'schema_version'")
    assert "from version 2 to version 4" in DuckDBAdmin(path).migrate()[0]
    assert DuckDBAdmin(path).check() == []
    store = DuckDBStore(path)
    assert store.presence(query) == counted
    assert counted["received"].to_pylist() == [1]
    store.close()


def test_a_file_without_means(tmp_path: Path) -> None:
    """A file of version 3 gets the tables of means; all hours of its frames are to be made."""
    path = tmp_path / "store.duckdb"
    store = DuckDBStore(path)
    store.commit(batch([frame(1)], [sample(frame(1), 1.0)], cursors={"0": 2}))
    store.close()
    with duckdb.connect(str(path)) as connection:
        for name in MEANS_TABLES:
            connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE meta SET value = '3' WHERE name = 'schema_version'")
    assert "from version 3 to version 4" in DuckDBAdmin(path).migrate()[0]
    assert DuckDBAdmin(path).check() == []
    store = DuckDBStore(path)
    assert store.means_state() is None
    found, _ = store.changed(Cursors(), NOON + FAR)
    assert found["start"].to_pylist() == [NOON - timedelta(hours=1)]
    store.close()
