"""Making, checking and changing the tables of ClickHouse, on the engine itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from batches import NOON, batch, frame, sample

from store.admin import StoreAdmin
from store.clickhouse_engine import Engine
from store.clickhouse_place import Place, place
from store.clickhouse_store import ClickHouseStore
from store.means import Cursors
from store.open import open_admin, open_store
from store.settings import StoreSettings
from store.timeseries import FrameQuery, PresenceQuery, SampleQuery, StoreUnavailable


@pytest.fixture
def where(tmp_path: Path) -> Place:
    """A folder for the engine."""
    return place(f"chdb:///{tmp_path}/store")


@pytest.fixture
def admin(where: Place) -> StoreAdmin:
    """The commands for it."""
    return open_admin(where.shown, StoreSettings())


@pytest.fixture
def engine(where: Place) -> Iterator[Engine]:
    """A line to it of the test's own."""
    opened = Engine(where, 30.0)
    yield opened
    opened.close()


def test_init_makes_what_check_wants(admin: StoreAdmin) -> None:
    """A new store is as it should be; making it again does nothing."""
    (missing,) = admin.check()
    assert "hj212d store init" in missing
    assert len(admin.init()) == 1
    assert admin.check() == []
    assert admin.init() == []
    assert admin.migrate() == []


def test_check_says_what_differs_and_migrate_mends_it(
    admin: StoreAdmin, engine: Engine, where: Place
) -> None:
    """Columns, codecs, retention and whole tables come back; the rows stay."""
    store = open_store(where.shown, StoreSettings())
    one = frame(1)
    store.commit(batch([one], [sample(one, 1.0)]))
    store.close()
    for statement in (
        "ALTER TABLE hj212d.samples DROP COLUMN extra",
        "ALTER TABLE hj212d.samples MODIFY COLUMN rtd Float64 DEFAULT nan CODEC(NONE)",
        "ALTER TABLE hj212d.frames MODIFY TTL toDateTime(received_at) + toIntervalDay(9000)",
        "DROP TABLE hj212d.hours",
    ):
        engine.run(statement)
    problems = admin.check()
    assert len(problems) == 4
    for expected in ("no column extra", "rtd of samples has codec", "keeps rows by", "hours is"):
        assert any(expected in problem for problem in problems)
    assert len(admin.migrate()) == 4
    assert admin.check() == []
    again = open_store(where.shown, StoreSettings())
    assert again.frames(FrameQuery()).num_rows == again.latest().num_rows == 1
    again.close()


def test_what_cannot_be_mended_is_said(admin: StoreAdmin, engine: Engine) -> None:
    """Another order needs another table: that is said, and nothing is done."""
    admin.init()
    engine.run("DROP TABLE hj212d.links")
    engine.run("CREATE TABLE hj212d.links (mn String) ENGINE = MergeTree ORDER BY mn")
    admin.migrate()
    problems = admin.check()
    assert any("links has order mn" in problem for problem in problems)
    assert any("links has engine MergeTree" in problem for problem in problems)


def test_days_to_keep_come_with_migrate(where: Place, admin: StoreAdmin) -> None:
    """Rows older than the settings say go; others stay. 0 keeps all."""
    admin.init()
    kept = open_admin(where.shown, StoreSettings(frames_days=30, samples_days=400))
    assert len(kept.check()) == 3
    assert len(kept.migrate()) == 3
    assert kept.check() == []
    assert len(admin.migrate()) == 3
    assert admin.check() == []


def test_another_version_is_refused_and_named(
    admin: StoreAdmin, engine: Engine, where: Place
) -> None:
    """A store of a later program is not touched."""
    admin.init()
    engine.run("INSERT INTO meta SELECT 'schema_version' AS name, '99' AS value, 99 AS written")
    assert "version 99" in admin.check()[0]
    store = open_store(where.shown, StoreSettings())
    with pytest.raises(StoreUnavailable, match="version 99, this program reads 4"):
        store.cursors()
    store.close()


def test_days_that_nobody_counted(admin: StoreAdmin, engine: Engine, where: Place) -> None:
    """A store of an earlier version has no counts of its closed days: migrate makes them, of each
    day once, beyond the ends of months."""
    days = [NOON + number * timedelta(days=1) for number in (-1, 0, 1, 35)]
    store = ClickHouseStore(where, now=lambda: now.replace(tzinfo=UTC).timestamp())
    now = days[0]
    store.cursors()
    now = days[-1] + timedelta(days=3)
    frames = [frame(number, data_time=at, received_at=at) for number, at in enumerate(days)]
    store.commit(batch(frames, [sample(one, 1.0) for one in frames]))
    while store.tidy(now):
        pass
    asked = PresenceQuery(days[0] - timedelta(days=2), now)
    counted = store.presence(asked)
    assert counted["received"].to_pylist() == [1, 1, 1, 1]
    store.close()
    engine.run("DROP TABLE hj212d.days")
    admin.migrate()
    engine.run("TRUNCATE TABLE hj212d.samples")
    store = ClickHouseStore(where)
    assert store.presence(asked) == counted
    store.close()


def test_a_row_that_is_too_old_goes(where: Place, engine: Engine) -> None:
    """What the days to keep say is what the engine does when it merges."""
    store = open_store(where.shown, StoreSettings(frames_days=1, samples_days=5000))
    one = frame(1, received_at=NOON.replace(year=2020))
    far = sample(one, 2.0, data_time=NOON.replace(year=2099))
    store.commit(batch([one], [sample(one, 1.0), far]))
    for table in ("frames", "samples"):
        engine.run(f"OPTIMIZE TABLE {table} FINAL")
    assert store.frames(FrameQuery()).num_rows == 0
    assert store.samples(SampleQuery("A", None)).num_rows == 2
    store.close()


def test_a_store_without_means(admin: StoreAdmin, engine: Engine, where: Place) -> None:
    """A store of version 3 gets the tables of means; its counts of closed days are kept as they
    are, and all hours of its frames are to be made."""
    store = open_store(where.shown, StoreSettings())
    store.commit(batch([frame(1)], [sample(frame(1), 1.0)], cursors={"0": 2}))
    store.close()
    for name in ("derived", "means_state", "means_noted", "forecasts"):
        engine.run(f"DROP TABLE {name}")
    engine.run("TRUNCATE TABLE meta")
    engine.run("INSERT INTO meta SELECT 'schema_version' AS name, '3' AS value, 3 AS written")
    assert "version 3" in admin.check()[0]
    assert "wrote schema version 4" in admin.migrate()
    assert admin.check() == []
    store = open_store(where.shown, StoreSettings())
    assert store.means_state() is None
    found, _ = store.changed(Cursors(), NOON + timedelta(days=1))
    assert found["start"].to_pylist() == [NOON - timedelta(hours=1)]
    store.close()
