"""Frames of the journal once more to a target, beside what lives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bale_making import frame
from forward_rig import START_US, Rig

from hj212d.hub.replay import Selection
from hj212d.journal import cursors
from hj212d.journal.record import Kind, Record, encode
from hj212d.wire.reasons import Reason

HOUR_US = 3_600_000_000


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """An empty journal."""
    with Rig(tmp_path) as made:
        yield made


def test_what_is_selected_goes_again_and_the_job_ends(rig: Rig) -> None:
    """Of one MN and a stretch of time; nothing of the job is left."""
    one, platform = rig.target("a")
    for _ in range(3):
        rig.write(30)
        rig.pass_time(3600.0, step=900.0)
    assert len(platform.got) == 90
    chosen = Selection(START_US + HOUR_US, START_US + 2 * HOUR_US, mn="MN1")
    job = rig.finish(one.replay(chosen))
    assert job["id"] == 1
    rig.pass_time(3.0)
    assert platform.got[90:] == [n for n in range(30, 60) if n % 3 == 1]
    assert one.status()["replays"] == []
    assert "forward-a-replay-1" not in cursors.positions(rig.folder / "journal")
    assert not list((rig.folder / "forward" / "a").glob("replay-*"))


def test_what_lives_goes_first(rig: Rig) -> None:
    """A long replay holds no new frame up."""
    one, platform = rig.target("a", window_frames=64)
    rig.write(3000)
    rig.pass_time(4.0)
    assert len(platform.got) == 3000
    rig.finish(one.replay(Selection()))
    rig.pass_time(0.5)
    rig.write(1)
    rig.pass_time(5.0)
    place = platform.got[3000:].index(3000)
    assert place < 3000
    assert sorted(platform.got[3000:]) == list(range(3001))


def test_a_job_outlives_a_restart(rig: Rig) -> None:
    """It goes on where it was, and the journal is kept for it meanwhile."""
    one, platform = rig.target("a", window_frames=4)
    rig.write(200)
    rig.pass_time(10.0)
    platform.answers = lambda number: number < 50
    rig.finish(one.replay(Selection()))
    rig.pass_time(5.0)
    assert platform.got[200:][:50] == list(range(50))
    assert "forward-a-replay-1" in cursors.positions(rig.folder / "journal")
    rig.end(one)
    before = len(platform.got)
    platform.answers = lambda _: True
    again = rig.start("a", platform)
    rig.pass_time(10.0)
    assert platform.got[before:] == list(range(50, 200))
    assert again.status()["replays"] == []


def test_a_target_that_is_not_sent_to_is_refused(rig: Rig) -> None:
    """In a sentence."""
    one, _ = rig.target("a")
    rig.finish(one.pause(True))
    rig.settle()
    with pytest.raises(ValueError, match="a is paused: a replay to it would not begin"):
        one.replay(Selection())


def test_what_was_rejected_goes_when_it_is_good_today(rig: Rig) -> None:
    """As the frames of an MN that nobody had registered."""
    one, platform = rig.target("a")
    raw = frame("MN9", 7).removesuffix(b"\r\n")
    record = Record(Kind.FRAME, rig.now_us(), 1, verdict=Reason.MN_UNKNOWN, raw=raw)
    rig._writer.append([encode(record)])
    rig.pass_time(1.0)
    assert platform.got == []
    rig.finish(one.replay(Selection(reason=Reason.MN_UNKNOWN)))
    rig.pass_time(2.0)
    assert platform.got == [7]


def test_ten_replays_are_enough(rig: Rig) -> None:
    """More are refused until one has ended."""
    one, platform = rig.target("a")
    rig.write(1)
    rig.pass_time(1.0)
    platform.answers = lambda _: False
    for _ in range(10):
        rig.finish(one.replay(Selection()))
    with pytest.raises(ValueError, match="10 replays to a go on already"):
        rig.finish(one.replay(Selection()))
