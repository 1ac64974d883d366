"""The book of gaps: data of an MN and a period that should be there and are not.

Tests: tests/store/registry/test_small_books.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from store.registry.records import OPEN_GAPS, GapRecord
from store.registry.shelf import Book, change, fields, record
from store.registry.tables import gaps

_Records = list[GapRecord]


class GapsBook(Book):
    """Number -> gap; MN, period and start name it, too."""

    def put(self, found: Iterable[GapRecord]) -> None:
        """Keep gaps, all or none. One that is known by its name takes the new end and number of
        missing values, and is open again if it was filled; all else about it stays."""
        rows = [fields(gap, "id") for gap in found]
        if rows:
            with self._database.writing() as connection:
                connection.execute(_upsert(connection.dialect.name), rows)

    def get(self, id: int) -> GapRecord | None:
        """One gap; None when there is none of that number."""
        rows = self._select(sa.select(gaps).where(gaps.c.id == id))
        return rows[0] if rows else None

    def update(self, id: int, **changes: Any) -> None:
        """Change fields by name; KeyError when there is no such gap."""
        with self._database.writing() as connection:
            change(connection, gaps, id, changes)

    def find(
        self,
        mn: str | None = None,
        period: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        state: str | None = None,
        limit: int = 1000,
    ) -> _Records:
        """Gaps that touch the time from ``start`` to ``end``, newest first."""
        query = sa.select(gaps).order_by(gaps.c.start.desc(), gaps.c.id.desc()).limit(limit)
        wanted = {"mn": mn, "period": period, "state": state}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(gaps.c[name] == value)
        if start is not None:
            query = query.where(gaps.c.end > start)
        if end is not None:
            query = query.where(gaps.c.start < end)
        return self._select(query)

    def open(self, mn: str | None = None) -> _Records:
        """Gaps that are open or asked for, oldest first."""
        query = sa.select(gaps).where(gaps.c.state.in_(OPEN_GAPS)).order_by(gaps.c.start)
        return self._select(query if mn is None else query.where(gaps.c.mn == mn))

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(GapRecord, row) for row in connection.execute(query).mappings()]


def _upsert(engine: str) -> sa.Insert:
    # The same words in both dialects.
    statement = sqlite.insert(gaps) if engine == "sqlite" else postgresql.insert(gaps)
    new = statement.excluded
    reopened = sa.case((gaps.c.state == "filled", "open"), else_=gaps.c.state)
    return statement.on_conflict_do_update(
        index_elements=[gaps.c.mn, gaps.c.period, gaps.c.start],
        set_={"end": new.end, "missing": new.missing, "state": reopened},
    )
