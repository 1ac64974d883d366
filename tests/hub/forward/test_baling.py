"""Records become bales: the order, the room, the places."""

from __future__ import annotations

import pytest
from feed_rig import BALERS, NOON_US, body, frame, received, rules, settings
from hub_rig import MN

from hj212d.hub.forward.baling import Baler
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.rules import Rules
from hj212d.wire.frame import Device

Make = tuple[type[Baler], type[Recent]]


def baler(kind: Make, wanted: Rules | None = None) -> Baler:
    """A baler of this make."""
    return kind[0](wanted or rules(), kind[1](), kind[1](), lambda _: Device())


@pytest.mark.parametrize("kind", BALERS)
def test_it_stops_at_the_room_and_goes_on_there(kind: Make) -> None:
    """A bale has the room or a frame more."""
    one = baler(kind)
    block = body([received(frame(number)) for number in range(10)])
    size = len(frame()) + 2
    at = one.add(0, block, 0, 3 * size)
    assert one.size == 3 * size
    first = one.bale("0")
    assert one.size == 0
    assert one.add(0, block, at, 1 << 20) == len(block)
    rest = one.bale("0")
    assert (first.count, rest.count) == (3, 7)
    assert first.last == first.positions[-1] == at
    assert first.body + rest.body == b"".join(frame(n) + b"\r\n" for n in range(10))


@pytest.mark.parametrize("kind", BALERS)
def test_the_place_moves_past_what_does_not_leave(kind: Make) -> None:
    """A bale may be nothing but a place."""
    one = baler(kind, rules(mn=["NOBODY"]))
    block = body([received(frame(1), NOON_US), received(frame(2), NOON_US + 5)])
    one.add(50, block, 0, 1 << 20)
    bale = one.bale("0")
    assert (bale.count, bale.last, bale.seen_us) == (0, 50 + len(block), NOON_US + 5)
    assert one.counters.filtered == 2


@pytest.mark.parametrize("kind", BALERS)
def test_what_cannot_be_rewritten_lies_in_its_stretch(kind: Make) -> None:
    """Between the frames that leave."""
    one = baler(kind, rules(set_version="2005"))
    block = body([received(frame(n, cn="2999" if n == 1 else "2011")) for n in range(3)])
    one.add(0, block, 0, 1 << 20)
    bale = one.bale("0")
    assert bale.count == 2
    (unsent,) = bale.unsent
    assert bale.positions[0] < unsent.position < bale.positions[1]
    first, rest = bale.split(1)
    assert (first.unsent, rest.unsent) == ((), (unsent,))


@pytest.mark.parametrize("kind", BALERS)
def test_bytes_that_are_no_records_raise(kind: Make) -> None:
    """The reader checks blocks before; more would be a fault of ours."""
    block = body([received(frame())])
    for broken in (block[:-1], block + b"x", b"\xff" * 40):
        with pytest.raises(ValueError, match=r"stray bytes|impossible length"):
            baler(kind).add(0, broken, 0, 1 << 20)


@pytest.mark.parametrize("kind", BALERS)
def test_regions_are_asked_anew_when_told(kind: Make) -> None:
    """The registry may move a device."""
    regions = {MN: "1"}
    wanted = Rules(settings(region=["1"]), lambda mn: regions[mn])
    one = baler(kind, wanted)
    one.add(0, body([received(frame(1))]), 0, 1 << 20)
    regions[MN] = "2"
    one.forget()
    one.add(0, body([received(frame(2))]), 0, 1 << 20)
    assert one.bale("0").count == 1
    assert one.counters.filtered == 1
    one.forget_counts()
    assert one.counters.filtered == 0
