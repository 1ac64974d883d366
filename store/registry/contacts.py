"""The book of contacts: people who can be told, with their addresses sealed.

In the audit stand the channels that somebody has, never an address.
Tests: tests/store/registry/test_contacts_book.py.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.alert_records import ContactRecord
from store.registry.alert_tables import contacts, outbox
from store.registry.auditing import AuditBook
from store.registry.secrets import ways_of
from store.registry.shelf import Book, Shelf, change, fields, insert, record

_Records = list[ContactRecord]


class ContactsBook(Book):
    """Number -> contact."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def put(self, contact: ContactRecord, who: str) -> ContactRecord:
        """Keep one, new when its number is 0, else changed; as it is kept now. One that is so
        already is not touched. KeyError when there is none of that number."""
        with self._database.writing() as connection:
            before = self._known(contact.id) if contact.id else None
            kept = msgspec.structs.replace(contact, changed_at=self._now())
            if before is not None and _noted(before) == _noted(kept):
                return before
            values = {**fields(kept, "id"), "ways": b""}
            if before is None:  # its secrets are bound to its number
                number = insert(connection, contacts, values)
                kept = msgspec.structs.replace(kept, id=number)
            values["ways"] = self._sealed(connection, kept)
            change(connection, contacts, kept.id, values)
            noted = _noted(before) if before else {}
            self._audit.note(connection, who, "contact put", [("", noted, _noted(kept))])
        return kept

    def get(self, id: int) -> ContactRecord | None:
        """One contact; None when there is none of that number."""
        found = self._select(sa.select(contacts).where(contacts.c.id == id))
        return found[0] if found else None

    def all(self) -> _Records:
        """All contacts in order of number."""
        return self._select(sa.select(contacts).order_by(contacts.c.id))

    def some(self, ids: Collection[int]) -> dict[int, ContactRecord]:
        """Those of some numbers that are kept."""
        found = self._select(sa.select(contacts).where(contacts.c.id.in_(list(ids))))
        return {one.id: one for one in found}

    def remove(self, id: int, who: str) -> ContactRecord:
        """Forget one, with subscriptions and stations; what waits for them is not sent. As it
        was; KeyError when there is none of that number."""
        with self._database.writing() as connection:
            before = self._known(id)
            connection.execute(sa.delete(contacts).where(contacts.c.id == id))
            waiting = sa.update(outbox).where(
                outbox.c.contact_id == id, outbox.c.state == "waiting"
            )
            why = "the contact was removed"
            connection.execute(waiting.values(state="withheld", error=why, settled_at=self._now()))
            self._audit.note(connection, who, "contact removed", [("", _noted(before), {})])
        return before

    def _known(self, id: int) -> ContactRecord:
        found = self.get(id)
        if found is None:
            raise KeyError(f"there is no contact {id}")
        return found

    def _sealed(self, connection: Connection, contact: ContactRecord) -> bytes:
        if not contact.ways:
            return b""
        ways = msgspec.json.encode(contact.ways)
        return self._sealing(connection).seal(ways, ways_of(contact.id))

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [self._contact(row) for row in connection.execute(query).mappings()]

    def _contact(self, row: Any) -> ContactRecord:
        ways = self._open(row["ways"], ways_of(row["id"]))
        return record(ContactRecord, row, ways=msgspec.json.decode(ways) if ways else {})


def _noted(contact: ContactRecord) -> dict[str, Any]:
    return {**fields(contact, "changed_at"), "channels": sorted(contact.ways)}
