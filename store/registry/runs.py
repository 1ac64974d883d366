"""The book of runs: which schedule was done for which period, so that none is done twice.

Tests: tests/store/registry/test_plans_book.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from store.registry.alert_records import RunRecord
from store.registry.alert_tables import runs
from store.registry.bulk import insert_new
from store.registry.shelf import Book, record


class RunsBook(Book):
    """Schedule and period -> run."""

    def begin(
        self, schedule: str, period: str, now: datetime, messages: int = 0, note: str = ""
    ) -> bool:
        """Note that a schedule is done for a period; False when it is noted already.

        In one transaction with the messages themselves, so that a kill leaves both or none: who
        gets False adds none.
        """
        row = {"schedule": schedule, "period": period, "at": now}
        with self._database.writing() as connection:
            rows = [{**row, "messages": messages, "note": note}]
            return bool(insert_new(connection, runs, rows))

    def last(self, schedule: str) -> RunRecord | None:
        """The newest run of a schedule; None when there is none."""
        query = sa.select(runs).where(runs.c.schedule == schedule)
        found = self._select(query.order_by(runs.c.at.desc(), runs.c.id.desc()).limit(1))
        return found[0] if found else None

    def of(self, schedule: str, since: datetime) -> list[RunRecord]:
        """The runs of a schedule at ``since`` or later, the oldest first."""
        query = sa.select(runs).where(runs.c.schedule == schedule, runs.c.at >= since)
        return self._select(query.order_by(runs.c.at, runs.c.id))

    def _select(self, query: sa.Select[Any]) -> list[RunRecord]:
        with self._database.reading() as connection:
            return [record(RunRecord, row) for row in connection.execute(query).mappings()]
