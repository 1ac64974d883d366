"""The book of alarms: what is or was wrong, each named by rule, subject, factor and its beginning.

Thousands begin and end at once when a region goes dark, so all is done in bulk.
Tests: tests/store/registry/test_alarms_book.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.alert_records import AlarmRecord
from store.registry.alert_tables import alarms
from store.registry.bulk import insert_new, named, pieces, update
from store.registry.shelf import Book, fields, record

Key = tuple[str, str, str, datetime]  # rule, subject, factor, began
Changed = tuple[str, str, str, datetime, Mapping[str, Any]]
Ended = tuple[str, str, str, datetime, datetime]

_Records = list[AlarmRecord]
_NAME = (alarms.c.rule, alarms.c.subject, alarms.c.factor, alarms.c.began)
_NEVER_CHANGED = frozenset({"id", "rule", "subject", "factor", "began"})


def key_of(alarm: AlarmRecord) -> Key:
    """What names an alarm."""
    return alarm.rule, alarm.subject, alarm.factor, alarm.began


class AlarmsBook(Book):
    """Number -> alarm; rule, subject, factor and beginning name it, too."""

    def open(self, begun: Iterable[AlarmRecord]) -> _Records:
        """Keep those that are not known yet by their name; these, with their numbers."""
        rows = [fields(alarm, "id") for alarm in begun]
        with self._database.writing() as connection:
            return _records(insert_new(connection, alarms, rows))

    def change(self, changes: Iterable[Changed]) -> _Records:
        """Change fields of many by their names: value, severity, detail, or ``ended`` None for one
        that begins again; as they are now. Those that are not known are skipped."""
        wanted = {change[:4]: dict(change[4]) for change in changes}
        for row in wanted.values():
            if wrong := row.keys() & _NEVER_CHANGED:
                raise ValueError(f"an alarm's {min(wrong)} never changes")
        with self._database.writing() as connection:
            known = self._named(connection, list(wanted))
            by_names: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for alarm in known:
                row = wanted[key_of(alarm)]
                if row:
                    by_names.setdefault(tuple(sorted(row)), []).append({"id": alarm.id, **row})
            for rows in by_names.values():
                update(connection, alarms, rows)
        return [msgspec.structs.replace(alarm, **wanted[key_of(alarm)]) for alarm in known]

    def end(self, ended: Iterable[Ended]) -> _Records:
        """End many by their names; those that ended now. Those that are not known or have ended
        already are skipped."""
        wanted = {one[:4]: one[4] for one in ended}
        with self._database.writing() as connection:
            active = self._named(connection, list(wanted), alarms.c.ended.is_(None))
            rows = [{"id": alarm.id, "ended": wanted[key_of(alarm)]} for alarm in active]
            update(connection, alarms, rows)
        return [msgspec.structs.replace(one, ended=wanted[key_of(one)]) for one in active]

    def join(self, ids: Sequence[int], incident_id: int) -> None:
        """Put alarms into an incident; 0: set them aside, so that they wait no longer."""
        with self._database.writing() as connection:
            for some in pieces(ids):
                connection.execute(
                    sa.update(alarms).where(alarms.c.id.in_(some)).values(incident_id=incident_id)
                )

    def waiting(self, before: datetime | None = None, limit: int | None = None) -> _Records:
        """Alarms without an incident, seen at ``before`` or earlier, also such as have ended, the
        one that waits longest first."""
        query = sa.select(alarms).where(alarms.c.incident_id.is_(None))
        if before is not None:
            query = query.where(alarms.c.seen_at <= before)
        return self._select(query.order_by(alarms.c.seen_at, alarms.c.id).limit(limit))

    def active(
        self,
        rule: str | None = None,
        mns: Sequence[str] | None = None,
        subjects: Sequence[str] | None = None,
    ) -> _Records:
        """Alarms that have not ended, in order of number."""
        query = sa.select(alarms).where(alarms.c.ended.is_(None))
        if rule is not None:
            query = query.where(alarms.c.rule == rule)
        if mns is not None and subjects is not None:
            few = set(mns)
            return [one for one in self.active(rule, None, subjects) if one.mn in few]
        column, wanted = (alarms.c.mn, mns) if mns is not None else (alarms.c.subject, subjects)
        if wanted is None:
            return self._select(query.order_by(alarms.c.id))
        found: _Records = []
        for some in pieces(list(dict.fromkeys(wanted))):
            found += self._select(query.where(column.in_(some)))
        return sorted(found, key=lambda alarm: alarm.id)

    def noticed(
        self, rule: str, since: datetime, factor: str | None = None
    ) -> list[tuple[str, str, datetime]]:
        """MN, region and when it was seen, of alarms of a rule that were seen at ``since`` or
        later and have not ended."""
        query = sa.select(alarms.c.mn, alarms.c.region, alarms.c.seen_at).where(
            alarms.c.ended.is_(None), alarms.c.rule == rule, alarms.c.seen_at >= since
        )
        if factor is not None:
            query = query.where(alarms.c.factor == factor)
        with self._database.reading() as connection:
            return [(mn, region, seen) for mn, region, seen in connection.execute(query)]

    def concerned(self, incident_id: int) -> list[tuple[str, str]]:
        """MN and region of all alarms that ever joined an incident."""
        query = sa.select(alarms.c.mn, alarms.c.region)
        with self._database.reading() as connection:
            found = connection.execute(query.where(alarms.c.incident_id == incident_id))
            return [(mn, region) for mn, region in found]

    def of_incident(
        self, id: int, active: bool | None = None, limit: int | None = None
    ) -> _Records:
        """Alarms of one incident, the first seen first; ``active``: True those that have not
        ended, False those that have, None both."""
        query = sa.select(alarms).where(alarms.c.incident_id == id)
        query = query.order_by(alarms.c.seen_at, alarms.c.id).limit(limit)
        return self._select(_only(query, active))

    def count(self, id: int) -> tuple[int, int]:
        """How many alarms ever joined an incident, and how many of them have not ended."""
        query = sa.select(sa.func.count(), sa.func.count(alarms.c.ended))
        with self._database.reading() as connection:
            joined, ended = connection.execute(query.where(alarms.c.incident_id == id)).one()
        return int(joined), int(joined - ended)

    def get(self, id: int) -> AlarmRecord | None:
        """One alarm; None when there is none of that number."""
        found = self._select(sa.select(alarms).where(alarms.c.id == id))
        return found[0] if found else None

    def named(self, keys: Sequence[Key]) -> _Records:
        """Those of some names that are known, in order of number."""
        with self._database.reading() as connection:
            return self._named(connection, keys)

    def find(
        self,
        rule: str | None = None,
        kind: str | None = None,
        subject: str | None = None,
        mn: str | None = None,
        factor: str | None = None,
        region: str | None = None,
        active: bool | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> _Records:
        """Alarms that touch the time from ``start`` to ``end``, newest first. ``region``: the
        beginning of a code; ``before_id``: only those of smaller numbers."""
        query = sa.select(alarms).order_by(alarms.c.id.desc()).limit(limit)
        wanted = {"rule": rule, "kind": kind, "subject": subject, "mn": mn, "factor": factor}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(alarms.c[name] == value)
        if region:
            query = query.where(alarms.c.region.startswith(region, autoescape=True))
        if start is not None:
            query = query.where(sa.or_(alarms.c.ended.is_(None), alarms.c.ended > start))
        if end is not None:
            query = query.where(alarms.c.began < end)
        if before_id is not None:
            query = query.where(alarms.c.id < before_id)
        return self._select(_only(query, active))

    def _named(
        self, connection: Connection, keys: Sequence[Key], *which: sa.ColumnElement[bool]
    ) -> _Records:
        found = named(connection, _NAME, keys, sa.select(alarms).where(*which))
        return sorted(_records(found), key=lambda alarm: alarm.id)

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return _records(connection.execute(query).mappings())


def _only(query: sa.Select[Any], active: bool | None) -> sa.Select[Any]:
    if active is None:
        return query
    return query.where(alarms.c.ended.is_(None) if active else alarms.c.ended.is_not(None))


def _records(rows: Iterable[sa.RowMapping]) -> _Records:
    return [record(AlarmRecord, row) for row in rows]
