"""URLs, connections and transactions under the books."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import quick_registry
import sqlalchemy as sa

from store.registry import place
from store.registry.columns import Moment
from store.registry.database import Database, PartFailed
from store.registry.errors import RegistryUnavailable


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////var/lib/r.db", "sqlite:////var/lib/r.db"),
        ("sqlite:///r.db", "sqlite:///r.db"),
        ("postgresql://u:p@h:5/n", "postgresql+psycopg://u:p@h:5/n"),
        ("postgres://h/n?sslmode=require", "postgresql+psycopg://h/n?sslmode=require"),
        ("postgresql+psycopg://u@/n?host=/run/pg", "postgresql+psycopg://u@/n?host=/run/pg"),
    ],
)
def test_urls_that_name_a_registry(url: str, driver: str) -> None:
    """Both engines, however the driver is written."""
    assert place.for_driver(url) == driver


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://u:geheim@h/n",
        "postgresql://h",
    ],
)
def test_urls_that_do_not(url: str) -> None:
    """One sentence, without the password."""
    with pytest.raises(ValueError, match="names no registry; expected sqlite:///FILE") as refused:
        place.check_url(url)
    assert "geheim" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    """Neither where the URL is shown nor when the server is not there."""
    url = "postgresql://anna:geheim@127.0.0.1:1/n"
    assert place.shown(url) == "postgresql://anna:***@127.0.0.1:1/n"
    database = Database(url)
    with (
        pytest.raises(RegistryUnavailable, match="cannot be used") as refused,
        database.reading(),
    ):
        pass
    assert "geheim" not in str(refused.value)
    database.close()


@pytest.fixture
def database(url: str) -> Database:
    """An empty one."""
    return Database(url)


def test_moments_come_back_in_utc(database: Database) -> None:
    """To the microsecond, whatever zone they had, and in order."""
    table = sa.Table("t", sa.MetaData(), sa.Column("at", Moment))
    beijing = datetime(2026, 3, 1, 8, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    with database.writing() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), [{"at": beijing}, {"at": None}])
        found = connection.execute(sa.select(table.c.at).where(table.c.at <= beijing)).scalar()
    assert found == beijing
    assert found.tzinfo is UTC
    database.close()


def test_threads_share_it(database: Database) -> None:
    """Writers wait for each other, nothing is lost."""
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO t VALUES (0)"))

    def count() -> None:
        for _ in range(20):
            with database.writing() as connection:
                connection.execute(sa.text("UPDATE t SET n = n + 1"))

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(count) for _ in range(4)]:
            done.result()
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT n FROM t")).scalar() == 80
    database.close()


def test_sqlite_keeps_what_was_committed(tmp_path: Path) -> None:
    """In WAL, synced at each commit, with foreign keys."""
    with quick_registry.as_shipped():
        database = Database(f"sqlite:///{tmp_path / 'r.db'}")
    with database.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    database.close()


def test_parts_at_once(database: Database) -> None:
    """All of them hold, or none when one failed, even if somebody caught that inside."""
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))

    def part(number: int) -> None:
        with database.writing() as connection:
            connection.execute(sa.text(f"INSERT INTO t VALUES ({number})"))

    with database.writing_at_once():
        part(1)
        part(2)

    def one_fails() -> None:
        with database.writing_at_once():
            part(3)
            with suppress(sa.exc.IntegrityError):
                part(2)

    with pytest.raises(PartFailed):
        one_fails()
    with database.writing():  # afterwards parts are undone alone again
        part(4)
        with suppress(sa.exc.IntegrityError):
            part(2)
    with database.reading() as connection:
        found = connection.execute(sa.text("SELECT n FROM t ORDER BY n")).scalars().all()
    assert found == [1, 2, 4]
    database.close()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"为": ["何", 1, 1.5, True, None]}, {"为": ["何", 1, 1.5, True, None]}),
        ({"a": float("nan"), "b": float("inf")}, {"a": None, "b": None}),
        ({"half \ud800": "\ud800\0"}, {"half \ud800": "\ud800\0"}),
        ({"at": datetime(2026, 1, 1, tzinfo=UTC)}, {"at": "2026-01-01T00:00:00Z"}),
    ],
)
def test_lists_and_objects_come_back(url: str, value: object, kept: object) -> None:
    """Whatever the field says; what is no number is null."""
    database = Database(url)
    table = sa.Table("said", sa.MetaData(), sa.Column("what", sa.JSON))
    with database.writing() as connection:
        table.create(connection)
        connection.execute(sa.insert(table).values(what=value))
        assert connection.execute(sa.select(table.c.what)).scalar() == kept
    database.close()


def test_numbers_that_were_none_are_read(tmp_path: Path) -> None:
    """As they were kept before."""
    database = Database(f"sqlite:///{tmp_path / 'r.db'}")
    table = sa.Table("said", sa.MetaData(), sa.Column("what", sa.JSON))
    with database.writing() as connection:
        table.create(connection)
        connection.execute(sa.text("INSERT INTO said VALUES ('[NaN, \"\\u4e3a\"]')"))
        number, word = connection.execute(sa.select(table.c.what)).scalar_one()
    database.close()
    assert math.isnan(number)
    assert word == "为"
