"""Rules in the registry, and that what is asked each second is found by an index."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from turned_clock import TurnedClock

from store.registry.alert_records import IncidentRecord, RuleRecord
from store.registry.alert_tables import alarms, incidents, outbox
from store.registry.open import Registry
from store.registry.shelf import fields

RULE = RuleRecord(
    key="night-so2",
    kind="over_limit",
    severity="severe",
    way="check",
    params={"by": "own", "in_a_row": 3, "ratio": 1.5},
    regions=["3301"],
    mns=["A"],
    factors=["a21026"],
    media=["stack"],
    owner=4,
    case="open",
    case_class="大气污染",
    note="asked for by the bureau",
)


def test_a_rule_is_kept(registry: Registry, clock: TurnedClock) -> None:
    """With who set it when; put again as it is it is not touched."""
    kept = registry.rules.put(RULE, "anna")
    assert kept == msgspec.structs.replace(RULE, who="anna", changed_at=clock.now)
    assert registry.rules.get("night-so2") == kept
    clock.turn(60)
    assert registry.rules.put(RULE, "bert") == kept
    assert [note.what for note in registry.audit.find()] == ["rule put"]


def test_a_rule_changes_and_goes(registry: Registry) -> None:
    """What changed is noted, and what went."""
    registry.rules.put(RULE, "anna")
    changed = registry.rules.put(msgspec.structs.replace(RULE, on=False), "bert")
    assert registry.rules.all() == [changed]
    note = registry.audit.find()[0]
    assert (note.who, note.before, note.after) == ("bert", {"on": True}, {"on": False})
    assert registry.rules.remove("night-so2", "carl") == changed
    assert registry.rules.all() == []
    assert registry.audit.find()[0].what == "rule removed"
    assert registry.rules.get("night-so2") is None
    with pytest.raises(KeyError, match="nobody set a rule night-so2"):
        registry.rules.remove("night-so2", "carl")


def test_what_is_asked_each_second_is_looked_up(registry: Registry, clock: TurnedClock) -> None:
    """On both engines by an index, however much that is over the tables hold."""
    _fill(registry)
    now = clock.now
    asked: dict[str, Callable[[], object]] = {
        "what is due": lambda: registry.incidents.due(now),
        "when something is due": registry.incidents.next_due,
        "what is to be sent": lambda: registry.outbox.due(now),
        "by one channel": lambda: registry.outbox.due(now, 50, ["sms"]),
        "when something is to be sent": registry.outbox.next_due,
        "what is in doubt": registry.outbox.in_doubt,
        "how much a contact got": lambda: registry.outbox.sent_since(1, "sms", now),
        "how much a channel sent": lambda: registry.outbox.sent_since(None, "sms", now),
        "who waits": registry.alarms.waiting,
        "who waits for long": lambda: registry.alarms.waiting(now, 100),
        "what goes on": registry.alarms.active,
        "what goes on at two": lambda: registry.alarms.active(mns=["A", "B"]),
        "what ends": lambda: registry.alarms.end([("r", "mn:1", "", now, now)]),
        "what goes on of a rule": lambda: registry.incidents.list(
            states=["open", "acknowledged"], rules=["r"], limit=None
        ),
        "how many go on": registry.incidents.counts,
        "whom it is about": lambda: registry.alarms.concerned(7),
        "what was noticed of late": lambda: registry.alarms.noticed("r", now),
        "what was there before": lambda: registry.incidents.latest("r", "mn:1", "", now),
        "what waits about something": lambda: registry.outbox.find(about="a7"),
    }
    for what, ask in asked.items():
        plan = _plan(registry, ask)
        assert plan
        assert not re.search(r"Seq Scan|SCAN (alarms|incidents|outbox)", plan), (what, plan)
        assert "incidents_rule_place_factor (rule=?)" not in plan, (what, plan)


def _plan(registry: Registry, ask: Callable[[], object]) -> str:
    """How the engine finds what is asked: the plan of the very statement."""
    database = registry._shelf.database
    said: list[tuple[str, Any]] = []

    def hear(*of: Any) -> None:
        said.append((of[2], of[3]))

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    ask()
    sa.event.remove(database.engine, "before_cursor_execute", hear)
    with database.reading() as connection:
        words = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        return "\n".join(
            str(tuple(row))
            for statement, parameters in said
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(words + statement, parameters)
        )


def _fill(registry: Registry) -> None:
    """Much that is over."""
    n, old = range(3000), registry._shelf.now() - timedelta(days=99)
    empty = {"detail": {}, "unit": "", "severity": "notice"}
    rows = {
        alarms: [
            {**empty, "rule": "r", "kind": "k", "subject": f"mn:{i}", "factor": "", "mn": str(i)}
            | {"region": "", "began": old, "ended": old, "seen_at": old, "incident_id": i + 1}
            for i in n
        ],
        outbox: [
            {"about": f"a{i}", "step": "", "contact_id": i % 9, "channel": "sms", "subject": ""}
            | {"severity": "notice", "text": "", "facts": {}, "state": "handed", "token": ""}
            | {"attempts": 1, "created_at": old, "next_at": old, "settled_at": old}
            | {"receipt": "", "error": "", "claimed_by": ""}
            for i in n
        ],
        incidents: [
            fields(
                IncidentRecord(
                    no=str(i),
                    rule="r",
                    kind="k",
                    place=f"mn:{i}",
                    state="closed",
                    began=old,
                    opened_at=old,
                    recovered_at=old,
                    closed_at=old,
                ),
                "id",
            )
            for i in n
        ],
    }
    with registry._shelf.database.writing() as connection:
        for table, made in rows.items():
            connection.execute(sa.insert(table), made)
        if connection.dialect.name == "postgresql":  # as it does by itself
            connection.exec_driver_sql("ANALYZE")
