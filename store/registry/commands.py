"""The book of commands: each request to an instrument, durable from the wish to its end.

The frame as sent and secret arguments are sealed.
Tests: tests/store/registry/test_commands_book.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.records import OPEN_COMMANDS, CommandEvent, CommandRecord
from store.registry.secrets import ARGUMENTS, FRAME
from store.registry.shelf import Book, change, fields, insert, record
from store.registry.tables import command_events, commands

MOST_AT_ONCE = 5000

_ABOUT = {"raw": FRAME, "secret_args": ARGUMENTS}


class CommandsBook(Book):
    """Number -> command."""

    def add(self, command: CommandRecord) -> CommandRecord:
        """Keep a new command; the record with its number. Durable when it returns."""
        with self._database.writing() as connection:
            number = insert(connection, commands, self._row(connection, fields(command, "id")))
        return msgspec.structs.replace(command, id=number)

    def update(self, id: int, **changes: Any) -> None:
        """Change fields by name; KeyError when there is no such command."""
        with self._database.writing() as connection:
            change(connection, commands, id, self._row(connection, changes))

    def event(self, id: int, at: datetime, event: str, detail: str = "") -> None:
        """Note something that happened to it."""
        with self._database.writing() as connection:
            values = {"command": id, "at": at, "event": event, "detail": detail}
            insert(connection, command_events, values)

    def get(self, id: int) -> CommandRecord | None:
        """One command; None when there is none of that number."""
        found = self._select(sa.select(commands).where(commands.c.id == id))
        return found[0] if found else None

    def events(self, id: int) -> list[CommandEvent]:
        """What happened to a command, in order."""
        query = (
            sa.select(command_events)
            .where(command_events.c.command == id)
            .order_by(command_events.c.id)
        )
        with self._database.reading() as connection:
            return [
                CommandEvent(id, row["at"], row["event"], row["detail"])
                for row in connection.execute(query).mappings()
            ]

    def find(
        self,
        mn: str | None = None,
        states: Collection[str] | None = None,
        limit: int = 100,
        before_id: int | None = None,
        cn: str | None = None,
    ) -> list[CommandRecord]:
        """Commands, newest first; ``before_id``: only those of smaller numbers."""
        query = sa.select(commands).order_by(commands.c.id.desc()).limit(limit)
        if mn is not None:
            query = query.where(commands.c.mn == mn)
        if states is not None:
            query = query.where(commands.c.state.in_(states))
        if cn is not None:
            query = query.where(commands.c.cn == cn)
        if before_id is not None:
            query = query.where(commands.c.id < before_id)
        return self._select(query)

    def open(self) -> list[CommandRecord]:
        """All that have not ended, oldest first."""
        query = sa.select(commands).where(commands.c.state.in_(OPEN_COMMANDS))
        return self._select(query.order_by(commands.c.id))

    def forget(
        self, before: datetime, but_last: Collection[str] = (), most: int = MOST_AT_ONCE
    ) -> int:
        """Remove up to ``most`` commands that ended before a moment, the oldest first, with their
        events; how many. ``but_last``: CNs of which the last that was done stays, for each MN."""
        old = sa.select(commands.c.id).where(commands.c.finished_at < before)
        if but_last:
            last = (
                sa.select(sa.func.max(commands.c.id))
                .where(commands.c.cn.in_(but_last), commands.c.state == "done")
                .group_by(commands.c.mn, commands.c.cn)
            )
            old = old.where(commands.c.id.not_in(last))
        old = old.order_by(commands.c.finished_at).limit(most)
        query = sa.delete(commands).where(commands.c.id.in_(old))
        with self._database.writing() as connection:
            return connection.execute(query).rowcount

    def _select(self, query: sa.Select[Any]) -> list[CommandRecord]:
        with self._database.reading() as connection:
            return [self._command(row) for row in connection.execute(query).mappings()]

    def _row(self, connection: Connection, values: dict[str, Any]) -> dict[str, Any]:
        """Values by column, sealed where they must be."""
        secrets = {"raw": values.get("raw", b"")}
        if args := values.get("secret_args"):
            secrets["secret_args"] = msgspec.json.encode(args)
        if any(secrets.values()):
            box = self._sealing(connection)
            secrets = {name: box.seal(one, _ABOUT[name]) for name, one in secrets.items()}
        return {**values, **{name: secrets.get(name, b"") for name in _ABOUT if name in values}}

    def _command(self, row: Any) -> CommandRecord:
        args = self._open(row["secret_args"], ARGUMENTS)
        return record(
            CommandRecord,
            row,
            raw=self._open(row["raw"], FRAME),
            secret_args=msgspec.json.decode(args) if args else {},
        )
