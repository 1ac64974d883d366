"""The tables of alerting: rules, alarms, incidents, who is told, and what. Columns bear the names
of the records' fields.

Three questions are asked each second, what waits, what is due, what has to be sent; each has an
index. Tests: tests/store/registry/test_migrations.py, tests/store/registry/test_alert_books.py.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from store.registry.columns import Moment, Words
from store.registry.table_parts import ID, json, metadata, moment, numbered, sealed, text

rules = Table(
    "rules",
    metadata,
    Column("key", Words, primary_key=True),
    text("kind"),
    Column("on", Boolean, nullable=False),
    text("severity"),
    text("way"),
    json("params"),
    json("regions"),
    json("mns"),
    json("factors"),
    json("media"),
    Column("owner", ID, nullable=False),
    text("case"),
    text("case_class"),
    text("note"),
    text("who"),
    moment("changed_at"),
)

alarms = Table(
    "alarms",
    metadata,
    numbered(),
    text("rule"),
    text("kind"),
    text("subject"),
    text("factor"),
    text("mn"),
    text("region"),
    text("severity"),
    moment("began"),
    Column("ended", Moment),
    moment("seen_at"),
    Column("incident_id", ID),  # NULL: it waits; 0: set aside
    Column("value", Float(53)),
    Column("limit", Float(53)),
    text("unit"),
    json("detail"),
    UniqueConstraint("rule", "subject", "factor", "began"),
    sqlite_autoincrement=True,
)
Index(None, alarms.c.ended, alarms.c.subject)
Index(None, alarms.c.mn, alarms.c.ended)
Index(None, alarms.c.incident_id, alarms.c.seen_at)

incidents = Table(
    "incidents",
    metadata,
    numbered(),
    text("no"),
    text("rule"),
    text("kind"),
    text("place"),
    text("region"),
    text("mn"),
    text("factor"),
    text("severity"),
    text("state"),
    moment("began"),
    moment("opened_at"),
    text("acknowledged_by"),
    Column("acknowledged_at", Moment),
    text("silenced_by"),
    Column("silenced_until", Moment),
    Column("recovered_at", Moment),
    text("closed_by"),
    Column("closed_at", Moment),
    Column("count", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("value", Float(53)),
    Column("limit", Float(53)),
    text("unit"),
    Column("flaps", Integer, nullable=False),
    Column("flapping", Boolean, nullable=False),
    Column("level", Integer, nullable=False),
    Column("reminded", Integer, nullable=False),
    Column("next_at", Moment),
    text("case_no"),
    Column("version", Integer, nullable=False),
    UniqueConstraint("no"),
    sqlite_autoincrement=True,
)
Index(None, incidents.c.next_at)
Index(None, incidents.c.rule, incidents.c.place, incidents.c.factor)
Index(None, incidents.c.state, incidents.c.rule)
Index(None, incidents.c.mn)
Index(None, incidents.c.opened_at)
Index(None, incidents.c.closed_at)

incident_log = Table(
    "incident_log",
    metadata,
    numbered(),
    Column("incident_id", ID, ForeignKey(incidents.c.id, ondelete="CASCADE"), nullable=False),
    moment("at"),
    text("event"),
    text("who"),
    text("text"),
    json("detail"),
    sqlite_autoincrement=True,
)
Index(None, incident_log.c.incident_id, incident_log.c.id)

contacts = Table(
    "contacts",
    metadata,
    numbered(),
    text("name"),
    text("login"),
    text("language"),
    sealed("ways"),
    text("quiet_from"),
    text("quiet_to"),
    text("quiet_breaks"),
    Column("on", Boolean, nullable=False),
    moment("changed_at"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    numbered(),
    Column("contact_id", ID, ForeignKey(contacts.c.id, ondelete="CASCADE"), nullable=False),
    json("topics"),
    json("kinds"),
    json("rules"),
    text("severity"),
    json("regions"),
    json("mns"),
    json("channels"),
    text("summary_every"),
    Column("on", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, subscriptions.c.contact_id)

site_contacts = Table(
    "site_contacts",
    metadata,
    numbered(),
    text("place"),
    Column("contact_id", ID, ForeignKey(contacts.c.id, ondelete="CASCADE"), nullable=False),
    text("role"),
    UniqueConstraint("place", "contact_id", "role"),
    sqlite_autoincrement=True,
)
Index(None, site_contacts.c.contact_id)

# No foreign key to the contact: what was said stays known when who was told has gone.
outbox = Table(
    "outbox",
    metadata,
    numbered(),
    text("about"),
    text("step"),
    Column("contact_id", ID, nullable=False),
    text("channel"),
    text("severity"),
    text("subject"),
    text("text"),
    json("facts"),
    text("state"),
    text("token"),
    Column("attempts", Integer, nullable=False),
    moment("created_at"),
    moment("next_at"),
    Column("expires_at", Moment),
    Column("claimed_at", Moment),
    text("claimed_by"),
    Column("settled_at", Moment),
    text("receipt"),
    text("error"),
    Column("merged_into", ID),
    Column("read_at", Moment),
    UniqueConstraint("about", "step", "contact_id", "channel"),
    sqlite_autoincrement=True,
)
Index(None, outbox.c.state, outbox.c.next_at)
Index(None, outbox.c.state, outbox.c.channel, outbox.c.next_at)
Index(None, outbox.c.contact_id, outbox.c.channel, outbox.c.settled_at)
Index(None, outbox.c.settled_at)

maintenance = Table(
    "maintenance",
    metadata,
    numbered(),
    json("mns"),
    json("regions"),
    json("factors"),
    json("kinds"),
    moment("start"),
    moment("end"),
    text("every"),
    text("reason"),
    text("who"),
    moment("at"),
    text("cancelled_by"),
    Column("cancelled_at", Moment),
    sqlite_autoincrement=True,
)
Index(None, maintenance.c.every, maintenance.c.end)

plans = Table(
    "plans",
    metadata,
    numbered(),
    text("code"),
    text("title"),
    text("region"),
    text("level"),
    json("kinds"),
    json("factors"),
    json("mns"),
    text("severity"),
    text("text"),
    json("keywords"),
    json("contact_ids"),
    Column("review_days", Integer, nullable=False),
    Column("reviewed_at", Moment),
    text("state"),
    text("who"),
    moment("changed_at"),
    UniqueConstraint("code"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    numbered(),
    text("schedule"),
    text("period"),
    moment("at"),
    Column("messages", Integer, nullable=False),
    text("note"),
    UniqueConstraint("schedule", "period"),
    sqlite_autoincrement=True,
)
Index(None, runs.c.schedule, runs.c.at)
Index(None, runs.c.at)
