"""The book of bulletins: what was published, version by version. Nothing is changed or forgotten.

Tests: tests/store/registry/test_decision_books.py.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.decisions import BulletinRecord
from store.registry.shelf import Book, fields, insert, lock, record
from store.registry.tables import bulletins

_Records = list[BulletinRecord]


class BulletinsBook(Book):
    """Kind, place, start of the period and version -> bulletin."""

    def publish(self, bulletin: BulletinRecord) -> BulletinRecord | None:
        """Keep what is published as the next version of its kind, place and period, a correction
        unless it is the first; None when the newest version says the same: its digest is the
        same. The digest is made of the content where none is given."""
        digest = bulletin.digest or hashlib.sha256(bulletin.content.encode()).hexdigest()
        with self._database.writing() as connection:
            lock(connection, bulletins)
            newest = self.newest(bulletin.kind, bulletin.place, bulletin.start)
            if newest is not None and newest.digest == digest:
                return None
            new = msgspec.structs.replace(
                bulletin,
                version=newest.version + 1 if newest else 1,
                correction=newest is not None,
                digest=digest,
                published_at=bulletin.published_at or self._now(),
            )
            number = insert(connection, bulletins, fields(new, "id"))
        return msgspec.structs.replace(new, id=number)

    def newest(self, kind: str, place: str, start: datetime) -> BulletinRecord | None:
        """The version that counts; None when nothing was published."""
        query = sa.select(bulletins).where(
            bulletins.c.kind == kind, bulletins.c.place == place, bulletins.c.start == start
        )
        found = self._select(query.order_by(bulletins.c.version.desc()).limit(1))
        return found[0] if found else None

    def get(self, id: int) -> BulletinRecord | None:
        """One bulletin; None when there is none of that number."""
        found = self._select(sa.select(bulletins).where(bulletins.c.id == id))
        return found[0] if found else None

    def list(
        self,
        kind: str | None = None,
        place: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        newest_only: bool = False,
        limit: int = 1000,
        before_id: int | None = None,
    ) -> _Records:
        """Bulletins whose period begins from ``start`` to ``end``, that not included, the last
        one first; ``newest_only``: of each period the version that counts."""
        query = sa.select(bulletins).order_by(bulletins.c.id.desc()).limit(limit)
        wanted = {"kind": kind, "place": place}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(bulletins.c[name] == value)
        if start is not None:
            query = query.where(bulletins.c.start >= start)
        if end is not None:
            query = query.where(bulletins.c.start < end)
        if before_id is not None:
            query = query.where(bulletins.c.id < before_id)
        if newest_only:
            later = bulletins.alias("later")
            query = query.where(
                ~sa.exists().where(
                    later.c.kind == bulletins.c.kind,
                    later.c.place == bulletins.c.place,
                    later.c.start == bulletins.c.start,
                    later.c.version > bulletins.c.version,
                )
            )
        return self._select(query)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(BulletinRecord, row) for row in connection.execute(query).mappings()]
