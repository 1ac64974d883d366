"""The tables. Columns bear the names of the records' fields; sealed ones hold bytes.

What changes here needs a step in migrations/versions; a test compares both.
Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from store.registry.columns import Moment, Words

# Every index and constraint has a name of its own, so that a migration can name it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

_Id = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _sealed(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _numbered() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


# Which key sealed the secrets; one row.
sealing = Table(
    "sealing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key_id", LargeBinary, nullable=False),
    Column("since", Moment, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("mn", Words, primary_key=True),
    _text("name"),
    _text("st"),
    _text("version"),
    _sealed("password"),
    _text("region"),
    _json("tolerate"),
    _json("refuse"),
    _json("allow"),
    Column("rtd_interval_s", Integer),
    Column("minute_interval_min", Integer),
    _text("medium"),
    _text("encrypt"),
    Column("longitude", Float(53)),
    Column("latitude", Float(53)),
    _text("position_source"),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("mn", Words, primary_key=True),
    Column("created_at", Moment, primary_key=True),
    _sealed("key"),
    _text("state"),
    Column("proven_at", Moment),
    _text("why"),
)
Index(None, device_keys.c.state)

commands = Table(
    "commands",
    metadata,
    _numbered(),
    _text("mn"),
    Column("link", BigInteger),
    _text("name"),
    _text("cn"),
    _text("version"),
    _text("st"),
    _text("qn"),
    _json("args"),
    _sealed("secret_args"),
    _sealed("raw"),
    _text("origin"),
    _text("who"),
    Column("priority", SmallInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment),
    Column("accepted_at", Moment),
    Column("qn_rtn", Integer),
    Column("exe_rtn", Integer),
    Column("finished_at", Moment),
    _text("why"),
    Column("answers", Integer, nullable=False),
    _json("data"),
    sqlite_autoincrement=True,
)
Index(None, commands.c.mn, commands.c.id)
Index(None, commands.c.state, commands.c.id)
Index(None, commands.c.finished_at)

command_events = Table(
    "command_events",
    metadata,
    _numbered(),
    Column("command", _Id, ForeignKey(commands.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    _text("event"),
    _text("detail"),
)
Index(None, command_events.c.command)

activations = Table(
    "activations",
    metadata,
    _numbered(),
    _text("identity"),  # the serials as one text, for look-ups
    _json("serials"),
    _text("mn"),
    Column("link", BigInteger, nullable=False),
    _text("peer"),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    _text("state"),
    _text("new_mn"),
    _text("who"),
    UniqueConstraint("identity"),
    sqlite_autoincrement=True,
)
Index(None, activations.c.state, activations.c.last_seen)

positions = Table(
    "positions",
    metadata,
    _numbered(),
    _text("mn"),
    Column("longitude", Float(53), nullable=False),
    Column("latitude", Float(53), nullable=False),
    Column("seen_at", Moment, nullable=False),
    _text("source"),
    _text("state"),
    _text("who"),
    Column("decided_at", Moment),
    sqlite_autoincrement=True,
)
Index(None, positions.c.mn)
Index(None, positions.c.state)

gaps = Table(
    "gaps",
    metadata,
    _numbered(),
    _text("mn"),
    _text("period"),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("missing", Integer, nullable=False),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("closed_at", Moment),
    _text("why"),
    UniqueConstraint("mn", "period", "start"),
    sqlite_autoincrement=True,
)
Index(None, gaps.c.state, gaps.c.mn)
Index(None, gaps.c.closed_at)

dead_letters = Table(
    "dead_letters",
    metadata,
    _numbered(),
    _text("forward"),
    _text("lane"),
    Column("position", BigInteger, nullable=False),
    _text("mn"),
    _text("cn"),
    Column("raw", LargeBinary, nullable=False),
    _text("why"),
    Column("tries", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    _text("state"),
    sqlite_autoincrement=True,
)
Index(None, dead_letters.c.forward, dead_letters.c.id)

sites = Table(
    "sites",
    metadata,
    Column("mn", Words, primary_key=True),
    _text("medium"),
    _text("role"),
    Column("air_class", SmallInteger, nullable=False),
    _json("programme"),
    _json("units"),
    _text("stamp"),
    _json("hour_from"),
    Column("reference_o2", Float(53)),
    Column("stack_area_m2", Float(53)),
    _json("outlet"),
    _json("water"),
    _text("noise_zone"),
    Column("since", Date),
    Column("until", Date),
    Column("changed_at", Moment, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    _numbered(),
    _text("mn"),
    _text("factor"),
    _text("period"),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    _text("verdict"),
    _text("reason"),
    _text("note"),
    _text("who"),
    Column("at", Moment, nullable=False),
    _text("revoked_by"),
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
    _numbered(),
    _text("kind"),
    _json("area"),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    _json("pollutants"),
    _text("evidence"),
    _text("state"),
    _text("who"),
    _text("decided_by"),
    Column("at", Moment, nullable=False),
    Column("decided_at", Moment),
    sqlite_autoincrement=True,
)
Index(None, events.c.end)

limits = Table(
    "limits",
    metadata,
    _numbered(),
    _text("mn"),
    _text("factor"),
    _text("period"),
    _text("stat"),
    _text("op"),
    Column("low", Float(53)),
    Column("high", Float(53)),
    _text("unit"),
    Column("since", Date),
    Column("until", Date),
    _text("source"),
    _text("who"),
    Column("at", Moment, nullable=False),
    Column("decimals", SmallInteger),
    sqlite_autoincrement=True,
)
Index(None, limits.c.mn, limits.c.factor)

bulletins = Table(
    "bulletins",
    metadata,
    _numbered(),
    _text("kind"),
    _text("place"),
    Column("start", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("correction", Boolean, nullable=False),
    _text("content"),
    _text("digest"),
    Column("as_of", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    UniqueConstraint("kind", "place", "start", "version"),
    sqlite_autoincrement=True,
)
Index(None, bulletins.c.kind, bulletins.c.start)

audit = Table(
    "audit",
    metadata,
    _numbered(),
    Column("at", Moment, nullable=False),
    _text("who"),
    _text("what"),
    _text("mn"),
    _json("before"),
    _json("after"),
)
Index(None, audit.c.mn, audit.c.id)
Index(None, audit.c.at)
