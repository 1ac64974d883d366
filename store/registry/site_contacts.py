"""The book of those who answer for a station or a region.

Tests: tests/store/registry/test_contacts_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import SiteContactRecord
from store.registry.alert_tables import contacts, site_contacts
from store.registry.auditing import AuditBook
from store.registry.bulk import pieces
from store.registry.shelf import Book, Shelf, fields, insert, record

_Records = list[SiteContactRecord]
_IN_ORDER = (site_contacts.c.place, site_contacts.c.id)


class SiteContactsBook(Book):
    """Number -> who answers for a place in which role; one stands once."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def put(self, wanted: SiteContactRecord, who: str) -> SiteContactRecord:
        """Keep one; as it is kept. KeyError when there is no such contact."""
        with self._database.writing() as connection:
            here = sa.select(contacts.c.id).where(contacts.c.id == wanted.contact_id)
            if connection.execute(here).scalar() is None:
                raise KeyError(f"there is no contact {wanted.contact_id}")
            for there in self.of_places([wanted.place]):
                if msgspec.structs.replace(there, id=wanted.id) == wanted:
                    return there
            number = insert(connection, site_contacts, fields(wanted, "id"))
            kept = msgspec.structs.replace(wanted, id=number)
            self._audit.note(connection, who, "site contact put", [(_mn(kept), {}, fields(kept))])
        return kept

    def all(self) -> _Records:
        """All, in order of place."""
        return self._select(sa.select(site_contacts).order_by(*_IN_ORDER))

    def of_places(self, places: Iterable[str]) -> _Records:
        """Those of some places, in order of place."""
        found: _Records = []
        for some in pieces(sorted(set(places))):
            query = sa.select(site_contacts).where(site_contacts.c.place.in_(some))
            found += self._select(query.order_by(*_IN_ORDER))
        return found

    def of_contact(self, contact_id: int) -> _Records:
        """What one contact answers for, in order of place."""
        query = sa.select(site_contacts).where(site_contacts.c.contact_id == contact_id)
        return self._select(query.order_by(*_IN_ORDER))

    def remove(self, id: int, who: str) -> SiteContactRecord:
        """Forget one; as it was. KeyError when there is none of that number."""
        with self._database.writing() as connection:
            found = self._select(sa.select(site_contacts).where(site_contacts.c.id == id))
            if not found:
                raise KeyError(f"there is no contact of a place of number {id}")
            (before,) = found
            connection.execute(sa.delete(site_contacts).where(site_contacts.c.id == id))
            self._audit.note(
                connection, who, "site contact removed", [(_mn(before), fields(before), {})]
            )
        return before

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [record(SiteContactRecord, row) for row in rows]


def _mn(one: SiteContactRecord) -> str:
    return one.place.removeprefix("mn:") if one.place.startswith("mn:") else ""
