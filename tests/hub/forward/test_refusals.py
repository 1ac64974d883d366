"""Rounds, then a dead letter; while none can be kept the frame waits."""

from __future__ import annotations

from typing import Any

from bale_making import bale
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from hj212d.hub.forward.bale import Bale, Parcel, Unsent
from hj212d.hub.forward.refusals import RETRY_S, Refusals


class Desk:
    """An outlet's side and a registry's."""

    def __init__(self, rounds: int = 2) -> None:
        self.clock = Clock()
        self.again_: list[int] = []
        self.kept: list[tuple[int, str, int]] = []
        self.buried: list[int] = []
        self.troubles: list[str] = []
        self.away = False
        self.refusals = Refusals(
            self.clock,
            rounds,
            keep=self.keep,
            buried=lambda _, index: self.buried.append(index),
            trouble=lambda failure: self.troubles.append(failure.getErrorMessage()),
        )

    def again(self, _: Bale, index: int) -> None:
        """As an outlet's."""
        self.again_.append(index)

    def keep(self, _: Bale, index: int, frame: Parcel, why: str, tries: int) -> Deferred[Any]:
        """As the registry's."""
        if self.away:
            return fail(OSError("away"))
        self.kept.append((index, why, tries))
        return succeed(frame)


def test_rounds_then_a_letter() -> None:
    """Each frame has rounds of its own."""
    desk, load = Desk(), bale(0, 3)
    outlet: Any = desk
    desk.refusals.refused(outlet, load, 1, "no")
    desk.refusals.refused(outlet, load, 2, "no")
    assert desk.again_ == [1, 2]
    desk.refusals.refused(outlet, load, 1, "no")
    assert desk.kept == [(1, "no", 2)]
    assert desk.buried == [1]


def test_it_is_tried_again_until_the_letter_is_kept() -> None:
    """And the reason is told each time."""
    desk, load = Desk(rounds=1), bale(0, 1)
    outlet: Any = desk
    desk.away = True
    desk.refusals.refused(outlet, load, 0, "no")
    desk.clock.advance(RETRY_S)
    assert desk.troubles == ["away", "away"]
    assert desk.buried == []
    desk.away = False
    desk.clock.advance(RETRY_S)
    assert desk.buried == [0]


def test_after_its_end_it_does_nothing() -> None:
    """The next outlet begins anew."""
    desk, load = Desk(rounds=1), bale(0, 1)
    outlet: Any = desk
    desk.away = True
    desk.refusals.refused(outlet, load, 0, "no")
    desk.refusals.close()
    desk.away = False
    desk.clock.advance(RETRY_S)
    assert desk.kept == []


def test_what_cannot_be_sent_is_kept_before_anything_behind_it() -> None:
    """All of a bale, one after the other."""
    desk, load = Desk(), bale(0, 1)
    load.unsent = tuple(Unsent(n, 0, "MN1", "2011", b"raw", "too long") for n in (1, 2))
    then: list[str] = []
    desk.away = True
    desk.refusals.keep_unsent(load, lambda: then.append("go"))
    assert then == []
    desk.away = False
    desk.clock.advance(RETRY_S)
    assert then == ["go"]
    assert desk.kept == [(-1, "too long", 0)] * 2
    assert load.unsent == ()
