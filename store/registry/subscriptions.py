"""The book of subscriptions: what a contact wants to hear of, and how.

Tests: tests/store/registry/test_contacts_book.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import SubscriptionRecord
from store.registry.alert_tables import contacts, subscriptions
from store.registry.auditing import AuditBook
from store.registry.shelf import Book, Shelf, change, fields, insert, record

_Records = list[SubscriptionRecord]


class SubscriptionsBook(Book):
    """Number -> subscription."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def put(self, wanted: SubscriptionRecord, who: str) -> SubscriptionRecord:
        """Keep one, new when its number is 0, else changed; as it is kept now. KeyError when there
        is none of that number, or no such contact."""
        with self._database.writing() as connection:
            here = sa.select(contacts.c.id).where(contacts.c.id == wanted.contact_id)
            if connection.execute(here).scalar() is None:
                raise KeyError(f"there is no contact {wanted.contact_id}")
            before = self._known(wanted.id) if wanted.id else None
            if before == wanted:
                return wanted
            kept = wanted
            if before is None:
                number = insert(connection, subscriptions, fields(wanted, "id"))
                kept = msgspec.structs.replace(wanted, id=number)
            else:
                change(connection, subscriptions, wanted.id, fields(wanted, "id"))
            noted = fields(before) if before else {}
            self._audit.note(connection, who, "subscription put", [("", noted, fields(kept))])
        return kept

    def get(self, id: int) -> SubscriptionRecord | None:
        """One subscription; None when there is none of that number."""
        found = self._select(sa.select(subscriptions).where(subscriptions.c.id == id))
        return found[0] if found else None

    def all(self) -> _Records:
        """All subscriptions in order of number."""
        return self._select(sa.select(subscriptions).order_by(subscriptions.c.id))

    def of(self, contact_id: int) -> _Records:
        """Those of one contact, in order of number."""
        query = sa.select(subscriptions).where(subscriptions.c.contact_id == contact_id)
        return self._select(query.order_by(subscriptions.c.id))

    def remove(self, id: int, who: str) -> SubscriptionRecord:
        """Forget one; as it was. KeyError when there is none of that number."""
        with self._database.writing() as connection:
            before = self._known(id)
            connection.execute(sa.delete(subscriptions).where(subscriptions.c.id == id))
            self._audit.note(connection, who, "subscription removed", [("", fields(before), {})])
        return before

    def _known(self, id: int) -> SubscriptionRecord:
        found = self.get(id)
        if found is None:
            raise KeyError(f"there is no subscription {id}")
        return found

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [record(SubscriptionRecord, row) for row in rows]
