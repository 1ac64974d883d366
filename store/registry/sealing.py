"""Which key the secrets of a registry are sealed with, and the exchange of that key.

The registry keeps the id of its key in its own row, so a wrong or lost key file is told at once,
and a new key is never made over secrets that it cannot open.
Tests: tests/store/registry/test_sealing.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry import secret_file, tables
from store.registry.database import Database
from store.registry.errors import RegistryUnavailable
from store.registry.secrets import SecretBox, key_id
from store.registry.shelf import Shelf

# What is sealed, and what each secret is about (see the books).
_SEALED: tuple[tuple[sa.Table, str, Callable[[str], str]], ...] = (
    (tables.devices, "password", lambda mn: f"password of {mn}"),
    (tables.device_keys, "key", lambda mn: f"SM4 key of {mn}"),
    (tables.commands, "raw", lambda _: "frame of a command"),
    (tables.commands, "secret_args", lambda _: "arguments of a command"),
)
_THE_ROW = 1


def box(database: Database, path: Path, now: Callable[[], datetime]) -> SecretBox:
    """The box of the registry, with the key in the file ``path``. RegistryUnavailable when that
    is not the key, or is not there although there are secrets."""
    key = secret_file.read(path)
    with database.writing() as connection:
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
    raise NotImplementedError


def _key_id(connection: Connection) -> bytes | None:
    found: bytes | None = connection.execute(sa.select(tables.sealing.c.key_id)).scalar()
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
