"""The book of rules: those that people set, each in place of the product's own of the same key.

Tests: tests/store/registry/test_alert_books.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from store.registry.alert_records import RuleRecord
from store.registry.alert_tables import rules
from store.registry.auditing import AuditBook
from store.registry.shelf import Book, Shelf, fields, record


class RulesBook(Book):
    """Key -> rule."""

    def __init__(self, shelf: Shelf, audit: AuditBook) -> None:
        Book.__init__(self, shelf)
        self._audit = audit

    def all(self) -> list[RuleRecord]:
        """All that somebody set, in order of key."""
        return self._select(sa.select(rules).order_by(rules.c.key))

    def get(self, key: str) -> RuleRecord | None:
        """One rule; None when nobody set it."""
        found = self._select(sa.select(rules).where(rules.c.key == key))
        return found[0] if found else None

    def put(self, rule: RuleRecord, who: str) -> RuleRecord:
        """Keep one, new or changed; as it is kept now. One that is so already is not touched."""
        with self._database.writing() as connection:
            before = self.get(rule.key)
            if before is not None and _noted(before) == _noted(rule):
                return before
            kept = msgspec.structs.replace(rule, who=who, changed_at=self._now())
            if before is None:
                connection.execute(sa.insert(rules).values(**_row(kept)))
            else:
                changed = sa.update(rules).where(rules.c.key == rule.key)
                connection.execute(changed.values(**_row(kept)))
            noted = _noted(before) if before else {}
            self._audit.note(connection, who, "rule put", [("", noted, _noted(kept))])
        return kept

    def remove(self, key: str, who: str) -> RuleRecord:
        """Forget one, so that the product's own holds again; as it was. KeyError when there is
        none of that key."""
        with self._database.writing() as connection:
            before = self.get(key)
            if before is None:
                raise KeyError(f"nobody set a rule {key}")
            connection.execute(sa.delete(rules).where(rules.c.key == key))
            self._audit.note(connection, who, "rule removed", [("", _noted(before), {})])
        return before

    def _select(self, query: sa.Select[Any]) -> list[RuleRecord]:
        with self._database.reading() as connection:
            return [record(RuleRecord, row) for row in connection.execute(query).mappings()]


def _row(rule: RuleRecord) -> dict[str, Any]:
    return {**fields(rule), "params": msgspec.to_builtins(rule.params)}


def _noted(rule: RuleRecord) -> dict[str, Any]:
    return fields(rule, "who", "changed_at")
