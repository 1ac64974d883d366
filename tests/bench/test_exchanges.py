"""Exchanges of an instrument on a link: pieces in time, and what waits for 9014."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench.instruments.answering import Outgoing
from bench.instruments.exchanges import Exchanges
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason


class Told:
    """An exchange that is written down, and what it heard."""

    def __init__(self, *pieces: Outgoing) -> None:
        self.pieces = pieces
        self.heard: list[bool | None] = []

    def run(self) -> Iterator[Outgoing]:
        for piece in self.pieces:
            self.heard.append((yield piece))


def acknowledgement(qn: str, inside: bool = False) -> Frame:
    return Frame(
        Reason.OK, b"", cn="9014", qn="" if inside else qn, cp={"QN": qn} if inside else {}
    )


def test_pieces_leave_in_their_time() -> None:
    """Each by its delay after the one before; several at once when they are due."""
    told = Told(Outgoing(0, b"a"), Outgoing(0, b"b"), Outgoing(2, b"c"), Outgoing(1, b"d"))
    exchanges = Exchanges()
    exchanges.begin(told.run(), 100.0)
    assert exchanges.due(100.0, 10, 3) == [b"a", b"b"]
    assert exchanges.next_due() == 102.0
    assert exchanges.due(101.9, 10, 3) == []
    assert exchanges.due(103.5, 10, 3) == [b"c", b"d"]
    assert (len(exchanges), exchanges.sent, exchanges.next_due()) == (0, 4, math.inf)


def test_an_acknowledgement_lets_it_go_on() -> None:
    """Only the one to its QN, in front or inside CP; nothing is sent before."""
    told = Told(Outgoing(0, b"a", "1"), Outgoing(0, b"b", "2"), Outgoing(0, b"c"))
    exchanges = Exchanges()
    exchanges.begin(told.run(), 0.0)
    assert exchanges.due(0.0, 10, 3) == [b"a"]
    assert not exchanges.heard(acknowledgement("7"), 1.0)
    assert exchanges.due(1.0, 10, 3) == []
    assert exchanges.heard(acknowledgement("1"), 1.0)
    assert not exchanges.heard(acknowledgement("2"), 1.0)
    assert exchanges.due(1.0, 10, 3) == [b"b"]
    assert exchanges.heard(acknowledgement("2", inside=True), 2.0)
    assert exchanges.due(2.0, 10, 3) == [b"c"]
    assert told.heard == [True, True, None]


def test_without_one_it_is_asked_again_and_given_up() -> None:
    """The same bytes as often as it is set, then the exchange is told."""
    told = Told(Outgoing(0, b"a", "1"), Outgoing(0, b"end"))
    exchanges = Exchanges()
    exchanges.begin(told.run(), 0.0)
    assert exchanges.due(0.0, 10, 2) == [b"a"]
    assert exchanges.due(9.9, 10, 2) == []
    assert exchanges.due(10.0, 10, 2) == [b"a"]
    assert exchanges.due(20.0, 10, 2) == [b"a"]
    assert exchanges.due(30.0, 10, 2) == [b"end"]
    assert told.heard[0] is False
    assert exchanges.left == 1


def test_several_go_on_beside_each_other() -> None:
    """One that waits does not hold another, and a cut link ends all."""
    exchanges = Exchanges()
    exchanges.begin(Told(Outgoing(0, b"a", "1"), Outgoing(0, b"b")).run(), 0.0)
    exchanges.begin(Told(Outgoing(1, b"x")).run(), 0.0)
    exchanges.begin(Told().run(), 0.0)
    assert len(exchanges) == 2
    assert exchanges.due(1.0, 10, 3) == [b"a", b"x"]
    exchanges.end()
    assert exchanges.due(99.0, 10, 3) == []
