"""Commands and what happened to them, on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from turned_clock import START, TurnedClock

from store.registry.open import Registry, open_registry
from store.registry.records import CommandEvent, CommandRecord
from store.registry.tables import command_events, commands


def wish(mn: str = "A", **fields: Any) -> CommandRecord:
    """A new command."""
    return CommandRecord(
        **{
            "mn": mn,
            "name": "set-password",
            "cn": "1072",
            "created_at": START,
            "expires_at": START + timedelta(days=1),
            **fields,
        }
    )


FULL = wish(
    link=2**62,
    version="2017",
    st="32",
    qn="20260301120506789",
    args={"NewPW": "***", "PolId": ["w01018", "w21003"]},
    secret_args={"NewPW": "654321"},
    raw=b"##0101QN=...PW=123456\r\n",
    origin="cli",
    who="anna",
    priority=0,
    state="failed",
    attempts=3,
    sent_at=START,
    accepted_at=START,
    qn_rtn=1,
    exe_rtn=2,
    finished_at=START,
    why="the instrument says: no data",
    answers=2,
    data=[{"cn": "2011", "qn": "", "cp": "w01018-Rtd=12.5\x00"}],
)


def test_every_field_comes_back(registry: Registry) -> None:
    """Secret arguments and the frame opened, also after a restart."""
    kept = registry.commands.add(FULL)
    assert kept == msgspec.structs.replace(FULL, id=1)
    assert registry.commands.get(1) == kept
    assert registry.commands.get(2) is None


def test_secrets_do_not_stand_in_the_table(registry: Registry) -> None:
    """Neither the frame nor a password, before and after a change."""
    registry.commands.add(FULL)
    registry.commands.update(1, raw=b"PW=123456 again", state="sent")
    with registry._shelf.database.reading() as connection:
        row = str(connection.execute(sa.select(commands)).one())
    assert "123456" not in row
    assert "654321" not in row
    found = registry.commands.get(1)
    assert found is not None
    assert (found.raw, found.secret_args) == (b"PW=123456 again", {"NewPW": "654321"})


def test_changes_by_name(registry: Registry) -> None:
    """Only what is named changes; a number that is none is told."""
    registry.commands.add(wish())
    registry.commands.update(1, state="accepted", qn_rtn=1, accepted_at=START)
    found = registry.commands.get(1)
    assert found == msgspec.structs.replace(
        wish(), id=1, state="accepted", qn_rtn=1, accepted_at=START
    )
    with pytest.raises(KeyError, match="commands has no number 7"):
        registry.commands.update(7, state="sent")


def test_what_is_open_and_what_is_found(registry: Registry) -> None:
    """Oldest first what goes on; newest first, in pages, what was."""
    for state in ("queued", "done", "sent", "cancelled", "accepted"):
        registry.commands.add(wish(state=state))
    registry.commands.add(wish("B", cn="1012"))
    assert [one.id for one in registry.commands.open()] == [1, 3, 5, 6]
    assert [one.id for one in registry.commands.find("A", limit=2)] == [5, 4]
    assert [one.id for one in registry.commands.find("A", limit=2, before_id=4)] == [3, 2]
    assert [one.id for one in registry.commands.find(states=["done", "sent"])] == [3, 2]
    assert [one.id for one in registry.commands.find(cn="1012")] == [6]


def test_events_in_order_and_forgotten_with_it(registry: Registry) -> None:
    """Only commands that ended long ago go."""
    registry.commands.add(wish(state="done", finished_at=START))
    registry.commands.add(wish())
    registry.commands.event(1, START, "sent", "link 7")
    registry.commands.event(1, START, "done")
    registry.commands.event(2, START, "queued")
    assert registry.commands.events(1) == [
        CommandEvent(1, START, "sent", "link 7"),
        CommandEvent(1, START, "done"),
    ]
    assert registry.commands.forget(START) == 0
    assert registry.commands.forget(START + timedelta(seconds=1)) == 1
    assert [one.id for one in registry.commands.find()] == [2]
    with registry._shelf.database.reading() as connection:
        left = connection.execute(sa.select(command_events.c.command)).scalars().all()
    assert left == [2]


def test_the_last_that_set_something_stays(registry: Registry) -> None:
    """Of some CNs the last that was done is kept for each MN, however old."""
    for state in ("done", "done", "refused"):
        registry.commands.add(wish(cn="1000", state=state, finished_at=START))
    registry.commands.add(wish(mn="B", cn="1000", state="done", finished_at=START))
    registry.commands.add(wish(cn="1061", state="done", finished_at=START))
    assert registry.commands.forget(START + timedelta(seconds=1), ("1000",)) == 3
    assert [one.id for one in registry.commands.find()] == [4, 2]


def test_numbers_are_not_given_twice(registry: Registry) -> None:
    """A forgotten command's number is nobody else's: people and logs name commands by it."""
    registry.commands.add(wish(state="done", finished_at=START))
    registry.commands.forget(START + timedelta(seconds=1))
    assert registry.commands.add(wish()).id == 2


def test_moments_need_a_zone(registry: Registry) -> None:
    """A time without one is a fault of ours, told at once."""
    with pytest.raises(sa.exc.StatementError, match="has none"):
        registry.commands.add(wish(sent_at=datetime(2026, 3, 1)))


def test_it_survives_a_restart(
    registry: Registry, url: str, key_file: Path, clock: TurnedClock
) -> None:
    """Another process reads the same."""
    kept = registry.commands.add(FULL)
    registry.close()
    again = open_registry(url, key_file, now=clock)
    assert again.commands.find() == [kept]
    again.close()
