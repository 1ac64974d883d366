"""What is over and old is forgotten, bit by bit; all else stays. On both engines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from test_small_books import FAR, HOUR, gap, letter
from turned_clock import START, TurnedClock

from store.registry import migrate
from store.registry.database import Database
from store.registry.decisions import ReviewRecord, SiteRecord
from store.registry.keeping import FORGETTABLE
from store.registry.open import Registry, open_registry
from store.registry.records import CommandRecord, DeviceRecord
from store.registry.tables import metadata

FIRST = (
    *("sealing", "devices", "device_keys", "commands", "command_events", "activations"),
    *("positions", "gaps", "dead_letters", "audit"),
)  # tables of the first version

AFTER = START + timedelta(seconds=1)


def forget_all(registry: Registry, before: object = AFTER) -> dict[str, int]:
    """A whole sweep."""
    return {what: registry.keeping.forget(what, before, 100) for what in FORGETTABLE}


def test_an_empty_registry(registry: Registry) -> None:
    """There is nothing to forget."""
    assert forget_all(registry) == dict.fromkeys(FORGETTABLE, 0)


def test_gaps_that_are_closed(registry: Registry) -> None:
    """Open ones stay however old they are, closed ones until their time."""
    registry.gaps.put([gap("A", "hour", hours) for hours in range(5)])
    states = ("open", "asked", "filled", "unavailable", "given_up")
    for one, state in zip(registry.gaps.open(), states, strict=True):
        closed_at = START if state not in ("open", "asked") else None
        registry.gaps.update(one.id, state=state, closed_at=closed_at)
    assert registry.keeping.forget("gaps", START, 100) == 0
    assert registry.keeping.forget("gaps", AFTER, 100) == 3
    assert [one.state for one in registry.gaps.open()] == ["open", "asked"]
    assert len(registry.gaps.find()) == 2


def test_positions_that_were_decided(registry: Registry) -> None:
    """The last that was rejected stays for each device, so that it is not asked again."""
    for step, state in enumerate(("approved", "rejected", "rejected")):
        report = registry.positions.reported("A", 120.0 + (step + 1) * FAR, 30.0, START)
        assert report is not None
        registry.positions.decide(report.id, state, "anna")
    other = registry.positions.reported("B", 1.0, 2.0, START)
    assert other is not None
    registry.positions.decide(other.id, "rejected", "anna")
    registry.positions.reported("A", 100.0, 30.0, START)
    assert registry.keeping.forget("positions", AFTER, 100) == 2
    left = [(one.mn, one.state) for one in registry.positions.list()]
    assert left == [("A", "waiting"), ("B", "rejected"), ("A", "rejected")]
    assert registry.positions.reported("A", 120.0 + 3 * FAR, 30.0, START) is None


def test_dead_letters_that_were_sent_again(registry: Registry) -> None:
    """Dead ones stay."""
    kept = [registry.dead_letters.add(letter("up", position)) for position in range(3)]
    registry.dead_letters.set_state(kept[0].id, "sent again")
    assert registry.keeping.forget("dead_letters", AFTER, 100) == 1
    assert registry.dead_letters.list() == [kept[2], kept[1]]


def test_who_changed_what(registry: Registry, clock: TurnedClock) -> None:
    """The last note stays, by which other processes tell that there is news."""
    for number in range(3):
        registry.devices.put(DeviceRecord("A", name=str(number)), "anna")
    assert registry.keeping.forget("audit", START + 10 * HOUR, 100) == 2
    assert [one.after["name"] for one in registry.audit.find()] == ["2"]
    last = registry.audit.last()
    clock.turn(60)
    registry.devices.put(DeviceRecord("B"), "anna")
    assert registry.audit.touched_since(last) == ({"A", "B"}, last + 1)


def test_who_judged_readings_is_never_forgotten(registry: Registry) -> None:
    """Published numbers rest on sites, reviews, events and limits, and so do these notes."""
    site = SiteRecord(mn="A", role="control")
    registry.sites.put(site, "anna")
    mark = ReviewRecord(mn="A", start=START, end=START + HOUR)
    registry.reviews.revoke(registry.reviews.add(mark, "anna").id, "bert")
    registry.devices.put(DeviceRecord("A"), "anna")
    registry.devices.put(DeviceRecord("B"), "anna")
    assert forget_all(registry)["audit"] == 1
    left = ["device put", "review revoked", "review added", "site put"]
    assert [one.what for one in registry.audit.find()] == left
    assert registry.reviews.last_change() == 2


def test_a_piece_is_bounded_and_takes_the_oldest(registry: Registry, clock: TurnedClock) -> None:
    """So that others come in between."""
    for number in range(10):
        registry.devices.put(DeviceRecord("A", name=str(number)), "anna")
        clock.turn(1)
    before = clock.now
    assert registry.keeping.forget("audit", before, 4) == 4
    assert [one.after["name"] for one in registry.audit.find()] == ["9", "8", "7", "6", "5", "4"]
    assert [registry.keeping.forget("audit", before, 4) for _ in range(3)] == [4, 1, 0]


def test_commands_go_in_pieces_too(registry: Registry) -> None:
    """The oldest first, with what happened to them."""
    for hours in (3, 1, 2):
        command = registry.commands.add(
            CommandRecord(
                mn="A",
                name="read-clock",
                cn="1011",
                version="2017",
                st="32",
                qn="",
                origin="cli",
                who="anna",
                created_at=START,
                expires_at=START,
                state="done",
                finished_at=START + hours * HOUR,
            )
        )
        registry.commands.event(command.id, START, "queued")
    assert registry.commands.forget(START + 9 * HOUR, most=2) == 2
    assert [one.id for one in registry.commands.find()] == [1]
    assert registry.commands.events(2) == []


def test_a_registry_of_the_first_version(url: str, key_file: Path) -> None:
    """What is in it stays; the new step is taken at the next start."""
    opened = open_registry(url, key_file)
    opened.devices.put(DeviceRecord("A", password="geheim"), "anna")
    opened.close()
    database = Database(url)
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in FIRST:
                connection.execute(sa.text(f"DROP TABLE {table.name}"))
        for table in ("audit", "commands", "gaps"):
            name = {"audit": "at", "commands": "finished_at", "gaps": "closed_at"}[table]
            connection.execute(sa.text(f"DROP INDEX ix_{table}_{name}"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    assert migrate.to_head(database) == "0001"
    with database.reading() as connection:
        assert migrate.version(connection) == migrate.HEAD
    database.close()
    opened = open_registry(url, key_file)
    found = opened.devices.get("A")
    opened.close()
    assert found is not None
    assert found.password == "geheim"


def test_the_oldest_are_found_without_reading_all(registry: Registry) -> None:
    """By an index, also when there is nothing to forget."""
    if not registry.url.startswith("sqlite"):
        pytest.skip("PostgreSQL decides by the size of the table")
    for table, age in (("audit", "at"), ("gaps", "closed_at"), ("commands", "finished_at")):
        query = f"EXPLAIN QUERY PLAN SELECT id FROM {table} WHERE {age} < 'x' ORDER BY {age}"
        with registry._shelf.database.reading() as connection:
            plan = " ".join(str(row) for row in connection.exec_driver_sql(query))
        assert f"ix_{table}_{age}" in plan
