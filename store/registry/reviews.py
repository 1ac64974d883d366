"""The book of reviews: marks of people on readings, and the order in which they changed.

Marks are never removed, only revoked, and never forgotten: published numbers rest on them.
Tests: tests/store/registry/test_reviews_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.auditing import AuditBook
from store.registry.decisions import ReviewRecord
from store.registry.shelf import Book, Shelf, fields, lock, record
from store.registry.tables import reviews

_Records = list[ReviewRecord]


class ReviewsBook(Book):
    """Number -> mark."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def add(self, mark: ReviewRecord, who: str) -> ReviewRecord:
        """Keep one mark; as it is kept."""
        return self.add_all([mark], who)[0]

    def add_all(self, marks: Iterable[ReviewRecord], who: str) -> _Records:
        """Keep many, all or none, in their order; ValueError when one ends before it begins."""
        with self._database.writing() as connection:
            lock(connection, reviews)
            last, now = _last(connection), self._now()
            new = []
            for change, mark in enumerate(marks, last + 1):
                if mark.end <= mark.start:
                    raise ValueError(f"a mark ends after it begins: {mark.start} to {mark.end}")
                new.append(
                    msgspec.structs.replace(
                        mark, who=who, at=now, revoked_by="", revoked_at=None, change=change
                    )
                )
            if new:  # all at once, then their numbers: by the change they are known
                connection.execute(sa.insert(reviews), [fields(mark, "id") for mark in new])
            ids = sa.select(reviews.c.change, reviews.c.id).where(reviews.c.change > last)
            numbers = {made.change: made.id for made in connection.execute(ids)}
            kept = [msgspec.structs.replace(mark, id=numbers[mark.change]) for mark in new]
            self._audit.note(
                connection, who, "review added", ((mark.mn, {}, _noted(mark)) for mark in kept)
            )
        return kept

    def revoke(self, id: int, who: str) -> ReviewRecord:
        """Let a mark count no more; one that is revoked already stays as it is. KeyError when
        there is none of that number."""
        with self._database.writing() as connection:
            lock(connection, reviews)
            found = connection.execute(sa.select(reviews).where(reviews.c.id == id)).mappings()
            row = found.one_or_none()
            if row is None:
                raise KeyError(f"there is no review {id}")
            mark = record(ReviewRecord, row)
            if mark.revoked_at is not None:
                return mark
            new = msgspec.structs.replace(
                mark, revoked_by=who, revoked_at=self._now(), change=_last(connection) + 1
            )
            connection.execute(
                sa.update(reviews)
                .where(reviews.c.id == id)
                .values(revoked_by=new.revoked_by, revoked_at=new.revoked_at, change=new.change)
            )
            self._audit.note(
                connection, who, "review revoked", [(mark.mn, _noted(mark), _noted(new))]
            )
        return new

    def get(self, id: int) -> ReviewRecord | None:
        """One mark; None when there is none of that number."""
        found = self._select(sa.select(reviews).where(reviews.c.id == id))
        return found[0] if found else None

    def find(
        self,
        mn: str | Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        active: bool | None = True,
        limit: int | None = None,
    ) -> _Records:
        """Marks that touch the time from ``start`` to ``end``, in the order they were made;
        ``active``: True those that count, False those that were revoked, None both."""
        query = sa.select(reviews).order_by(reviews.c.id).limit(limit)
        if isinstance(mn, str):
            query = query.where(reviews.c.mn == mn)
        elif mn is not None:
            query = query.where(reviews.c.mn.in_(list(mn)))
        if start is not None:
            query = query.where(reviews.c.end > start)
        if end is not None:
            query = query.where(reviews.c.start < end)
        if active is not None:
            gone = reviews.c.revoked_at
            query = query.where(gone.is_(None) if active else gone.is_not(None))
        return self._select(query)

    def since(self, change: int, limit: int = 10_000) -> _Records:
        """Marks that were made or revoked behind a change, each as it is now, in order of change:
        whoever goes on behind the last one's ``change`` misses none."""
        query = sa.select(reviews).where(reviews.c.change > change)
        return self._select(query.order_by(reviews.c.change).limit(limit))

    def last_change(self) -> int:
        """The number of the last change; 0: there is none."""
        with self._database.reading() as connection:
            return _last(connection)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(ReviewRecord, row) for row in connection.execute(query).mappings()]


def _last(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.max(reviews.c.change))).scalar() or 0)


def _noted(mark: ReviewRecord) -> dict[str, Any]:
    return fields(mark, "mn", "who", "at", "change")
