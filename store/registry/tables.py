"""The tables. Columns bear the names of the records' fields; sealed ones hold bytes.

What changes here needs a step in migrations/versions; a test compares both.
Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from store.registry import alert_tables, case_tables
from store.registry.columns import Moment, Words
from store.registry.table_parts import ID, json, metadata, moment, numbered, sealed, text

__all__ = ["alert_tables", "case_tables", "metadata"]  # the metadata of all tables

# Which key sealed the secrets; one row.
sealing = Table(
    "sealing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key_id", LargeBinary, nullable=False),
    moment("since"),
)

devices = Table(
    "devices",
    metadata,
    Column("mn", Words, primary_key=True),
    text("name"),
    text("st"),
    text("version"),
    sealed("password"),
    text("region"),
    json("tolerate"),
    json("refuse"),
    json("allow"),
    Column("rtd_interval_s", Integer),
    Column("minute_interval_min", Integer),
    text("medium"),
    text("encrypt"),
    Column("longitude", Float(53)),
    Column("latitude", Float(53)),
    text("position_source"),
    Column("enabled", Boolean, nullable=False),
    moment("created_at"),
    moment("changed_at"),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("mn", Words, primary_key=True),
    Column("created_at", Moment, primary_key=True),
    sealed("key"),
    text("state"),
    Column("proven_at", Moment),
    text("why"),
)
Index(None, device_keys.c.state)

commands = Table(
    "commands",
    metadata,
    numbered(),
    text("mn"),
    Column("link", BigInteger),
    text("name"),
    text("cn"),
    text("version"),
    text("st"),
    text("qn"),
    json("args"),
    sealed("secret_args"),
    sealed("raw"),
    text("origin"),
    text("who"),
    Column("priority", SmallInteger, nullable=False),
    moment("created_at"),
    moment("expires_at"),
    text("state"),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment),
    Column("accepted_at", Moment),
    Column("qn_rtn", Integer),
    Column("exe_rtn", Integer),
    Column("finished_at", Moment),
    text("why"),
    Column("answers", Integer, nullable=False),
    json("data"),
    sqlite_autoincrement=True,
)
Index(None, commands.c.mn, commands.c.id)
Index(None, commands.c.state, commands.c.id)
Index(None, commands.c.finished_at)

command_events = Table(
    "command_events",
    metadata,
    numbered(),
    Column("command", ID, ForeignKey(commands.c.id, ondelete="CASCADE"), nullable=False),
    moment("at"),
    text("event"),
    text("detail"),
)
Index(None, command_events.c.command)

activations = Table(
    "activations",
    metadata,
    numbered(),
    text("identity"),  # the serials as one text, for look-ups
    json("serials"),
    text("mn"),
    Column("link", BigInteger, nullable=False),
    text("peer"),
    moment("first_seen"),
    moment("last_seen"),
    text("state"),
    text("new_mn"),
    text("who"),
    UniqueConstraint("identity"),
    sqlite_autoincrement=True,
)
Index(None, activations.c.state, activations.c.last_seen)

positions = Table(
    "positions",
    metadata,
    numbered(),
    text("mn"),
    Column("longitude", Float(53), nullable=False),
    Column("latitude", Float(53), nullable=False),
    moment("seen_at"),
    text("source"),
    text("state"),
    text("who"),
    Column("decided_at", Moment),
    sqlite_autoincrement=True,
)
Index(None, positions.c.mn)
Index(None, positions.c.state)

gaps = Table(
    "gaps",
    metadata,
    numbered(),
    text("mn"),
    text("period"),
    moment("start"),
    moment("end"),
    Column("missing", Integer, nullable=False),
    text("state"),
    Column("attempts", Integer, nullable=False),
    moment("found_at"),
    Column("asked_at", Moment),
    Column("closed_at", Moment),
    text("why"),
    UniqueConstraint("mn", "period", "start"),
    sqlite_autoincrement=True,
)
Index(None, gaps.c.state, gaps.c.mn)
Index(None, gaps.c.closed_at)

dead_letters = Table(
    "dead_letters",
    metadata,
    numbered(),
    text("forward"),
    text("lane"),
    Column("position", BigInteger, nullable=False),
    text("mn"),
    text("cn"),
    Column("raw", LargeBinary, nullable=False),
    text("why"),
    Column("tries", Integer, nullable=False),
    moment("at"),
    text("state"),
    sqlite_autoincrement=True,
)
Index(None, dead_letters.c.forward, dead_letters.c.id)

sites = Table(
    "sites",
    metadata,
    Column("mn", Words, primary_key=True),
    text("medium"),
    text("role"),
    Column("air_class", SmallInteger, nullable=False),
    json("programme"),
    json("units"),
    text("stamp"),
    json("hour_from"),
    Column("reference_o2", Float(53)),
    Column("stack_area_m2", Float(53)),
    json("outlet"),
    json("water"),
    text("noise_zone"),
    Column("since", Date),
    Column("until", Date),
    moment("changed_at"),
)

reviews = Table(
    "reviews",
    metadata,
    numbered(),
    text("mn"),
    text("factor"),
    text("period"),
    moment("start"),
    moment("end"),
    text("verdict"),
    text("reason"),
    text("note"),
    text("who"),
    moment("at"),
    text("revoked_by"),
    Column("revoked_at", Moment),
    Column("change", BigInteger, nullable=False),
    UniqueConstraint("change"),
    sqlite_autoincrement=True,
)
Index(None, reviews.c.mn, reviews.c.end)
Index(None, reviews.c.end)

events = Table(
    "events",
    metadata,
    numbered(),
    text("kind"),
    json("area"),
    moment("start"),
    moment("end"),
    json("pollutants"),
    text("evidence"),
    text("state"),
    text("who"),
    text("decided_by"),
    moment("at"),
    Column("decided_at", Moment),
    sqlite_autoincrement=True,
)
Index(None, events.c.end)

limits = Table(
    "limits",
    metadata,
    numbered(),
    text("mn"),
    text("factor"),
    text("period"),
    text("stat"),
    text("op"),
    Column("low", Float(53)),
    Column("high", Float(53)),
    text("unit"),
    Column("since", Date),
    Column("until", Date),
    text("source"),
    text("who"),
    moment("at"),
    Column("decimals", SmallInteger),
    sqlite_autoincrement=True,
)
Index(None, limits.c.mn, limits.c.factor)

bulletins = Table(
    "bulletins",
    metadata,
    numbered(),
    text("kind"),
    text("place"),
    moment("start"),
    Column("version", Integer, nullable=False),
    Column("correction", Boolean, nullable=False),
    text("content"),
    text("digest"),
    moment("as_of"),
    moment("published_at"),
    UniqueConstraint("kind", "place", "start", "version"),
    sqlite_autoincrement=True,
)
Index(None, bulletins.c.kind, bulletins.c.start)

audit = Table(
    "audit",
    metadata,
    numbered(),
    moment("at"),
    text("who"),
    text("what"),
    text("mn"),
    json("before"),
    json("after"),
)
Index(None, audit.c.mn, audit.c.id)
Index(None, audit.c.at)
