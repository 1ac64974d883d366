"""Many rows in one statement: what the field says arrives as it was said, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from turned_clock import START

from store.registry.alert_tables import outbox, runs
from store.registry.bulk import insert_new, named, pieces, update
from store.registry.open import Registry

SAID = 'quote " back \\ slash, 为何, \\u0000 as letters, \N{PILE OF POO}'


def row(period: str, note: str = "", messages: int = 0) -> dict[str, object]:
    """A run."""
    return {
        "schedule": "s",
        "period": period,
        "at": START,
        "messages": messages,
        "note": note,
    }


def test_rows_arrive_as_they_were(registry: Registry) -> None:
    """Signs of all kinds, moments to the microsecond, numbers."""
    with registry._shelf.database.writing() as connection:
        made = insert_new(connection, runs, [row("a", SAID, 7), row("b")])
        found = connection.execute(sa.select(runs).order_by(runs.c.id)).mappings().all()
    assert [dict(one) for one in made] == [dict(one) for one in found]
    assert (found[0]["note"], found[0]["at"], found[0]["messages"]) == (SAID, START, 7)


def test_nul_becomes_the_replacement_character(registry: Registry) -> None:
    """In texts and, on PostgreSQL, inside of lists and objects; behind a backslash, too."""
    message = {
        **dict.fromkeys(("step", "channel", "severity", "text", "token", "receipt", "error"), ""),
        "claimed_by": "",
        "about": "a\0b",
        "contact_id": 1,
        "subject": "\\\0",
        "facts": {"k\\": "x\\\0\0"},
        "state": "waiting",
        "attempts": 0,
        "created_at": START,
        "next_at": START,
    }
    with registry._shelf.database.writing() as connection:
        (made,) = insert_new(connection, outbox, [message])
    assert (made["about"], made["subject"]) == ("a\ufffdb", "\\\ufffd")
    assert made["facts"]["k\\"].replace("\0", "\ufffd") == "x\\\ufffd\ufffd"


def test_changed_by_their_numbers(registry: Registry) -> None:
    """Each its own values; nothing to change is no statement."""
    with registry._shelf.database.writing() as connection:
        a, _, c = insert_new(connection, runs, [row(period) for period in "abc"])
        update(connection, runs, [])
        changes = [{"id": a["id"], "note": SAID}, {"id": c["id"], "note": "c"}]
        update(connection, runs, changes)
        notes = connection.execute(sa.select(runs.c.note).order_by(runs.c.id)).scalars().all()
    assert notes == [SAID, "", "c"]
    assert insert_new(connection, runs, []) == []


def test_found_by_their_names(registry: Registry) -> None:
    """More than go into one statement; who is not there is left out."""
    with registry._shelf.database.writing() as connection:
        insert_new(connection, runs, [row(str(number)) for number in range(1200)])
        names = [("s", str(number)) for number in range(600, 1300)]
        keys = (runs.c.schedule, runs.c.period)
        found = list(named(connection, keys, names, sa.select(runs)))
        assert list(named(connection, keys, [], sa.select(runs))) == []
    assert sorted(int(one["period"]) for one in found) == list(range(600, 1200))


def test_a_moment_without_a_zone_is_refused(registry: Registry) -> None:
    """As everywhere in the registry."""
    bare = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    with (
        pytest.raises((ValueError, sa.exc.StatementError), match="has a zone"),
        registry._shelf.database.writing() as connection,
    ):
        insert_new(connection, runs, [{**row("a"), "at": bare}])


def test_pieces() -> None:
    """The last one is what is left."""
    assert [list(some) for some in pieces(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(pieces([])) == []
