"""Column types that mean the same on every engine: moments in UTC, texts of the field, JSON.

Tests: tests/store/registry/test_database.py.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """An aware datetime, read back in UTC. SQLite keeps the wall clock of UTC as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; ValueError without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment of the registry has a zone: {value.isoformat()} has none")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """``timestamp with time zone`` where there is one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))


class Words(TypeDecorator[str]):
    """A text. What came from the field may hold what no database takes: NUL and half characters
    become the replacement character."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else whole(value)


def whole(text: str) -> str:
    """A text as it is kept."""
    if text.isascii() and "\0" not in text:
        return text
    kept = text.encode("utf-8", "replace").decode("utf-8")
    return kept.replace("\0", "\N{REPLACEMENT CHARACTER}")


def to_json(value: Any) -> str:
    """Lists and objects as they are kept: moments as texts, numbers that are none as null, which
    PostgreSQL would refuse."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half characters
        return json.dumps(value)


def from_json(text: str | bytes) -> Any:
    """What was kept."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # half characters; NaN, as it was kept in SQLite before
        return json.loads(text)
