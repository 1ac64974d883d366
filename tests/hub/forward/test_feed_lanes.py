"""Several lanes, written by several workers, on their way to one target."""

from __future__ import annotations

from pathlib import Path

from feed_rig import NOON_US, all_of, frame, received, rules, texts, write

from hj212d.hub.forward.feed import HOLD_US, Feed
from hj212d.journal.record import Record


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.us = NOON_US

    def now_us(self) -> int:
        """UTC."""
        return self.us

    def monotonic(self) -> float:
        """Far enough apart that each call surveys."""
        self.seconds = getattr(self, "seconds", 0.0) + 10
        return self.seconds


def at(ms: int, mn: str) -> Record:
    """A frame of an MN, received so many milliseconds after noon."""
    return received(frame(ms, mn), NOON_US + ms * 1000)


def feed(journal: Path, clock: Clock) -> Feed:
    """A feed with this clock."""
    return Feed(journal, {}, rules(), now_us=clock.now_us, monotonic=clock.monotonic)


def test_an_mn_that_moves_between_workers_keeps_its_order(tmp_path: Path) -> None:
    """In blocks that overlap in time."""
    clock = Clock()
    write(tmp_path, [at(ms, "A") for ms in (1, 2, 7, 8)] + [at(9, "B")], lane="0")
    write(tmp_path, [at(ms, "A") for ms in (3, 5, 6)] + [at(10, "C")], lane="1")
    clock.us += 10 * HOLD_US
    found = texts(all_of(feed(tmp_path, clock)))
    assert [raw for raw in found if b"MN=A;" in raw] == [
        frame(ms, "A") for ms in (1, 2, 3, 5, 6, 7, 8)
    ]
    assert len(found) == 9


def test_what_is_young_waits_for_the_other_lane(tmp_path: Path) -> None:
    """Its worker may still have an older frame of the same MN to write."""
    clock = Clock()
    write(tmp_path, [at(0, "B")], lane="1")
    one = feed(tmp_path, clock)
    write(tmp_path, [at(100, "A")], lane="0")
    clock.us = NOON_US + 150_000
    assert texts(all_of(one)) == [frame(0, "B")]
    write(tmp_path, [at(50, "A")], lane="1")
    assert texts(all_of(one)) == [frame(50, "A")]
    clock.us = NOON_US + 100_000 + HOLD_US
    assert texts(all_of(one)) == [frame(100, "A")]


def test_nothing_waits_when_all_lanes_are_further(tmp_path: Path) -> None:
    """However young it is."""
    clock = Clock()
    write(tmp_path, [at(0, "A"), at(30, "A")], lane="0")
    write(tmp_path, [at(10, "B"), at(20, "B")], lane="1")
    one = feed(tmp_path, clock)
    found = texts(all_of(one))
    assert sorted(found) == sorted([frame(0, "A"), frame(10, "B"), frame(20, "B")])


def test_a_lane_that_comes_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    """A worker was added."""
    clock = Clock()
    write(tmp_path, [at(0, "A")], lane="0")
    one = feed(tmp_path, clock)
    assert texts(all_of(one)) == [frame(0, "A")]
    write(tmp_path, [at(1, "B")], lane="1")
    clock.us += HOLD_US + 1000
    assert texts(all_of(one)) == [frame(1, "B")]


def test_each_lane_has_its_place(tmp_path: Path) -> None:
    """A feed that goes on gives what is left of each."""
    clock = Clock()
    clock.us += 10 * HOLD_US
    write(tmp_path, [at(ms, "A") for ms in range(0, 20, 2)], lane="0")
    write(tmp_path, [at(ms, "B") for ms in range(1, 20, 2)], lane="1")
    found = all_of(feed(tmp_path, clock), 700)
    whole = texts(found)
    for count in range(len(found)):
        places = {bale.lane: bale.last for bale in found[:count]}
        rest = Feed(tmp_path, places, rules(), now_us=clock.now_us)
        assert sorted(texts(all_of(rest))) == sorted(texts(found[count:]))
    assert len(whole) == 20
