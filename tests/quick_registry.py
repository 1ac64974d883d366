"""Makes the registries of tests quick: the tables of an empty one are made by the statements that
made the first one of this process, without asking Alembic again, and SQLite waits for no disk:
nothing here pulls a plug. Tests of just this ask for registries `as_shipped`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry import database, migrate

_REAL_STEPS = migrate._upgrade
_REAL_PREPARE = database._prepare_sqlite
_STATEMENTS: dict[str, list[str]] = {}  # of each engine


def install() -> None:
    """For all registries that this process opens from now on."""
    migrate._upgrade = _steps
    database._prepare_sqlite = _prepare


@contextmanager
def as_shipped() -> Iterator[None]:
    """Alembic takes each step, and what is committed is on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "_upgrade", _REAL_STEPS)
        patch.setattr(database, "_prepare_sqlite", _REAL_PREPARE)
        yield


def _steps(made: database.Database, connection: Connection, before: str) -> None:
    known = _STATEMENTS.get(connection.dialect.name)
    if before:
        _REAL_STEPS(made, connection, before)
    elif known is None:
        _STATEMENTS[connection.dialect.name] = _taken(made, connection)
    elif connection.dialect.name == "sqlite":
        for statement in known:
            connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(";".join(known))


def _taken(made: database.Database, connection: Connection) -> list[str]:
    """The statements of all steps, as they are taken for the first time."""
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA")):
            statements.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    _REAL_STEPS(made, connection, "")
    sa.event.remove(connection, "before_cursor_execute", note)
    return statements


def _prepare(connection: Any, record: Any) -> None:
    _REAL_PREPARE(connection, record)
    connection.execute("PRAGMA synchronous=OFF")
