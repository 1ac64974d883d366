"""The book of emergency plans (应急预案). Plans are never removed, only withdrawn.

Tests: tests/store/registry/test_plans_book.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import PlanRecord
from store.registry.alert_tables import plans
from store.registry.auditing import AuditBook
from store.registry.numbering import BEIJING, next_number
from store.registry.shelf import Book, Shelf, change, fields, insert, record

_Records = list[PlanRecord]
_EVERYWHERE = "000000"


class PlansBook(Book):
    """Code -> plan."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def put(self, plan: PlanRecord, who: str) -> PlanRecord:
        """Keep one, new when it has no code, else changed; as it is kept now. One that is so
        already is not touched. KeyError when there is none of that code.

        A new one gets the next code of its region and the Beijing year: "YA-330100-2026-0001";
        it stays when the region changes.
        """
        with self._database.writing() as connection:
            before = self._known(plan.code) if plan.code else None
            if before is not None and _noted(before) == _noted(plan):
                return before
            now = self._now()
            kept = msgspec.structs.replace(plan, who=who, changed_at=now)
            if before is None:
                series = f"YA-{plan.region or _EVERYWHERE}-{now.astimezone(BEIJING).year}"
                code = f"{series}-{next_number(connection, series):04d}"
                kept = msgspec.structs.replace(kept, code=code)
                number = insert(connection, plans, fields(kept, "id"))
            else:
                number = before.id
                change(connection, plans, number, fields(kept, "id"))
            kept = msgspec.structs.replace(kept, id=number)
            noted = _noted(before) if before else {}
            self._audit.note(connection, who, "plan put", [("", noted, _noted(kept))])
        return kept

    def reviewed(self, code: str, who: str, now: datetime) -> PlanRecord:
        """Note that somebody has looked at a plan; as it is now. KeyError as above."""
        return self.put(msgspec.structs.replace(self._known(code), reviewed_at=now), who)

    def withdraw(self, code: str, who: str) -> PlanRecord:
        """Let a plan hold no more; as it is now. KeyError as above."""
        return self.put(msgspec.structs.replace(self._known(code), state="withdrawn"), who)

    def get(self, code: str) -> PlanRecord | None:
        """One plan; None when there is none of that code."""
        found = self._select(sa.select(plans).where(plans.c.code == code))
        return found[0] if found else None

    def search(
        self,
        text: str = "",
        kind: str | None = None,
        level: str | None = None,
        region: str | None = None,
        state: str | None = None,
    ) -> _Records:
        """Plans in order of code. ``text``: all of its words stand somewhere in code, title, text
        or keywords; ``kind``: of incidents, plans for all kinds among them; ``level``: plans for
        all levels among them; ``region``: plans for it, for all above it and all below it."""
        query = sa.select(plans).order_by(plans.c.code)
        if level is not None:
            query = query.where(plans.c.level.in_([level, ""]))
        if state is not None:
            query = query.where(plans.c.state == state)
        words = text.casefold().split()
        return [
            plan
            for plan in self._select(query)
            if _says(plan, words)
            and (kind is None or not plan.kinds or kind in plan.kinds)
            and (region is None or _touch(plan.region, region))
        ]

    def _known(self, code: str) -> PlanRecord:
        found = self.get(code)
        if found is None:
            raise KeyError(f"there is no plan {code}")
        return found

    def _select(self, query: sa.Select[Any]) -> _Records:
        with self._database.reading() as connection:
            return [record(PlanRecord, row) for row in connection.execute(query).mappings()]


def _says(plan: PlanRecord, words: list[str]) -> bool:
    said = "\n".join((plan.code, plan.title, plan.text, *plan.keywords)).casefold()
    return all(word in said for word in words)


def _touch(one: str, other: str) -> bool:
    """Whether one region lies in the other. A code ends in pairs of zeros."""
    short, long = sorted((_stem(one), _stem(other)), key=len)
    return long.startswith(short)


def _stem(region: str) -> str:
    while region.endswith("00") and len(region) % 2 == 0:
        region = region[:-2]
    return region


def _noted(plan: PlanRecord) -> dict[str, Any]:
    return fields(plan, "id", "who", "changed_at")
