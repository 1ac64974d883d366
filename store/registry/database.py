"""The database under the books: connections, transactions, and errors as one sentence.

SQLite in WAL, or PostgreSQL through psycopg; nothing else here or above knows which one it is.
Blocking; threads may share it. Tests: tests/store/registry/test_database.py.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from store.registry import place
from store.registry.columns import from_json, to_json
from store.registry.errors import RegistryUnavailable

# Ours: a statement that is wrong. All else is the world around the database.
_OUR_FAULT = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
# SQLSTATE: no permission, no schema. psycopg counts them among the wrong statements.
_NOT_FOR_US = ("42501", "3F000")

_LOCK = 212_0001  # of PostgreSQL: any number that nobody else takes

BUSY_S = 5.0
_CONNECTIONS = 4
_POSTGRESQL = {
    "connect_timeout": "5",
    # A server that fell silent is given up, not waited for.
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "options": "-c statement_timeout=30s -c lock_timeout=10s -c timezone=UTC",
    "application_name": "hj212d",
}


class PartFailed(Exception):
    """A part of a transaction failed that cannot be undone alone; all of it was undone."""


class Database:
    """Owner of the connections. ``shown`` is the URL without its password."""

    def __init__(self, url: str) -> None:
        """ValueError, one sentence, for a URL that names no registry. Nothing is opened yet."""
        self.shown = place.shown(url)
        self._mine = threading.local()
        self.engine = _engine(place.for_driver(url))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for looking; within :meth:`writing` of the same thread, its own."""
        joined = getattr(self._mine, "connection", None)
        if joined is not None:
            yield joined
            return
        with self.errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all or nothing. Within one of the same thread it is a part of that, and
        undone alone when it fails."""
        joined = getattr(self._mine, "connection", None)
        if joined is not None:
            with self.errors(), self._part(joined):
                yield joined
            return
        with self.errors(), self.engine.connect() as connection:
            connection = connection.execution_options(hj212d_writes=True)
            with connection.begin():
                self._mine.connection = connection
                try:
                    yield connection
                finally:
                    self._mine.connection = None

    @contextmanager
    def writing_at_once(self) -> Iterator[Connection]:
        """A transaction whose parts cannot be undone alone, which spares four statements a part.
        When one fails all is undone: :class:`PartFailed`, also if that was caught inside."""
        with self.writing() as connection:
            self._mine.at_once, self._mine.failed = True, False
            try:
                yield connection
            finally:
                self._mine.at_once = False
            if self._mine.failed:
                raise PartFailed

    @contextmanager
    def _part(self, connection: Connection) -> Iterator[None]:
        if not getattr(self._mine, "at_once", False):
            with connection.begin_nested():
                yield
            return
        try:
            yield
        except BaseException:
            self._mine.failed = True
            raise

    @contextmanager
    def writing_alone(self) -> Iterator[Connection]:
        """A transaction as :meth:`writing`, one at a time of all processes; SQLite's always are.
        For the start, when there is no row yet that could be locked."""
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Errors of the world come out as :class:`RegistryUnavailable`."""
        try:
            yield
        except exc.DBAPIError as problem:
            if isinstance(problem, _OUR_FAULT) and not _is_not_for_us(problem):
                raise
            raise RegistryUnavailable(self._sentence(problem)) from problem
        except exc.TimeoutError as problem:
            raise RegistryUnavailable(
                f"the registry {self.shown} has no connection free"
            ) from problem

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _sentence(self, problem: exc.DBAPIError) -> str:
        lines = str(problem.orig).strip().splitlines() or [type(problem.orig).__name__]
        return f"the registry {self.shown} cannot be used: {' '.join(lines[0].split())}"


def _engine(url: str) -> Engine:
    named = sa.make_url(url)
    json = {"json_serializer": to_json, "json_deserializer": from_json}
    if named.drivername == "sqlite":
        engine = sa.create_engine(
            named,
            connect_args={"timeout": BUSY_S, "isolation_level": None},
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=BUSY_S,
            **json,
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    arguments = {name: text for name, text in _POSTGRESQL.items() if name not in named.query}
    try:
        return sa.create_engine(
            named,
            connect_args=arguments,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=BUSY_S,
            pool_pre_ping=True,
            **json,
        )
    except ModuleNotFoundError as missing:
        raise RegistryUnavailable(
            "a registry on PostgreSQL needs psycopg: pip install 'hj212d[postgresql]'"
        ) from missing


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    _to_wal(cursor)
    for pragma in (
        "synchronous=FULL",  # a command that was taken survives a power cut
        "foreign_keys=ON",
        "wal_autocheckpoint=1000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _to_wal(cursor: sqlite3.Cursor) -> None:
    """SQLite does not wait for others here: two processes may make the file at once."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Python's module begins only before the first change; we begin here, writers at once:
    who reads first and writes later would be refused when another wrote in between."""
    writes = connection.get_execution_options().get("hj212d_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_not_for_us(problem: exc.DBAPIError) -> bool:
    return getattr(problem.orig, "sqlstate", None) in _NOT_FOR_US
