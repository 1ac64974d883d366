"""The book of sites. Each change is noted in the audit table in the same transaction.

Tests: tests/store/registry/test_sites_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.auditing import AuditBook, Change
from store.registry.decisions import SiteRecord
from store.registry.shelf import Book, Shelf, fields, record
from store.registry.tables import sites

_AT_ONCE = 500  # MNs in one IN (...)


class SitesBook(Book):
    """MN -> site."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def all(self) -> list[SiteRecord]:
        """All sites in order of MN."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(sites).order_by(sites.c.mn)).mappings()
            return [record(SiteRecord, row) for row in rows]

    def some(self, mns: Sequence[str]) -> list[SiteRecord]:
        """Those of some MNs that are kept."""
        with self._database.reading() as connection:
            return list(_known(connection, mns).values())

    def get(self, mn: str) -> SiteRecord | None:
        """One site; None when it is not kept."""
        with self._database.reading() as connection:
            return _known(connection, [mn]).get(mn)

    def put(self, site: SiteRecord, who: str) -> SiteRecord:
        """Keep a site, new or changed; as it is kept now."""
        return self.put_all([site], who)[0]

    def put_all(self, wanted: Sequence[SiteRecord], who: str) -> list[SiteRecord]:
        """Keep many, all or none; an MN that comes twice: the last one holds. Those that are the
        same already are not touched."""
        with self._database.writing() as connection:
            known = _known(connection, [site.mn for site in wanted])
            now = self._now()
            kept: dict[str, SiteRecord] = {}
            for site in wanted:
                before = known.get(site.mn)
                same = before is not None and before == _at(site, before)
                kept[site.mn] = before if same and before else _stamped(site, now)
            changed = [site for mn, site in kept.items() if site != known.get(mn)]
            new = [fields(site) for site in changed if site.mn not in known]
            if new:
                connection.execute(sa.insert(sites), new)
            old = [{**fields(site), "_mn": site.mn} for site in changed if site.mn in known]
            if old:
                connection.execute(_UPDATE, old)
            self._audit.note(
                connection,
                who,
                "site put",
                (_change(known.get(site.mn), site) for site in changed),
            )
        return [kept[site.mn] for site in wanted]

    def remove(self, mn: str, who: str) -> None:
        """Forget a site; its device stays. KeyError when it is not kept."""
        with self._database.writing() as connection:
            known = _known(connection, [mn])
            if mn not in known:
                raise KeyError(mn)
            connection.execute(sa.delete(sites).where(sites.c.mn == mn))
            self._audit.note(connection, who, "site removed", [(mn, _noted(known[mn]), {})])


_UPDATE = (
    sa.update(sites)
    .where(sites.c.mn == sa.bindparam("_mn"))
    .values({column.name: sa.bindparam(column.name) for column in sites.c if column.name != "mn"})
)


def _known(connection: Connection, mns: Iterable[str]) -> dict[str, SiteRecord]:
    wanted = list(dict.fromkeys(mns))
    found: dict[str, SiteRecord] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = sa.select(sites).where(sites.c.mn.in_(wanted[start : start + _AT_ONCE]))
        for row in connection.execute(query).mappings():
            found[row["mn"]] = record(SiteRecord, row)
    return found


def _stamped(site: SiteRecord, now: Any) -> SiteRecord:
    return msgspec.structs.replace(site, changed_at=now)


def _at(site: SiteRecord, before: SiteRecord) -> SiteRecord:
    return _stamped(site, before.changed_at)


def _noted(site: SiteRecord) -> dict[str, Any]:
    return fields(site, "mn", "changed_at")


def _change(before: SiteRecord | None, after: SiteRecord) -> Change:
    return after.mn, _noted(before) if before else {}, _noted(after)
