"""A target from the journal to its platform, on a clock that the test drives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from forward_rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """An empty journal."""
    with Rig(tmp_path) as made:
        yield made


def test_an_hour_s_outage_costs_nobody_else_anything(rig: Rig) -> None:
    """The dead one gets everything once and in order when it is back; the steady one never
    waits, and the dead one is not hammered."""
    steady, steady_platform = rig.target("steady")
    dead, dead_platform = rig.target("dead")
    dead_platform.die()
    tries = dead_platform.tries
    for _ in range(180):
        rig.write(40)
        rig.pass_time(20.0, step=5.0)
        assert len(steady_platform.got) == rig.written
    assert steady_platform.got == list(range(7200))
    assert dead.status()["state"] == "down"
    assert dead.status()["error"] == "the connection broke"
    assert dead_platform.got == []
    assert dead_platform.tries - tries < 3600 / 60 + 10
    dead_platform.alive = True
    rig.pass_time(80.0, step=0.5)
    assert dead_platform.got == list(range(7200))
    assert steady.status()["resent"] == dead.status()["resent"] == 0


def test_the_place_outlives_the_forwarder(rig: Rig) -> None:
    """A new one goes on where the old one was."""
    first, platform = rig.target("a")
    rig.write(50)
    rig.pass_time(1.0)
    assert platform.got == list(range(50))
    rig.end(first)
    rig.write(10)
    rig.start("a", platform)
    rig.pass_time(1.0)
    assert platform.got == list(range(60))


def test_what_was_on_its_way_at_a_sudden_end_is_sent_again(rig: Rig) -> None:
    """And nothing before it."""
    _, platform = rig.target("a", window_frames=16)
    platform.answers = lambda number: number < 40
    rig.write(100)
    rig.pass_time(2.0)
    got = len(platform.got)
    assert got == 40 + 16
    # As after kill -9: nothing is closed, the place is as memory had it.
    platform.answers = lambda _: True
    rig.start("a", platform, window_frames=16)
    rig.pass_time(2.0)
    assert platform.got[got:] == list(range(40, 100))


def test_a_frame_that_is_refused_for_good_becomes_a_dead_letter(rig: Rig) -> None:
    """After the rounds that the settings ask for; all others are delivered."""
    one, platform = rig.target("a", timeout_s=1.0, resends=1, refusals_before_dead=2)
    platform.answers = lambda number: number != 5
    rig.write(20)
    for _ in range(10):
        rig.pass_time(1.0)
        rig.write(1)
    rig.pass_time(1.0)
    (letter,) = rig.book.letters
    assert b"Rtd=5&&" in letter.raw
    assert (letter.tries, letter.mn, letter.cn) == (2, "MN2", "2011")
    assert platform.got.count(5) == 4
    assert set(platform.got) == set(range(30))
    assert one.status()["refused"] == 1
    assert one.status()["dead"] == 1


def test_a_dead_letter_that_cannot_be_kept_holds_the_place(rig: Rig) -> None:
    """The registry is away: the reason is told, and the frame is not lost."""
    one, platform = rig.target("a", timeout_s=1.0, resends=0, refusals_before_dead=1)
    platform.answers = lambda number: number != 0
    rig.book.away = True
    rig.write(3)
    rig.pass_time(3.0)
    assert one.status()["error"] == "the registry is away"
    assert one.status()["unacknowledged"] == 1
    rig.book.away = False
    rig.pass_time(6.0)
    assert len(rig.book.letters) == 1
    assert one.status()["unacknowledged"] == 0


def test_pausing_and_skipping(rig: Rig) -> None:
    """Nothing leaves while it is paused; what is skipped is a dead letter, or gone."""
    one, platform = rig.target("a")
    rig.finish(one.pause(True))
    rig.settle()
    assert one.status()["state"] == "paused"
    rig.write(5)
    rig.pass_time(2.0)
    assert platform.got == []
    assert rig.finish(one.skip(False, "me")) == 1
    assert rig.book.letters[0].why == "skipped by me"
    rig.settle()
    rig.finish(one.pause(False))
    rig.settle()
    rig.pass_time(1.0)
    assert platform.got == [1, 2, 3, 4]
    platform.die()
    rig.write(5)
    rig.pass_time(1.0)
    rig.finish(one.skip(True, "me"))
    platform.alive = True
    rig.write(1)
    rig.settle()
    rig.pass_time(5.0)
    assert platform.got[4:] == [10]


def test_dead_letters_are_sent_again_behind_what_lives(rig: Rig) -> None:
    """Delivered ones are none any more; refused ones stay, once."""
    one, platform = rig.target("a", timeout_s=1.0, resends=0, refusals_before_dead=1)
    platform.answers = lambda number: number not in (0, 1)
    rig.write(4)
    rig.pass_time(3.0)
    assert len(rig.book.letters) == 2
    platform.answers = lambda number: number != 1
    assert rig.finish(one.again(None)) == 2
    rig.pass_time(0.5)
    rig.write(2)
    rig.pass_time(4.0)
    assert [letter.state for letter in rig.book.letters] == ["sent again", "dead"]
    assert one.status()["dead"] == 1
    assert platform.got.count(0) == 2


def test_settings_that_cannot_be_used_are_told(rig: Rig) -> None:
    """The state says failed, and why."""
    one, _ = rig.target("a")
    rig.finish(one.pause(True))
    rig.settle()

    def refuse() -> None:
        raise ValueError("kind mqtt needs a client")

    one._make_outlet = refuse  # type: ignore[assignment]
    rig.finish(one.pause(False))
    rig.settle()
    assert (one.status()["state"], one.status()["error"]) == ("failed", "kind mqtt needs a client")
