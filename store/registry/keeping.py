"""What the registry forgets of itself once it is old, a bounded piece at a time.

Only what is over: gaps that are closed, positions that were decided, dead letters that were sent
after all, who changed what; of alerting, alarms that ended, incidents that are closed, with their
log, messages that are settled, runs. Commands have a method of their own in their book. What
published numbers rest on stays: sites, reviews, events, limits with the notes of them, and
bulletins; so do notes of who is told of what, plans, maintenance and cases.
Tests: tests/store/registry/test_keeping.py, tests/store/registry/test_keeping_alerts.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.registry.alert_records import OPEN_INCIDENTS, OPEN_MESSAGES
from store.registry.alert_tables import alarms, incidents, outbox, runs
from store.registry.records import OPEN_GAPS
from store.registry.shelf import Book
from store.registry.tables import audit, dead_letters, gaps, positions

# How the notes begin that stay.
_STAYING = (
    *("site", "review", "event", "limit"),
    *("rule", "contact", "subscription", "maintenance", "plan"),
)

_Rule = tuple[sa.Table, sa.Column[Any], sa.ColumnElement[bool]]  # table, its age, what is over


def _over() -> dict[str, _Rule]:
    # The last rejected position of a device is what says that it shall not be asked again.
    rejected = sa.select(sa.func.max(positions.c.id)).where(positions.c.state == "rejected")
    # The last note stays: other processes tell by its number whether there is news.
    noted = sa.select(sa.func.max(audit.c.id)).scalar_subquery()
    staying = sa.or_(*(audit.c.what.startswith(f"{book} ") for book in _STAYING))
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
        "audit": (audit, audit.c.at, sa.and_(audit.c.id < noted, ~staying)),
    }


def _over_of_alerts() -> dict[str, _Rule]:
    handled = sa.select(incidents.c.id).where(incidents.c.state.in_(OPEN_INCIDENTS))
    named = sa.select(sa.literal("incident:") + sa.cast(incidents.c.id, sa.Text))
    named = named.where(incidents.c.state.in_(OPEN_INCIDENTS))
    held = sa.exists().where(alarms.c.incident_id == incidents.c.id)
    last = sa.select(sa.func.max(runs.c.id)).group_by(runs.c.schedule)
    loose = alarms.c.incident_id.is_(None)
    return {
        # Before their incidents, which stay as long as they have one.
        "alarms": (alarms, alarms.c.ended, loose | alarms.c.incident_id.not_in(handled)),
        "incidents": (incidents, incidents.c.closed_at, (incidents.c.state == "closed") & ~held),
        # What was said of an open incident stays known, so that it is not said again.
        "outbox": (
            outbox,
            outbox.c.settled_at,
            outbox.c.state.not_in(OPEN_MESSAGES) & outbox.c.about.not_in(named),
        ),
        # The last run of a schedule says from when on it is to be made up for.
        "runs": (runs, runs.c.at, runs.c.id.not_in(last)),
    }


_OVER = {**_over(), **_over_of_alerts()}
FORGETTABLE = tuple(_OVER)
OF_ALERTS = tuple(_over_of_alerts())  # those among them that alerting wrote


class KeepingBook(Book):
    """Removes what is over and old."""

    def forget(self, what: str, before: datetime, most: int) -> int:
        """Remove up to ``most`` rows of a table (of :data:`FORGETTABLE`) that were over before a
        moment, the oldest first; how many."""
        table, age, over = _OVER[what]
        old = sa.select(table.c.id).where(age < before, over).order_by(age).limit(most)
        with self._database.writing() as connection:
            return connection.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
