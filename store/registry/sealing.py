"""Which key the secrets of a registry are sealed with, and the exchange of that key.

The registry keeps the id of its key in its own row, so a wrong or lost key file is told at once,
and a new key is never made over secrets that it cannot open.
Tests: tests/store/registry/test_sealing.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry import alert_tables, secret_file, tables
from store.registry.database import Database
from store.registry.errors import RegistryUnavailable
from store.registry.secrets import (
    ARGUMENTS,
    FRAME,
    KEY_BYTES,
    SecretBox,
    key_id,
    password_of,
    sm4_key_of,
    ways_of,
)
from store.registry.shelf import Shelf

# What is sealed, of whom, and what each secret is about.
_SEALED: tuple[tuple[sa.Table, str, str, Callable[[Any], str]], ...] = (
    (tables.devices, "password", "mn", password_of),
    (tables.device_keys, "key", "mn", sm4_key_of),
    (tables.commands, "raw", "mn", lambda _: FRAME),
    (tables.commands, "secret_args", "mn", lambda _: ARGUMENTS),
    (alert_tables.contacts, "ways", "id", ways_of),
)
_THE_ROW = 1


def box(database: Database, path: Path, now: Callable[[], datetime]) -> SecretBox:
    """The box of the registry, with the key in the file ``path``. RegistryUnavailable when that
    is not the key, or is not there although there are secrets."""
    with database.writing_alone() as connection:
        key = secret_file.read(path)
        wanted = _key_id(connection)
        if wanted is None:
            key = key or secret_file.make(path)
            row = {"id": _THE_ROW, "key_id": key_id(key), "since": now()}
            connection.execute(sa.insert(tables.sealing).values(**row))
            return SecretBox(key)
    return SecretBox(_matching(path, key, wanted))


def exchange(shelf: Shelf, path: Path) -> int:
    """Seal all secrets with a new key, which takes the place of the old one; how many there were.

    The new key is on the disk beside the old one before the transaction, and takes its place
    after it: killed in between, the next start finds the one that the registry names.
    """
    key = os.urandom(KEY_BYTES)
    box = shelf.box.with_new(key)
    try:
        secret_file.write(secret_file.new_place(path), key)
        with shelf.database.writing() as connection:
            if _key_id(connection, lock=True) != shelf.box.id:
                raise RegistryUnavailable("another process has exchanged the registry's key")
            count = sum(_seal_anew(connection, box, *what) for what in _SEALED)
            row = {"key_id": box.id, "since": shelf.now()}
            connection.execute(sa.update(tables.sealing).values(**row))
        shelf.box = box
        secret_file.take_over(path)
    except OSError as problem:
        raise RegistryUnavailable(
            f"the registry's new key {path} cannot be written: {problem.strerror}"
        ) from problem
    return count


def unreadable(connection: Connection, path: Path) -> list[str]:
    """Which secrets do not open with the key in ``path``, a sentence each. RegistryUnavailable
    when that is not the key."""
    wanted = _key_id(connection)
    if wanted is None:
        return []
    box = SecretBox(_matching(path, secret_file.read(path), wanted))
    wrong = []
    for table, name, whose, about in _SEALED:
        sealed = table.c[name]
        query = sa.select(table.c[whose], sealed).where(sealed != b"")
        for owner, secret in connection.execute(query):
            try:
                box.open(secret, about(owner))
            except RegistryUnavailable as problem:
                wrong.append(f"{table.name}, {owner}: {problem}")
    return wrong


def _seal_anew(
    connection: Connection,
    box: SecretBox,
    table: sa.Table,
    name: str,
    whose: str,
    about: Callable[[Any], str],
) -> int:
    """Seal one column with the first key of the box; how many secrets there were."""
    sealed = table.c[name]
    place = list(table.primary_key.columns)
    query = sa.select(*place, table.c[whose].label("_of"), sealed.label("_old")).where(
        sealed != b""
    )
    rows = [
        {
            **{f"_{column.name}": row[column.name] for column in place},
            name: box.seal(box.open(row["_old"], about(row["_of"])), about(row["_of"])),
        }
        for row in connection.execute(query).mappings()
    ]
    if rows:
        here = (column == sa.bindparam(f"_{column.name}", type_=column.type) for column in place)
        statement = sa.update(table).where(*here).values({name: sa.bindparam(name)})
        connection.execute(statement, rows)
    return len(rows)


def _key_id(connection: Connection, *, lock: bool = False) -> bytes | None:
    query = sa.select(tables.sealing.c.key_id)
    found: bytes | None = connection.execute(query.with_for_update() if lock else query).scalar()
    return found


def _matching(path: Path, key: bytes | None, wanted: bytes) -> bytes:
    if key is not None and key_id(key) == wanted:
        return key
    beside = secret_file.new_place(path)
    new = secret_file.read(beside)
    if new is not None and key_id(new) == wanted:
        secret_file.take_over(path)
        return new
    if key is None:
        raise RegistryUnavailable(
            f"the registry's key {path} is missing: its secrets are sealed with key "
            f"{wanted.hex()}; put that file back"
        )
    raise RegistryUnavailable(
        f"{path} is not the key of this registry: it is key {key_id(key).hex()}, the secrets are "
        f"sealed with {wanted.hex()}"
    )
