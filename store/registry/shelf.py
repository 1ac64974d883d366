"""What every book of the registry stands on: database, secrets, clock; rows become records here.

Tests: tests/store/registry/test_commands_book.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.database import Database
from store.registry.errors import RegistryUnavailable
from store.registry.secrets import SecretBox
from store.registry.tables import sealing

T = TypeVar("T", bound=msgspec.Struct)


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Shelf:
    """Shared by all books of one registry. ``box`` is exchanged when the secret is; ``touched``
    are the MNs of which a device or a key changed since somebody asked."""

    def __init__(self, database: Database, box: SecretBox, now: Callable[[], datetime]) -> None:
        self.database = database
        self.box = box
        self.now = now
        self.touched: set[str] = set()


class Book:
    """One book."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._database = shelf.database

    def _now(self) -> datetime:
        return self._shelf.now()

    def _sealing(self, connection: Connection) -> SecretBox:
        """The box to seal with in this transaction. RegistryUnavailable when another process has
        exchanged the key meanwhile; it cannot do so until the transaction ends."""
        box = self._shelf.box
        query = sa.select(sealing.c.key_id).with_for_update(read=True)
        if connection.execute(query).scalar() != box.id:
            raise RegistryUnavailable("another process has exchanged the registry's key")
        return box

    def _open(self, sealed: bytes, about: str) -> bytes:
        return self._shelf.box.open(sealed, about)


def fields(record: msgspec.Struct, *but: str) -> dict[str, Any]:
    """The fields of a record by name, those in ``but`` left out."""
    return {name: getattr(record, name) for name in record.__struct_fields__ if name not in but}


def record(kind: type[T], row: Any, **instead: Any) -> T:
    """The record of a row; columns that are no field are left out, ``instead`` goes first."""
    return kind(
        **{
            name: instead[name] if name in instead else row[name]
            for name in kind.__struct_fields__
        }
    )


def insert(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """Insert one row; its number."""
    result = connection.execute(sa.insert(table).values(**values))
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def change(
    connection: Connection, table: sa.Table, number: int, values: Mapping[str, Any]
) -> None:
    """Change some columns of one row; KeyError when there is none of that number."""
    if not values:
        return
    statement = sa.update(table).where(table.c.id == number).values(**values)
    if connection.execute(statement).rowcount == 0:
        raise KeyError(f"{table.name} has no number {number}")


def lock(connection: Connection, table: sa.Table) -> None:
    """Be the only one that writes to a table until the transaction ends; SQLite's writers always
    are. For numbers that have to be seen in their order."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))
