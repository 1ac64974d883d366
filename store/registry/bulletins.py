"""The book of bulletins: what was published, version by version. Nothing is changed or forgotten.

Tests: tests/store/registry/test_decision_books.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.decisions import BulletinRecord
from store.registry.shelf import Book, fields, insert, lock, record
from store.registry.tables import bulletins

_Records = list[BulletinRecord]


class Published(NamedTuple):
    """How many bulletins were the first of their period, and how many corrected one."""

    first: int = 0
    corrections: int = 0

    def plus(self, other: Published) -> Published:
        """Both together."""
        return Published(self.first + other.first, self.corrections + other.corrections)


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

    def publish_all(self, records: Sequence[BulletinRecord]) -> Published:
        """The same for many, in one transaction; all with their digests, a period once."""
        first = corrections = 0
        with self._database.writing() as connection:
            lock(connection, bulletins)
            rows = []
            for kind in sorted({one.kind for one in records}):
                some = [one for one in records if one.kind == kind]
                stand = self._standing(connection, kind, some)
                for one in some:
                    version, digest = stand.get((one.place, one.start), (0, ""))
                    if one.digest == digest:
                        continue
                    first, corrections = first + (version == 0), corrections + (version > 0)
                    new = msgspec.structs.replace(
                        one,
                        version=version + 1,
                        correction=version > 0,
                        published_at=one.published_at or self._now(),
                    )
                    rows.append(fields(new, "id"))
            if rows:
                connection.execute(sa.insert(bulletins), rows)
        return Published(first, corrections)

    def digests(
        self, kind: str, start: datetime, end: datetime
    ) -> dict[tuple[str, datetime], str]:
        """Place and start -> digest of the version that counts, of the periods that begin from
        ``start`` to before ``end``."""
        query = (
            sa.select(bulletins.c.place, bulletins.c.start, bulletins.c.digest)
            .where(bulletins.c.kind == kind)
            .where(bulletins.c.start >= start, bulletins.c.start < end)
            .order_by(bulletins.c.version)
        )
        with self._database.reading() as connection:
            return {(place, begun): digest for place, begun, digest in connection.execute(query)}

    def first_starts(self, kind: str, places: Sequence[str]) -> dict[str, datetime]:
        """Place -> the earliest period that was published of it; without those of which none
        was."""
        # One look into the index each: a grouped query would read all that was ever published.
        query = sa.select(sa.func.min(bulletins.c.start)).where(
            bulletins.c.kind == kind, bulletins.c.place == sa.bindparam("asked")
        )
        with self._database.reading() as connection:
            found = {
                place: connection.execute(query, {"asked": place}).scalar() for place in places
            }
        return {place: start for place, start in found.items() if start is not None}

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

    def _standing(
        self, connection: Connection, kind: str, some: Sequence[BulletinRecord]
    ) -> dict[tuple[str, datetime], tuple[int, str]]:
        """Newest version and digest by place and start."""
        columns = bulletins.c
        starts = [one.start for one in some]
        query = (
            sa.select(columns.place, columns.start, columns.version, columns.digest)
            .where(columns.kind == kind, columns.place.in_(sorted({one.place for one in some})))
            .where(columns.start >= min(starts), columns.start <= max(starts))
            .order_by(columns.version)
        )
        return {
            (place, start): (version, digest)
            for place, start, version, digest in connection.execute(query)
        }

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(BulletinRecord, row) for row in connection.execute(query).mappings()]
