"""What alerting wrote is forgotten once it is over and old, never what goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from test_alarms_book import alarm
from test_cases_book import case
from test_incidents_book import incident
from test_outbox_book import message
from turned_clock import START

from store.registry.alarms import key_of
from store.registry.alert_records import ContactRecord, IncidentEntry, RuleRecord
from store.registry.keeping import OF_ALERTS
from store.registry.open import Registry
from store.registry.records import DeviceRecord

SECOND = timedelta(seconds=1)
AFTER = START + SECOND


def forget_all(registry: Registry, before: object = AFTER) -> dict[str, int]:
    """A sweep over what alerting wrote."""
    return {what: registry.keeping.forget(what, before, 100) for what in OF_ALERTS}


def test_alarms_and_incidents(registry: Registry) -> None:
    """First alarms that ended, of none or a closed incident; then incidents without alarms."""
    kept = registry.alarms.open([alarm(mn) for mn in "ABCDEF"])
    closed, held, still = (registry.incidents.add(incident(mn)) for mn in "ABC")
    registry.incidents.log(IncidentEntry(incident_id=closed.id, at=START, event="opened"))
    a, b, c, aside, _, goes_on = kept
    for one, id in ((a, closed.id), (b, held.id), (goes_on, held.id), (c, still.id), (aside, 0)):
        registry.alarms.join([one.id], id)
    registry.alarms.end([(*key_of(one), START) for one in kept if one is not goes_on])
    for one in (closed, held):
        registry.incidents.change(one, state="closed", closed_at=START)
    assert forget_all(registry, START) == dict.fromkeys(OF_ALERTS, 0)
    forgotten = forget_all(registry)
    assert (forgotten["alarms"], forgotten["incidents"]) == (4, 1)
    assert [one.mn for one in registry.alarms.find()] == ["F", "C"]
    assert [one.mn for one in registry.incidents.list()] == ["C", "B"]
    assert registry.incidents.entries(closed.id) == []


def test_messages(registry: Registry) -> None:
    """What was settled, but not of an incident that goes on: it would be said again."""
    opened = registry.incidents.add(incident())
    closed = registry.incidents.add(incident("B"))
    registry.incidents.change(closed, state="closed", closed_at=START)
    steps = [
        message("opened", about=f"incident:{opened.id}"),
        message("opened", about=f"incident:{closed.id}"),
        message("sent", about="ranking:2026-02-28"),
        message("waits"),
        message("goes out"),
    ]
    kept = registry.outbox.add(steps)
    registry.outbox.claim([kept[4].id], START)
    for one in kept[:3]:
        registry.outbox.settle(one.id, "handed", now=START)
    assert forget_all(registry)["outbox"] == 2
    assert [one.step for one in registry.outbox.find()] == ["goes out", "waits", "opened"]


def test_runs(registry: Registry) -> None:
    """The last of each schedule stays."""
    for period in ("1", "2", "3"):
        registry.runs.begin("ranking", period, START)
    registry.runs.begin("summary", "1", START)
    assert forget_all(registry)["runs"] == 2
    assert registry.runs.last("ranking") is not None
    assert registry.runs.last("summary") is not None


def test_cases_and_who_is_told_are_never_forgotten(registry: Registry) -> None:
    """Nor are the notes of it."""
    kept, _ = registry.cases.report(case())
    registry.cases.void(kept.case_no, "anna", "")
    registry.rules.put(RuleRecord(key="a", kind="offline"), "anna")
    registry.contacts.put(ContactRecord(name="Bert"), "anna")
    registry.devices.put(DeviceRecord("A"), "anna")
    registry.devices.put(DeviceRecord("B"), "anna")
    assert registry.keeping.forget("audit", AFTER, 100) == 1
    assert [note.what for note in registry.audit.find()] == [
        "device put",
        "contact put",
        "rule put",
    ]
    assert forget_all(registry) == dict.fromkeys(OF_ALERTS, 0)
    assert registry.cases.verify(kept.id) is None


@pytest.mark.parametrize("what", OF_ALERTS)
def test_the_oldest_are_found_without_reading_all(registry: Registry, what: str) -> None:
    """By an index."""
    if not registry.url.startswith("sqlite"):
        pytest.skip("PostgreSQL decides by the size of the table")
    age = {"alarms": "ended", "incidents": "closed_at", "outbox": "settled_at", "runs": "at"}[what]
    query = f"EXPLAIN QUERY PLAN SELECT id FROM {what} WHERE {age} < 'x' ORDER BY {age}"
    with registry._shelf.database.reading() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(query))
    assert f"ix_{what}_{age}" in plan
