"""A DuckDB database file: opened when first needed, opened again after it broke.

Says in one sentence why it cannot be used. Knows nothing of the tables' meaning beyond their
version. Tests: tests/store/test_duckdb_file.py.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from store import duckdb_presence, duckdb_schema
from store.lateness import LATE_AFTER_S
from store.timeseries import StoreUnavailable

# Our own mistakes: they stay what they are. All else is the world around the file.
_OUR_FAULT = (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError)
# After these the database object refuses everything until the file is opened anew.
_BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.ConnectionException)

_LOCKED = "Could not set lock"
_HOLDER = re.compile(r"\(PID \d+\)")

# Three blocks of 4096 bytes begin every database; a file without them has held no row yet.
_HEAD_BYTES = 3 * 4096
_MAGIC_AT, _MAGIC = 8, b"DUCK"

# Larger than the default 16 MB: fewer checkpoints under load; a second to read after kill -9.
_CHECKPOINT_THRESHOLD = "64MB"


class DuckDBFile:
    """Owner of the connection. Threads may share it; one of them at a time writes.

    ``late_after_s``: see lateness.py; a variable of each cursor from now on.
    """

    def __init__(
        self,
        path: Path,
        memory_limit: str,
        *,
        read_only: bool = False,
        late_after_s: float = LATE_AFTER_S,
    ) -> None:
        self.path = path
        self.late_after_s = late_after_s
        self.read_only = read_only
        self._memory_limit = memory_limit
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._identity: tuple[int, int] | None = None
        self._closed = False

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the caller's own, closed at the end of the block.

        Errors of DuckDB that are not our fault come out as :class:`StoreUnavailable`.
        """
        cursor = None
        try:
            with self._lock:
                cursor = self._open().cursor()
            duckdb_presence.set_limit(cursor, self.late_after_s)
            yield cursor
        except _OUR_FAULT:
            raise
        except duckdb.Error as problem:
            if isinstance(problem, _BROKEN):
                self.discard()
            raise StoreUnavailable(sentence(self.path, problem)) from problem
        finally:
            if cursor is not None:
                cursor.close()

    def discard(self) -> None:
        """Close the connection; the next use opens the file again."""
        with self._lock:
            self._discard()

    def close(self) -> None:
        """Bring the log into the file and close it; what comes later is refused."""
        with self._lock:
            self._closed = True
            self._discard()

    def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._closed:
            raise StoreUnavailable(f"{self.path} is closed")
        if self._connection is not None and self._identity != _identity(self.path):
            # What we write would be on no path any more.
            self._discard()
            raise StoreUnavailable(f"{self.path} was removed or exchanged while it was open")
        if self._connection is None:
            if not self.path.parent.is_dir():
                raise StoreUnavailable(f"the folder {self.path.parent} does not exist")
            if not self.read_only:
                _remove_unfinished(self.path)
            connection = duckdb.connect(
                str(self.path),
                read_only=self.read_only,
                config={
                    "memory_limit": self._memory_limit,
                    "checkpoint_threshold": _CHECKPOINT_THRESHOLD,
                },
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._identity = _identity(self.path)
        return self._connection

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SET TimeZone = 'UTC'")
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        if ("meta",) not in tables:
            if self.read_only or tables:
                raise StoreUnavailable(f"{self.path} is not a store of hj212d")
            connection.execute("BEGIN")
            for statement in duckdb_schema.statements():
                connection.execute(statement)
            connection.execute("COMMIT")
        # Always all rows: a result that is not read to its end keeps its transaction open, and
        # then the log is never brought into the file.
        found = connection.execute(
            "SELECT value FROM meta WHERE name = 'schema_version'"
        ).fetchall()
        if found != [(str(duckdb_schema.VERSION),)]:
            raise StoreUnavailable(
                f"{self.path} has schema version {found[0][0] if found else 'none'}, "
                f"this program reads {duckdb_schema.VERSION}: `hj212d store migrate` brings older "
                "files up to date"
            )


def _remove_unfinished(path: Path) -> None:
    """Remove what is left of a database whose making was interrupted (kill -9, full disk).

    DuckDB would refuse it for ever. Nothing else is touched: the file must be shorter than a
    database's head, begin like one or be empty, and be locked by nobody.
    """
    try:
        with path.open("r+b") as file:
            begin = file.read(_HEAD_BYTES)
            ours = begin == b"" or begin[_MAGIC_AT:].startswith(_MAGIC)
            if ours and len(begin) < _HEAD_BYTES:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
    except OSError:
        pass  # missing, locked or not ours to read: DuckDB says what it is


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sentence(path: Path, problem: duckdb.Error) -> str:
    """What a failure of DuckDB means to the operator."""
    text = str(problem)
    if _LOCKED in text:
        holder = _HOLDER.search(text)
        return (
            f"{path} is in use by another process {holder[0] if holder else ''}; "
            "while a hub runs, ask it by its control socket"
        )
    return text.splitlines()[0]
