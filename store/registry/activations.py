"""The book of instruments that ask for their MN (HJ 212-2025, 1001).

Anybody can ask, so the list of those who wait is bounded: the one unheard for longest goes first.
Tests: tests/store/registry/test_small_books.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.records import ActivationRecord, ActivationState
from store.registry.shelf import Book, change, insert, record
from store.registry.tables import activations

MOST_WAITING = 10_000

_Records = list[ActivationRecord]


class ActivationsBook(Book):
    """Number -> who asks, by its serial numbers."""

    def seen(
        self,
        serials: Mapping[str, str],
        mn: str,
        link: int,
        peer: str,
        at: datetime,
        most: int = MOST_WAITING,
    ) -> ActivationRecord:
        """An instrument asked; the same serial numbers are the same instrument, and what was
        decided about it stays. ``most``: so many may wait for a decision."""
        identity = msgspec.json.encode(dict(sorted(serials.items()))).decode()
        heard: dict[str, Any] = {"mn": mn, "link": link, "peer": peer, "last_seen": at}
        with self._database.writing() as connection:
            query = sa.select(activations).where(activations.c.identity == identity)
            known = connection.execute(query).mappings().first()
            if known is not None:
                if not peer and known["link"] == link:
                    heard["peer"] = known["peer"]
                change(connection, activations, known["id"], heard)
                return record(ActivationRecord, known, **heard)
            asking = ActivationRecord(serials=dict(serials), first_seen=at, **heard)
            values = {**msgspec.structs.asdict(asking), "identity": identity}
            del values["id"]
            number = insert(connection, activations, values)
            self._bound(connection, most)
        return msgspec.structs.replace(asking, id=number)

    def get(self, id: int) -> ActivationRecord | None:
        """One of them; None when there is none of that number."""
        found = self._select(sa.select(activations).where(activations.c.id == id))
        return found[0] if found else None

    def decide(self, id: int, state: ActivationState, new_mn: str = "", who: str = "") -> None:
        """What people decided; KeyError when there is none of that number."""
        with self._database.writing() as connection:
            change(connection, activations, id, {"state": state, "new_mn": new_mn, "who": who})

    def list(self, state: str | None = None, limit: int = 1000) -> _Records:
        """Those of one state or all, the latest heard first."""
        query = sa.select(activations).order_by(activations.c.last_seen.desc()).limit(limit)
        return self._select(query if state is None else query.where(activations.c.state == state))

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(ActivationRecord, row) for row in connection.execute(query).mappings()]

    @staticmethod
    def _bound(connection: Connection, most: int) -> None:
        # One that was given an MN waits for its device, not for people.
        waiting = sa.and_(activations.c.state == "waiting", activations.c.new_mn == "")
        count = sa.select(sa.func.count()).select_from(activations).where(waiting)
        over = connection.execute(count).scalar_one() - most
        if over > 0:
            oldest = (
                sa.select(activations.c.id)
                .where(waiting)
                .order_by(activations.c.last_seen)
                .limit(over)
            )
            connection.execute(sa.delete(activations).where(activations.c.id.in_(oldest)))
