"""The book of maintenance windows, in which alarms open no incident.

When a window that comes again holds is not said here. Windows are never removed, only cancelled.
Tests: tests/store/registry/test_plans_book.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import MaintenanceRecord
from store.registry.alert_tables import maintenance
from store.registry.auditing import AuditBook
from store.registry.shelf import Book, Shelf, change, fields, insert, record

_Records = list[MaintenanceRecord]


class MaintenanceBook(Book):
    """Number -> window."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def add(self, window: MaintenanceRecord, who: str) -> MaintenanceRecord:
        """Keep one; as it is kept. ValueError when it ends before it begins, or is about
        everything."""
        if window.end <= window.start:
            raise ValueError(f"a window ends after it begins: {window.start} to {window.end}")
        if not (window.mns or window.regions or window.kinds):
            raise ValueError("a window names stations, regions or kinds of alarms")
        with self._database.writing() as connection:
            new = msgspec.structs.replace(
                window, who=who, at=self._now(), cancelled_by="", cancelled_at=None
            )
            number = insert(connection, maintenance, fields(new, "id"))
            kept = msgspec.structs.replace(new, id=number)
            self._audit.note(connection, who, "maintenance added", [("", {}, _noted(kept))])
        return kept

    def cancel(self, id: int, who: str) -> MaintenanceRecord:
        """Let a window hold no more; one that is cancelled already stays as it is. KeyError when
        there is none of that number."""
        with self._database.writing() as connection:
            before = self.get(id)
            if before is None:
                raise KeyError(f"there is no maintenance {id}")
            if before.cancelled_at is not None:
                return before
            values = {"cancelled_by": who, "cancelled_at": self._now()}
            change(connection, maintenance, id, values)
            kept = msgspec.structs.replace(before, **values)
            what = "maintenance cancelled"
            self._audit.note(connection, who, what, [("", _noted(before), _noted(kept))])
        return kept

    def get(self, id: int) -> MaintenanceRecord | None:
        """One window; None when there is none of that number."""
        found = self._select(sa.select(maintenance).where(maintenance.c.id == id))
        return found[0] if found else None

    def active(self, now: datetime) -> _Records:
        """Windows that may hold now: those of once that do, and those that come again and have
        begun for the first time."""
        once = sa.and_(maintenance.c.every == "", maintenance.c.end > now)
        query = (
            sa.select(maintenance)
            .where(sa.or_(once, maintenance.c.every != ""))
            .where(maintenance.c.start <= now, maintenance.c.cancelled_at.is_(None))
        )
        return self._select(query.order_by(maintenance.c.id))

    def list(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        cancelled: bool | None = None,
        limit: int | None = 100,
    ) -> _Records:
        """Windows that touch the time from ``start`` to ``end``, newest first; those that come
        again have no end. ``cancelled``: True those that were, False those that hold, None
        both."""
        query = sa.select(maintenance).order_by(maintenance.c.id.desc()).limit(limit)
        if start is not None:
            query = query.where(sa.or_(maintenance.c.every != "", maintenance.c.end > start))
        if end is not None:
            query = query.where(maintenance.c.start < end)
        if cancelled is not None:
            gone = maintenance.c.cancelled_at
            query = query.where(gone.is_not(None) if cancelled else gone.is_(None))
        return self._select(query)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [record(MaintenanceRecord, row) for row in rows]


def _noted(window: MaintenanceRecord) -> dict[str, Any]:
    return fields(window, "who", "at", "cancelled_at")
