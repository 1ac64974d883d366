"""Where open commands stand, and when their time is up."""

from __future__ import annotations

from datetime import UTC, datetime

from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.open_commands import OpenCommands
from hj212d.wire import requests
from store.registry.records import CommandRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPEC = requests.find("read-clock", "2017")
assert SPEC is not None


def one(open_commands: OpenCommands, number: int, mn: str = "A", expires_us: int = 10) -> Flight:
    """A command that waits."""
    assert SPEC is not None
    record = CommandRecord(
        id=number, mn=mn, name=SPEC.name, cn=SPEC.cn, created_at=NOW, expires_at=NOW
    )
    flight = Flight(record, SPEC)
    open_commands.admit(flight, expires_us)
    open_commands.wait(flight)
    return flight


def test_from_waiting_to_the_end() -> None:
    """Each stands in one place; of a line none is idle while one is going; the end comes once."""
    known = OpenCommands()
    first, second = one(known, 1), one(known, 2)
    assert (known.queued, known.of_mn("A"), known.take()) == (2, 2, None)
    known.lines.open(first.key)
    assert known.take() is first
    known.prepare(first)
    assert (known.busy, known.idle(first.key)) == (1, False)
    assert known.drop_prepared(first)
    assert not known.drop_prepared(first)
    first.away = False
    known.set_out(first)
    assert (known.aloft, known.busy, known.idle(first.key)) == ([first], 1, False)
    first.away = True
    known.note(first)
    assert (known.busy, known.idle(first.key)) == (0, False)
    assert (known.end(first), known.end(first)) == ("under way", "")
    assert (known.idle(first.key), known.of_mn("A")) == (True, 1)
    assert known.end(second) == "waiting"
    assert (known.queued, known.of_mn("A"), known.get(2)) == (0, 0, None)


def test_whose_time_is_up() -> None:
    """Who waits, and who is away; one that is answered or about to be sent is looked at again."""
    known = OpenCommands()
    waiting, preparing, away, answered = (one(known, n, mn) for n, mn in enumerate("ABCD", 1))
    for flight in (preparing, away, answered):
        known.lines.open(flight.key)
        assert known.take() is flight
    known.prepare(preparing)
    answered.away = False
    for flight in (away, answered):
        known.set_out(flight)
    assert list(known.expired(9, 20)) == []
    assert list(known.expired(10, 20)) == [(waiting, False), (away, True)]
    assert list(known.expired(10, 20)) == []
    known.drop_prepared(preparing)
    known.wait(preparing)
    assert list(known.expired(20, 30)) == [(preparing, False)]
