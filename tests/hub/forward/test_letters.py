"""Dead letters as frames on their way."""

from __future__ import annotations

from datetime import UTC, datetime

from bale_making import frame, qn

from hj212d.hub.forward import acks
from hj212d.hub.forward.letters import Letters, bale_of
from store.registry.records import DeadLetter


def letter(number: int) -> DeadLetter:
    """A letter with that frame."""
    return DeadLetter(
        id=number,
        forward="a",
        lane="0",
        position=number,
        mn="MN1",
        cn="2011",
        raw=frame("MN1", number).removesuffix(b"\r\n"),
        why="",
        tries=3,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_bale_of_frames_is_as_the_feed_makes_it() -> None:
    """Bytes with their line ends, and keys; 0 for a frame that asks for nothing."""
    asking, quiet = frame("MN1", 1), frame("MN1", 2, flag=4)
    made = bale_of([asking.removesuffix(b"\r\n"), quiet.removesuffix(b"\r\n")])
    assert made.body == asking + quiet
    assert list(made.keys) == [acks.key(b"MN1", qn(1).encode()), 0]
    assert [parcel.qn for parcel in made.frames()] == [qn(1), qn(2)]


def test_each_is_told_once_and_refused_ones_never() -> None:
    """In any order."""
    told: list[int] = []
    source = Letters([letter(n) for n in range(1, 4)], lambda one: told.append(one.id))
    (load,) = source.take(1)
    assert source.take(1) == []
    source.standing.taken(load)
    source.standing.done(load, 2, 3)
    assert told == []
    assert source.is_letter(load, 0)
    source.standing.done(load, 0, 1)
    source.standing.done(load, 1, 2)
    assert told == [2, 3]
    assert source.over


def test_none_is_over_at_once() -> None:
    """Nothing to send."""
    source = Letters([], lambda _: None)
    assert source.take(1) == []
