"""The book of cases that alerting opens, each with a log whose lines are chained by their hashes.

At most one case of a station, factor and kind is open; a further report becomes a line of it.
Nothing is removed or changed but by a further line.
Tests: tests/store/registry/test_cases_book.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.case_records import ENDED_STATES, CaseEntry, CaseRecord
from store.registry.case_tables import case_entries, cases
from store.registry.columns import whole
from store.registry.errors import Conflict
from store.registry.numbering import number_of_day
from store.registry.shelf import Book, change, fields, insert, lock, record

_Records = list[CaseRecord]
_Entries = list[CaseEntry]


class CasesBook(Book):
    """Number -> case."""

    def report(
        self,
        case: CaseRecord,
        entry_text: str = "",
        payload: Mapping[str, Any] | None = None,
        who: str = "",
    ) -> tuple[CaseRecord, bool]:
        """Open a case, with its number by the Beijing day, and its first line; or, when one of
        its station, factor and kind is open, add a line to that. The case, and whether it is
        new."""
        with self._database.writing() as connection:
            lock(connection, cases)
            there = self.open_of(case.mn, case.factor, case.alert_kind)
            if there is not None:
                return self._append(there, "comment", entry_text, payload, who), False
            no = number_of_day(connection, "HJ", case.reported_at)
            new = msgspec.structs.replace(case, case_no=no, version=0)
            new = msgspec.structs.replace(new, id=insert(connection, cases, fields(new, "id")))
            return self._append(new, "report", entry_text, payload, who), True

    def add_entry(
        self,
        case_id: int,
        event: str,
        text: str = "",
        payload: Mapping[str, Any] | None = None,
        who: str = "",
    ) -> CaseRecord:
        """Add a line to the log of a case; the case as it is now. KeyError when there is none of
        that number."""
        with self._database.writing() as connection:
            lock(connection, cases)
            case = self._one(sa.select(cases).where(cases.c.id == case_id))
            if case is None:
                raise KeyError(f"there is no case {case_id}")
            return self._append(case, event, text, payload, who)

    def void(self, no: str, who: str, reason: str) -> CaseRecord:
        """End a case that was none; as it is now. KeyError when there is none of that number,
        Conflict when it is over."""
        with self._database.writing() as connection:
            lock(connection, cases)
            case = self.get(no)
            if case is None:
                raise KeyError(f"there is no case {no}")
            if case.state in ENDED_STATES:
                raise Conflict(f"case {no} is over: {case.state}")
            return self._append(case, "void", reason, None, who, to_state="voided")

    def get(self, no: str) -> CaseRecord | None:
        """One case by the number that people know it by; None when there is none."""
        return self._one(sa.select(cases).where(cases.c.case_no == no))

    def open_of(self, mn: str, factor: str, alert_kind: str) -> CaseRecord | None:
        """The open case of a station, factor and kind; None when there is none."""
        return self._one(
            sa.select(cases).where(
                cases.c.mn == mn,
                cases.c.factor == factor,
                cases.c.alert_kind == alert_kind,
                cases.c.alert_kind != "",
                cases.c.ended_at.is_(None),
            )
        )

    def list(
        self,
        states: Collection[str] | None = None,
        mn: str | None = None,
        factor: str | None = None,
        alert_kind: str | None = None,
        region: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = 100,
        before_id: int | None = None,
    ) -> _Records:
        """Cases reported from ``start`` to before ``end``, newest first. ``region``: the beginning
        of a code; ``before_id``: only those of smaller numbers."""
        query = sa.select(cases).order_by(cases.c.id.desc()).limit(limit)
        wanted = {"mn": mn, "factor": factor, "alert_kind": alert_kind}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(cases.c[name] == value)
        if states is not None:
            query = query.where(cases.c.state.in_(states))
        if region:
            query = query.where(cases.c.region.startswith(region, autoescape=True))
        if start is not None:
            query = query.where(cases.c.reported_at >= start)
        if end is not None:
            query = query.where(cases.c.reported_at < end)
        if before_id is not None:
            query = query.where(cases.c.id < before_id)
        return self._select(query)

    def entries(self, case_id: int) -> _Entries:
        """The log of a case, the oldest line first."""
        query = sa.select(case_entries).where(case_entries.c.case_id == case_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(case_entries.c.id)).mappings()
            return [record(CaseEntry, row) for row in rows]

    def verify(self, case_id: int) -> CaseEntry | None:
        """The first line that is not as it was written, or behind which one is missing; None when
        the log is whole. KeyError when there is no case of that number."""
        case = self._one(sa.select(cases).where(cases.c.id == case_id))
        if case is None:
            raise KeyError(f"there is no case {case_id}")
        lines, before = self.entries(case_id), ""
        for line in lines:
            if line.prev_hash != before or line.hash != hash_of(line):
                return line
            before = line.hash
        if len(lines) == case.version:
            return None
        missing = CaseEntry(case_id=case_id, at=case.reported_at, event="missing")
        return lines[-1] if lines else missing

    def _append(
        self,
        case: CaseRecord,
        event: str,
        text: str,
        payload: Mapping[str, Any] | None,
        who: str,
        to_state: str = "",
    ) -> CaseRecord:
        """Chain a line to a case of which nobody else writes now."""
        now = self._now()
        with self._database.writing() as connection:
            last = sa.select(case_entries.c.hash).where(case_entries.c.case_id == case.id)
            last = last.order_by(case_entries.c.id.desc()).limit(1)
            line = CaseEntry(
                case_id=case.id,
                at=now,
                event=event,
                from_state=case.state if to_state else "",
                to_state=to_state,
                who=whole(who),
                text=whole(text),
                # As it is read back: what JSON has no word for becomes what it has one for.
                payload=msgspec.json.decode(msgspec.json.encode(payload or {})),
                prev_hash=connection.execute(last).scalar() or "",
            )
            line = msgspec.structs.replace(line, hash=hash_of(line))
            insert(connection, case_entries, fields(line, "id"))
            values: dict[str, Any] = {"version": case.version + 1}
            if to_state:
                values["state"] = to_state
                values["ended_at"] = now if to_state in ENDED_STATES else None
            change(connection, cases, case.id, values)
        return msgspec.structs.replace(case, **values)

    def _one(self, query: sa.Select[Any]) -> CaseRecord | None:
        found = self._select(query)
        return found[0] if found else None

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(CaseRecord, row) for row in connection.execute(query).mappings()]


def hash_of(line: CaseEntry) -> str:
    """SHA-256, in hex, over the hash before and the line, as JSON with its keys in order and the
    moment in microseconds of UTC."""
    said = fields(line, "id", "hash")
    said["at"] = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
