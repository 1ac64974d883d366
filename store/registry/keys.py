"""The book of SM4 keys: per device, sealed at rest, in four states.

Who may promote which key when is not decided here. Tests: tests/store/registry/test_keys_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.registry.auditing import AuditBook
from store.registry.records import ACTIVE_KEYS, KeyRecord, KeyReport, KeyState
from store.registry.secrets import sm4_key_of
from store.registry.shelf import Book, Shelf, fields, record
from store.registry.tables import device_keys, devices

_AT_ONCE = 500


class KeysBook(Book):
    """MN and time of making -> key."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def of(self, mn: str) -> list[KeyRecord]:
        """All keys of a device, newest first."""
        query = (
            sa.select(device_keys)
            .where(device_keys.c.mn == mn)
            .order_by(device_keys.c.created_at.desc())
        )
        with self._database.reading() as connection:
            return [self._key(row) for row in connection.execute(query).mappings()]

    def active(self, mns: Iterable[str] | None = None) -> dict[str, list[KeyRecord]]:
        """The keys that a frame may be encrypted with: pending, current, previous, in this order,
        newest first; of some MNs or of all. MNs without any are left out."""
        found = self._in(ACTIVE_KEYS, mns)
        for keys in found.values():
            keys.sort(key=lambda key: ACTIVE_KEYS.index(key.state))
        return found

    def retired(self, mns: Iterable[str] | None = None) -> dict[str, list[KeyRecord]]:
        """The keys that old frames are encrypted with, newest first; of some MNs or of all."""
        return self._in(("retired",), mns)

    def add(self, key: KeyRecord, who: str = "") -> None:
        """Keep a new key. ValueError when it is not 16 bytes, or when the device has one that was
        made at that moment."""
        if len(key.key) != 16:
            raise ValueError(f"an SM4 key has 16 bytes, not {len(key.key)}")
        with self._database.writing() as connection:
            at = (device_keys.c.mn == key.mn, device_keys.c.created_at == key.created_at)
            if connection.execute(sa.select(device_keys.c.mn).where(*at)).first() is not None:
                raise ValueError(f"{key.mn} has a key of {key.created_at.isoformat()} already")
            sealed = self._sealing(connection).seal(key.key, sm4_key_of(key.mn))
            values = {**fields(key), "key": sealed}
            connection.execute(sa.insert(device_keys).values(**values))
            self._audit.note(connection, who, "key added", [(key.mn, {}, fields(key, "mn"))])

    def set_state(
        self,
        mn: str,
        created_at: datetime,
        state: KeyState,
        proven_at: datetime | None = None,
        why: str = "",
        who: str = "",
    ) -> None:
        """Change the state of a key; KeyError when there is none. ``proven_at``: None leaves what
        is known."""
        at = (device_keys.c.mn == mn, device_keys.c.created_at == created_at)
        after: dict[str, Any] = {"state": state, "why": why}
        if proven_at is not None:
            after["proven_at"] = proven_at
        with self._database.writing() as connection:
            before = connection.execute(sa.select(device_keys).where(*at)).mappings().first()
            if before is None:
                raise KeyError(f"{mn} has no key of {created_at.isoformat()}")
            connection.execute(sa.update(device_keys).where(*at).values(**after))
            self._audit.note(
                connection, who, "key state", [(mn, {name: before[name] for name in after}, after)]
            )

    def report(self) -> list[KeyReport]:
        """Each device that is registered or has a key, in order of MN."""
        with self._database.reading() as connection:
            named = {
                row["mn"]: row
                for row in connection.execute(
                    sa.select(devices.c.mn, devices.c.name, devices.c.version, devices.c.encrypt)
                ).mappings()
            }
            newest: dict[str, dict[str, Any]] = {}
            query = sa.select(
                device_keys.c.mn,
                device_keys.c.state,
                device_keys.c.created_at,
                device_keys.c.proven_at,
            ).order_by(device_keys.c.created_at)
            for row in connection.execute(query).mappings():
                newest.setdefault(row["mn"], {})[row["state"]] = row
        return [_report(mn, named.get(mn), newest.get(mn, {})) for mn in sorted({*named, *newest})]

    def _in(self, states: Iterable[str], mns: Iterable[str] | None) -> dict[str, list[KeyRecord]]:
        """The keys in some states, newest first, by MN."""
        query = sa.select(device_keys).where(device_keys.c.state.in_(tuple(states)))
        found: dict[str, list[KeyRecord]] = {}
        with self._database.reading() as connection:
            for part in [query] if mns is None else _of(query, list(mns)):
                for row in connection.execute(part).mappings():
                    found.setdefault(row["mn"], []).append(self._key(row))
        for keys in found.values():
            keys.sort(key=lambda key: key.created_at, reverse=True)
        return found

    def _key(self, row: Any) -> KeyRecord:
        return record(KeyRecord, row, key=self._open(row["key"], sm4_key_of(row["mn"])))


def _of(query: sa.Select[Any], mns: list[str]) -> Iterable[sa.Select[Any]]:
    for start in range(0, len(mns), _AT_ONCE):
        yield query.where(device_keys.c.mn.in_(mns[start : start + _AT_ONCE]))


def _report(mn: str, device: Any, keys: dict[str, Any]) -> KeyReport:
    current = keys.get("current")
    return KeyReport(
        mn,
        device["name"] if device else "",
        device["version"] if device else "",
        device["encrypt"] if device else "auto",
        current["created_at"] if current else None,
        current["proven_at"] if current else None,
        keys["pending"]["created_at"] if "pending" in keys else None,
        keys["previous"]["created_at"] if "previous" in keys else None,
    )
