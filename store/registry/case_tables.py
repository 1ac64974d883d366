"""The tables of cases, and the numbers that incidents, cases and plans get without gaps.

Tests: tests/store/registry/test_migrations.py, tests/store/registry/test_cases_book.py.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    and_,
)

from store.registry.columns import Moment, Words
from store.registry.table_parts import ID, json, metadata, moment, numbered, text

# The last number of each series; undone with the transaction that took it.
numbers = Table(
    "numbers",
    metadata,
    Column("series", Words, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    numbered(),
    text("case_no"),
    text("profile"),
    text("source"),
    text("class_code"),
    text("title"),
    text("text"),
    text("mn"),
    text("factor"),
    text("alert_kind"),
    text("region"),
    Column("longitude", Float(53)),
    Column("latitude", Float(53)),
    text("state"),
    Column("incident_id", ID),
    moment("reported_at"),
    Column("ended_at", Moment),
    Column("version", Integer, nullable=False),
    UniqueConstraint("case_no"),
    sqlite_autoincrement=True,
)
Index(None, cases.c.state)
_open = and_(cases.c.ended_at.is_(None), cases.c.alert_kind != "")
Index(
    "uq_cases_open",
    cases.c.mn,
    cases.c.factor,
    cases.c.alert_kind,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)

case_entries = Table(
    "case_entries",
    metadata,
    numbered(),
    Column("case_id", ID, ForeignKey(cases.c.id), nullable=False),
    moment("at"),
    text("event"),
    text("from_state"),
    text("to_state"),
    text("who"),
    text("text"),
    json("payload"),
    text("prev_hash"),
    text("hash"),
    UniqueConstraint("case_id", "prev_hash"),  # a chain has no branches
    sqlite_autoincrement=True,
)
