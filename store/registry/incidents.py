"""The book of incidents with their log: what people are told of and handle.

Who changes one says which version was read; a stale one is refused. The log only grows.
Tests: tests/store/registry/test_incidents_book.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import OPEN_INCIDENTS, IncidentEntry, IncidentRecord
from store.registry.alert_tables import alarms, incident_log, incidents
from store.registry.bulk import named, pieces
from store.registry.errors import Conflict
from store.registry.numbering import number_of_day
from store.registry.shelf import Book, fields, insert, record

Place = tuple[str, str, str]  # rule, place, factor

_Records = list[IncidentRecord]
_NAME = (incidents.c.rule, incidents.c.place, incidents.c.factor)


class IncidentsBook(Book):
    """Number -> incident."""

    def add(self, incident: IncidentRecord) -> IncidentRecord:
        """Keep a new one; with its number, and its ``no`` by the Beijing day it was opened."""
        with self._database.writing() as connection:
            no = number_of_day(connection, "A", incident.opened_at)
            new = msgspec.structs.replace(incident, no=no, version=1)
            number = insert(connection, incidents, fields(new, "id"))
        return msgspec.structs.replace(new, id=number)

    def change(self, incident: IncidentRecord, **changes: Any) -> IncidentRecord:
        """Change fields by name; as it is now. Conflict when somebody changed it since it was
        read, KeyError when there is none of that number."""
        version = incident.version + 1
        statement = (
            sa.update(incidents)
            .where(incidents.c.id == incident.id, incidents.c.version == incident.version)
            .values(**changes, version=version)
        )
        with self._database.writing() as connection:
            if connection.execute(statement).rowcount == 0:
                if self.get(incident.id) is None:
                    raise KeyError(f"there is no incident {incident.id}")
                raise Conflict(f"incident {incident.no} was changed meanwhile")
        return msgspec.structs.replace(incident, **changes, version=version)

    def get(self, id: int) -> IncidentRecord | None:
        """One incident; None when there is none of that number."""
        return self._one(incidents.c.id == id)

    def by_no(self, no: str) -> IncidentRecord | None:
        """One incident by the number that people know it by; None when there is none."""
        return self._one(incidents.c.no == no)

    def some(self, ids: Collection[int]) -> dict[int, IncidentRecord]:
        """Those of some numbers that are kept."""
        found: dict[int, IncidentRecord] = {}
        for part in pieces(sorted(ids)):
            rows = self._select(sa.select(incidents).where(incidents.c.id.in_(part)))
            found.update((one.id, one) for one in rows)
        return found

    def latest(self, rule: str, place: str, factor: str, since: datetime) -> IncidentRecord | None:
        """The newest of a rule, place and factor that is not over, or was over at ``since`` or
        later; None when there is none."""
        return self.latest_of([(rule, place, factor)], since).get((rule, place, factor))

    def latest_of(self, places: Sequence[Place], since: datetime) -> dict[Place, IncidentRecord]:
        """The same for many."""
        over = sa.func.coalesce(incidents.c.recovered_at, incidents.c.closed_at)
        wanted = list(dict.fromkeys(places))
        query = sa.select(incidents).where(sa.or_(over.is_(None), over >= since))
        with self._database.reading() as connection:
            rows = list(named(connection, _NAME, wanted, query))
        found = sorted((record(IncidentRecord, row) for row in rows), key=lambda one: one.id)
        return {(one.rule, one.place, one.factor): one for one in found}

    def due(self, now: datetime, limit: int = 1000) -> _Records:
        """Those at which the clock has to look, the one due for longest first."""
        query = sa.select(incidents).where(incidents.c.next_at <= now)
        return self._select(query.order_by(incidents.c.next_at).limit(limit))

    def next_due(self) -> datetime | None:
        """When the clock has to look next; None: never."""
        query = sa.select(incidents.c.next_at).where(incidents.c.next_at.is_not(None))
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(
                query.order_by(incidents.c.next_at).limit(1)
            ).scalar()
        return found

    def list(
        self,
        states: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        rules: Collection[str] | None = None,
        region: str | None = None,
        mn: str | None = None,
        severities: Collection[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = 100,
        before_id: int | None = None,
    ) -> _Records:
        """Incidents opened from ``start`` to before ``end``, newest first. ``region``: the
        beginning of a code; ``mn``: also those of an outage that this station is part of;
        ``before_id``: only those of smaller numbers."""
        query = sa.select(incidents).order_by(incidents.c.id.desc()).limit(limit)
        several = {"state": states, "kind": kinds, "rule": rules, "severity": severities}
        for name, wanted in several.items():
            if wanted is not None:
                query = query.where(incidents.c[name].in_(list(wanted)))
        if region:
            query = query.where(incidents.c.region.startswith(region, autoescape=True))
        if mn is not None:
            part_of = sa.select(alarms.c.incident_id).where(alarms.c.mn == mn)
            query = query.where(sa.or_(incidents.c.mn == mn, incidents.c.id.in_(part_of)))
        if start is not None:
            query = query.where(incidents.c.opened_at >= start)
        if end is not None:
            query = query.where(incidents.c.opened_at < end)
        if before_id is not None:
            query = query.where(incidents.c.id < before_id)
        return self._select(query)

    def of_stations(self, rule: str, start: datetime, end: datetime) -> dict[str, int]:
        """Region -> how many incidents of a single station a rule opened there from ``start`` to
        before ``end``."""
        query = (
            sa.select(incidents.c.region, sa.func.count())
            .where(incidents.c.opened_at >= start, incidents.c.opened_at < end)
            .where(incidents.c.rule == rule, incidents.c.mn != "")
            .group_by(incidents.c.region)
        )
        with self._database.reading() as connection:
            return {region: int(many) for region, many in connection.execute(query)}

    def counts(self) -> dict[tuple[str, str], int]:
        """State and kind -> how many, of those that are not closed."""
        query = (
            sa.select(incidents.c.state, incidents.c.kind, sa.func.count())
            .where(incidents.c.state.in_(OPEN_INCIDENTS))
            .group_by(incidents.c.state, incidents.c.kind)
        )
        with self._database.reading() as connection:
            return {(state, kind): many for state, kind, many in connection.execute(query)}

    def log(self, entries: IncidentEntry | Iterable[IncidentEntry]) -> None:
        """Add lines to logs, in their order."""
        some = [entries] if isinstance(entries, IncidentEntry) else entries
        rows = [fields(entry, "id") for entry in some]
        if rows:
            with self._database.writing() as connection:
                connection.execute(sa.insert(incident_log), rows)

    def entries(self, incident_id: int) -> Sequence[IncidentEntry]:
        """The log of an incident, the oldest line first."""
        query = sa.select(incident_log).where(incident_log.c.incident_id == incident_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(incident_log.c.id)).mappings()
            return [record(IncidentEntry, row) for row in rows]

    def _one(self, which: sa.ColumnElement[bool]) -> IncidentRecord | None:
        found = self._select(sa.select(incidents).where(which))
        return found[0] if found else None

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(IncidentRecord, row) for row in connection.execute(query).mappings()]
