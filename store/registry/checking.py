"""Whether a registry is as it should be: tables, secrets, the file itself. Changes nothing.

Tests: tests/store/registry/test_registry_checking.py.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry import sealing, secret_file
from store.registry.database import Database
from store.registry.errors import RegistryUnavailable
from store.registry.migrate import HEAD, version
from store.registry.place import sqlite_file
from store.registry.tables import metadata

_MOST_SHOWN = 20


def problems(url: str, path: Path) -> list[str]:
    """One sentence for each thing that is wrong; empty when all is well. ``path``: of the key."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return [f"there is no registry yet ({file}); the daemon makes it"]
    database = Database(url)
    try:
        with database.reading() as connection:
            return [*_of_tables(connection), *_of_secrets(connection, path), *_of_file(connection)]
    except RegistryUnavailable as problem:
        return [str(problem)]
    finally:
        database.close()


def _of_tables(connection: Connection) -> list[str]:
    found = version(connection)
    if found != HEAD:
        raise RegistryUnavailable(
            f"its tables are of version {found or 'nothing'}, this hj212d wants {HEAD}: "
            "hj212d registry migrate"
        )
    inspector = sa.inspect(connection)
    wrong = []
    for table in metadata.sorted_tables:
        if not inspector.has_table(table.name):
            wrong.append(f"there is no table {table.name}")
            continue
        there = {column["name"] for column in inspector.get_columns(table.name)}
        wrong += [
            f"table {table.name} has no column {column.name}"
            for column in table.columns
            if column.name not in there
        ]
    return wrong


def _of_secrets(connection: Connection, path: Path) -> list[str]:
    wrong = sealing.unreadable(connection, path)
    key_mode = path.stat().st_mode & 0o077 if secret_file.read(path) else 0
    if key_mode:
        wrong.append(f"others can read {path}: chmod 600")
    more = len(wrong) - _MOST_SHOWN
    return [*wrong[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _of_file(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
    return [f"the file is damaged: {line}" for line in found if line != "ok"]
