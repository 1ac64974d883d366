"""The book of messages: what is to be told, to whom, by which channel, and what came of it.

A message waits, is claimed by one sender, and settled: handed over, failed, withheld, merged into
a digest, or waiting again. Killed between claim and settling it is in doubt, and goes out again
under the same token. Tests: tests/store/registry/test_outbox_book.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.registry.alert_records import OPEN_MESSAGES, MessageRecord, MessageState
from store.registry.alert_tables import outbox
from store.registry.bulk import insert_new, pieces
from store.registry.shelf import Book, fields, record

_Records = list[MessageRecord]
_TOKEN_BYTES = 16


class OutboxBook(Book):
    """Number -> message; what it is about, the step, the contact and the channel name it, too."""

    def add(self, messages: Iterable[MessageRecord]) -> _Records:
        """Keep those that are not known yet by their name; these, with numbers and tokens. One
        without ``next_at`` is due at once."""
        now = self._now()
        rows = []
        for message in messages:
            created = message.created_at or now
            row = {
                "token": secrets.token_hex(_TOKEN_BYTES),
                "created_at": created,
                "next_at": message.next_at or created,
            }
            rows.append({**fields(message, "id"), **row})
        with self._database.writing() as connection:
            return [record(MessageRecord, row) for row in insert_new(connection, outbox, rows)]

    def due(
        self, now: datetime, limit: int = 100, channels: Collection[str] | None = None
    ) -> _Records:
        """Those that wait and whose time has come, the one due for longest first."""
        query = sa.select(outbox).where(outbox.c.state == "waiting", outbox.c.next_at <= now)
        if channels is not None:
            query = query.where(outbox.c.channel.in_(list(channels)))
        return self._select(query.order_by(outbox.c.next_at, outbox.c.id).limit(limit))

    def next_due(self) -> datetime | None:
        """When the next of those that wait is due; None when none waits."""
        query = sa.select(outbox.c.next_at).where(outbox.c.state == "waiting")
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(
                query.order_by(outbox.c.next_at).limit(1)
            ).scalar()
        return found

    def claim(self, ids: Collection[int], now: datetime, by: str = "") -> _Records:
        """Take messages that wait and are due, so that nobody else sends them; those that were
        got, in order of number, now "sending". ``by``: the name of the hub."""
        taking = {"state": "sending", "attempts": outbox.c.attempts + 1}
        claimed: list[sa.RowMapping] = []
        with self._database.writing() as connection:
            for some in pieces(sorted(ids)):
                free = (
                    sa.select(outbox.c.id)
                    .where(outbox.c.id.in_(some), outbox.c.state == "waiting")
                    .where(outbox.c.next_at <= now)
                    .with_for_update(skip_locked=True)
                )
                taken = (
                    sa.update(outbox)
                    .where(outbox.c.id.in_(free))
                    .values(**taking, claimed_at=now, claimed_by=by)
                    .returning(*outbox.columns)
                )
                claimed += connection.execute(taken).mappings()
        return sorted((record(MessageRecord, row) for row in claimed), key=lambda one: one.id)

    def settle(
        self,
        id: int,
        state: MessageState,
        receipt: str = "",
        error: str = "",
        next_at: datetime | None = None,
        *,
        now: datetime,
    ) -> bool:
        """Say what came of a message; "waiting" with ``next_at``: try again then. False, and
        nothing is changed, when it is settled already."""
        values: dict[str, Any] = {"state": state, "receipt": receipt, "error": error}
        if state == "waiting":
            values["next_at"] = next_at or now
        else:
            values["settled_at"] = now
        statement = (
            sa.update(outbox)
            .where(outbox.c.id == id, outbox.c.state.in_(OPEN_MESSAGES))
            .values(**values)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount > 0

    def withhold(self, about: str, steps: Collection[str] | None, why: str, now: datetime) -> int:
        """Do not send what waits about something, of some steps or all; how many."""
        statement = sa.update(outbox).where(outbox.c.about == about, outbox.c.state == "waiting")
        if steps is not None:
            statement = statement.where(outbox.c.step.in_(list(steps)))
        with self._database.writing() as connection:
            values = {"state": "withheld", "error": why, "settled_at": now}
            return connection.execute(statement.values(**values)).rowcount

    def again(self, ids: Collection[int], now: datetime, expires_at: datetime) -> list[int]:
        """Let messages that failed or were withheld wait once more, with the token they have; the
        numbers of these."""
        waiting: list[int] = []
        with self._database.writing() as connection:
            for some in pieces(sorted(set(ids))):
                taken = (
                    sa.update(outbox)
                    .where(outbox.c.id.in_(some), outbox.c.state.in_(("failed", "withheld")))
                    .values(
                        state="waiting",
                        next_at=now,
                        expires_at=expires_at,
                        settled_at=None,
                        receipt="",
                        error="",
                    )
                    .returning(outbox.c.id)
                )
                waiting += connection.execute(taken).scalars()
        return sorted(waiting)

    def merge(self, ids: Collection[int], into_id: int, now: datetime) -> list[int]:
        """Let a digest take the place of messages that are not settled; the numbers of these."""
        merged: list[int] = []
        with self._database.writing() as connection:
            for some in pieces(sorted(set(ids) - {into_id})):
                taken = (
                    sa.update(outbox)
                    .where(outbox.c.id.in_(some), outbox.c.state.in_(OPEN_MESSAGES))
                    .values(state="merged", merged_into=into_id, settled_at=now)
                    .returning(outbox.c.id)
                )
                merged += connection.execute(taken).scalars()
        return sorted(merged)

    def get(self, id: int) -> MessageRecord | None:
        """One message; None when there is none of that number."""
        found = self._select(sa.select(outbox).where(outbox.c.id == id))
        return found[0] if found else None

    def find(
        self,
        about: str | None = None,
        contact: int | None = None,
        channel: str | None = None,
        states: Collection[str] | None = None,
        limit: int | None = 100,
        before_id: int | None = None,
    ) -> _Records:
        """Messages, newest first; ``before_id``: only those of smaller numbers."""
        query = sa.select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        wanted = {"about": about, "contact_id": contact, "channel": channel}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(outbox.c[name] == value)
        if states is not None:
            query = query.where(outbox.c.state.in_(list(states)))
        if before_id is not None:
            query = query.where(outbox.c.id < before_id)
        return self._select(query)

    def unsettled(
        self, abouts: Collection[str], contacts: Collection[int], channels: Collection[str]
    ) -> _Records:
        """Those of some contacts and channels about some things that wait or are being sent."""
        found: _Records = []
        # Expressions, for which there is no index: SQLite would look through all that waits.
        wanted = (
            outbox.c.state.concat("").in_(OPEN_MESSAGES),
            (outbox.c.contact_id + 0).in_(list(contacts)),
            outbox.c.channel.concat("").in_(list(channels)),
        )
        for some in pieces(sorted(set(abouts))):
            found += self._select(sa.select(outbox).where(outbox.c.about.in_(some), *wanted))
        return found

    def in_doubt(self, before: datetime | None = None, by: str | None = None) -> _Records:
        """Those that were claimed, at ``before`` or earlier, by one hub or any, and never settled:
        a kill was in between, or they are being sent now."""
        query = sa.select(outbox).where(outbox.c.state == "sending").order_by(outbox.c.id)
        if before is not None:
            query = query.where(outbox.c.claimed_at <= before)
        if by is not None:
            query = query.where(outbox.c.claimed_by == by)
        return self._select(query)

    def counts(self, since: datetime | None = None) -> dict[tuple[str, str], int]:
        """Channel and state -> how many; ``since``: of those that are settled only such as were
        settled then or later."""
        many = sa.select(outbox.c.channel, outbox.c.state, sa.func.count())
        many = many.group_by(outbox.c.channel, outbox.c.state)
        queries = [many]
        if since is not None:
            still = many.where(outbox.c.state.in_(OPEN_MESSAGES))
            queries = [still, many.where(outbox.c.settled_at >= since)]
        with self._database.reading() as connection:
            rows = [row for query in queries for row in connection.execute(query)]
        return {(channel, state): count for channel, state, count in rows}

    def read(self, ids: Collection[int], contact_id: int, now: datetime) -> int:
        """Note that a person has seen messages; how many were theirs and new to them."""
        statement = sa.update(outbox).where(
            outbox.c.id.in_(list(ids)),
            outbox.c.contact_id == contact_id,
            outbox.c.read_at.is_(None),
        )
        with self._database.writing() as connection:
            return connection.execute(statement.values(read_at=now)).rowcount

    def sent_since(self, contact_id: int | None, channel: str, since: datetime) -> int:
        """How many were handed over by a channel at ``since`` or later, to one contact or all."""
        query = sa.select(sa.func.count()).where(
            outbox.c.channel == channel, outbox.c.settled_at >= since, outbox.c.state == "handed"
        )
        if contact_id is not None:
            query = query.where(outbox.c.contact_id == contact_id)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(MessageRecord, row) for row in connection.execute(query).mappings()]
