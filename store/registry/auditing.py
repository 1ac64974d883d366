"""The audit table: who changed what; written in the transaction of the change itself.

Tests: tests/store/registry/test_devices_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.records import AuditRecord
from store.registry.shelf import Book, record
from store.registry.tables import audit

_SECRET = frozenset({"password", "key", "keys", "ways"})
_HIDDEN = "***"
_OVERLAP = 200

Change = tuple[str, Mapping[str, Any], Mapping[str, Any]]  # mn, before, after


class AuditBook(Book):
    """Notes of changes, newest first when read."""

    def note(self, connection: Connection, who: str, what: str, changes: Iterable[Change]) -> None:
        """Note changes; a field that did not change is left out."""
        at = self._now()
        rows = []
        for mn, before, after in changes:
            names = [
                name
                for name in {**before, **after}
                if before.get(name, _HIDDEN) != after.get(name, _HIDDEN)
            ]
            rows.append(
                {
                    "at": at,
                    "who": who,
                    "what": what,
                    "mn": mn,
                    "before": _shown(before, names),
                    "after": _shown(after, names),
                }
            )
        if rows:
            connection.execute(sa.insert(audit), rows)
            self._shelf.touched.update(str(row["mn"]) for row in rows if row["mn"])

    def last(self) -> int:
        """The number of the last note; 0: there is none."""
        with self._database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(audit.c.id))).scalar() or 0)

    def touched_since(self, number: int) -> tuple[set[str], int]:
        """The MNs of which something was noted behind a number, whoever did, and the last number.

        On PostgreSQL a note may become visible after one of a larger number, so some of those
        before are told again.
        """
        last = self.last()
        if last == number:
            return set(), last
        query = sa.select(audit.c.mn).where(audit.c.id > number - _OVERLAP)
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars()) - {""}, last

    def find(
        self, mn: str | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[AuditRecord]:
        """What was noted, of one MN or of all."""
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if mn is not None:
            query = query.where(audit.c.mn == mn)
        if before_id is not None:
            query = query.where(audit.c.id < before_id)
        with self._database.reading() as connection:
            return [record(AuditRecord, row) for row in connection.execute(query).mappings()]


def _shown(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Some fields as JSON has them, secrets hidden."""
    shown = {
        name: _HIDDEN if name in _SECRET and values[name] else values[name]
        for name in names
        if name in values
    }
    built: dict[str, Any] = msgspec.to_builtins(shown)
    return built
