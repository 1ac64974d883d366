"""The book of exceptional events: dust and others, proposed by somebody, decided by somebody.

Never removed: statistics were made with and without them.
Tests: tests/store/registry/test_decision_books.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from store.registry.auditing import AuditBook
from store.registry.decisions import EventRecord
from store.registry.shelf import Book, Shelf, change, fields, insert, record
from store.registry.tables import events

_Records = list[EventRecord]


class EventsBook(Book):
    """Number -> event."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def add(self, event: EventRecord, who: str) -> EventRecord:
        """Keep one as a proposal; as it is kept."""
        with self._database.writing() as connection:
            new = msgspec.structs.replace(
                event, state="proposed", who=who, at=self._now(), decided_by="", decided_at=None
            )
            number = insert(connection, events, fields(new, "id"))
            kept = msgspec.structs.replace(new, id=number)
            self._audit.note(connection, who, "event proposed", [("", {}, _noted(kept))])
        return kept

    def decide(self, id: int, state: Literal["approved", "rejected"], who: str) -> EventRecord:
        """Approve or reject one, also if that was decided otherwise before; as it is kept now.
        KeyError when there is none of that number."""
        with self._database.writing() as connection:
            before = self.get(id)
            if before is None:
                raise KeyError(f"there is no event {id}")
            if before.state == state:
                return before
            values = {"state": state, "decided_by": who, "decided_at": self._now()}
            change(connection, events, id, values)
            kept = msgspec.structs.replace(before, **values)
            self._audit.note(
                connection, who, f"event {state}", [("", _noted(before), _noted(kept))]
            )
        return kept

    def get(self, id: int) -> EventRecord | None:
        """One event; None when there is none of that number."""
        found = self._select(sa.select(events).where(events.c.id == id))
        return found[0] if found else None

    def list(
        self,
        state: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = None,
    ) -> _Records:
        """Events of one state or all that touch the time from ``start`` to ``end``, in the order
        of their beginning."""
        query = sa.select(events).order_by(events.c.start, events.c.id).limit(limit)
        if state is not None:
            query = query.where(events.c.state == state)
        if start is not None:
            query = query.where(events.c.end > start)
        if end is not None:
            query = query.where(events.c.start < end)
        return self._select(query)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(EventRecord, row) for row in connection.execute(query).mappings()]


def _noted(event: EventRecord) -> dict[str, Any]:
    return fields(event, "who", "at", "decided_at")
