"""The book of dead letters: frames that a forward target refused for good.

Tests: tests/store/registry/test_small_books.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.records import DeadLetter, DeadLetterState
from store.registry.shelf import Book, change, fields, insert, record
from store.registry.tables import dead_letters

_Records = list[DeadLetter]


class DeadLettersBook(Book):
    """Number -> letter."""

    def add(self, letter: DeadLetter) -> DeadLetter:
        """Keep one; the record with its number."""
        with self._database.writing() as connection:
            number = insert(connection, dead_letters, fields(letter, "id"))
        return msgspec.structs.replace(letter, id=number)

    def get(self, id: int) -> DeadLetter | None:
        """One letter; None when there is none of that number."""
        found = self._select(sa.select(dead_letters).where(dead_letters.c.id == id))
        return found[0] if found else None

    def set_state(self, id: int, state: DeadLetterState) -> None:
        """It was sent again, or is dead again; KeyError when there is none of that number."""
        with self._database.writing() as connection:
            change(connection, dead_letters, id, {"state": state})

    def counts(self) -> dict[str, int]:
        """How many are dead, by forward."""
        query = (
            sa.select(dead_letters.c.forward, sa.func.count())
            .where(dead_letters.c.state == "dead")
            .group_by(dead_letters.c.forward)
        )
        with self._database.reading() as connection:
            return {forward: int(count) for forward, count in connection.execute(query)}

    def list(
        self, forward: str | None = None, limit: int = 100, before_id: int | None = None
    ) -> _Records:
        """Letters of one forward or of all, newest first."""
        query = sa.select(dead_letters).order_by(dead_letters.c.id.desc()).limit(limit)
        if forward is not None:
            query = query.where(dead_letters.c.forward == forward)
        if before_id is not None:
            query = query.where(dead_letters.c.id < before_id)
        return self._select(query)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(DeadLetter, row) for row in connection.execute(query).mappings()]
