"""What the registry forgets of itself once it is old, a bounded piece at a time.

Only what is over: gaps that are closed, positions that were decided, dead letters that were sent
after all, and who changed what. Commands have a method of their own in their book. What published
numbers rest on stays: sites, reviews, events, limits with the notes of them, and bulletins.
Tests: tests/store/registry/test_keeping.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.registry.records import OPEN_GAPS
from store.registry.shelf import Book
from store.registry.tables import audit, dead_letters, gaps, positions

_JUDGING = ("site", "review", "event", "limit")  # how their notes begin

_Rule = tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]  # table, its age, what is over


def _over() -> dict[str, _Rule]:
    # The last rejected position of a device is what says that it shall not be asked again.
    rejected = sa.select(sa.func.max(positions.c.id)).where(positions.c.state == "rejected")
    # The last note stays: other processes tell by its number whether there is news.
    noted = sa.select(sa.func.max(audit.c.id)).scalar_subquery()
    judging = sa.or_(*(audit.c.what.startswith(f"{book} ") for book in _JUDGING))
    return {
        "gaps": (gaps, gaps.c.closed_at, gaps.c.state.not_in(OPEN_GAPS)),
        "positions": (
            positions,
            positions.c.decided_at,
            sa.and_(
                positions.c.state != "waiting",
                positions.c.id.not_in(rejected.group_by(positions.c.mn)),
            ),
        ),
        "dead_letters": (dead_letters, dead_letters.c.at, dead_letters.c.state == "sent again"),
        "audit": (audit, audit.c.at, sa.and_(audit.c.id < noted, ~judging)),
    }


_OVER = _over()
FORGETTABLE = tuple(_OVER)


class KeepingBook(Book):
    """Removes what is over and old."""

    def forget(self, what: str, before: datetime, most: int) -> int:
        """Remove up to ``most`` rows of a table (of :data:`FORGETTABLE`) that were over before a
        moment, the oldest first; how many."""
        table, age, over = _OVER[what]
        old = sa.select(table.c.id).where(age < before, over).order_by(age).limit(most)
        with self._database.writing() as connection:
            return connection.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
