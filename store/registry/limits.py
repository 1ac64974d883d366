"""The book of limits of single outlets and sites. National limits are not here.

What is removed stands in the audit. Tests: tests/store/registry/test_decision_books.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.auditing import AuditBook
from store.registry.decisions import LimitRecord
from store.registry.shelf import Book, Shelf, fields, insert, record
from store.registry.tables import limits

_Records = list[LimitRecord]


class LimitsBook(Book):
    """Number -> limit."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def add(self, limit: LimitRecord, who: str) -> LimitRecord:
        """Keep one; as it is kept."""
        return self.add_all([limit], who)[0]

    def add_all(self, wanted: Iterable[LimitRecord], who: str) -> _Records:
        """Keep many, all or none; one that stands already as it is wanted is not kept twice."""
        with self._database.writing() as connection:
            standing = {_what(one): one for one in self.list()}
            now = self._now()
            kept, new = [], []
            for limit in wanted:
                there = standing.get(_what(limit))
                if there is None:
                    made = msgspec.structs.replace(limit, who=who, at=now)
                    number = insert(connection, limits, fields(made, "id"))
                    there = msgspec.structs.replace(made, id=number)
                    standing[_what(limit)] = there
                    new.append(there)
                kept.append(there)
            self._audit.note(
                connection, who, "limit added", ((one.mn, {}, _noted(one)) for one in new)
            )
        return kept

    def remove(self, id: int, who: str) -> LimitRecord:
        """Forget one; as it was. KeyError when there is none of that number."""
        with self._database.writing() as connection:
            limit = self.get(id)
            if limit is None:
                raise KeyError(f"there is no limit {id}")
            connection.execute(sa.delete(limits).where(limits.c.id == id))
            self._audit.note(connection, who, "limit removed", [(limit.mn, _noted(limit), {})])
        return limit

    def get(self, id: int) -> LimitRecord | None:
        """One limit; None when there is none of that number."""
        found = self._select(sa.select(limits).where(limits.c.id == id))
        return found[0] if found else None

    def list(self, mn: str | None = None, factor: str | None = None) -> _Records:
        """Limits of one MN or factor or of all, in order of MN, factor and number."""
        query = sa.select(limits).order_by(limits.c.mn, limits.c.factor, limits.c.id)
        if mn is not None:
            query = query.where(limits.c.mn == mn)
        if factor is not None:
            query = query.where(limits.c.factor == factor)
        return self._select(query)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(LimitRecord, row) for row in connection.execute(query).mappings()]


def _what(limit: LimitRecord) -> tuple[Any, ...]:
    return tuple(fields(limit, "id", "who", "at").values())


def _noted(limit: LimitRecord) -> dict[str, Any]:
    return fields(limit, "mn", "who", "at")
