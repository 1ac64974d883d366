"""Several lanes become one order, in which each MN keeps its own."""

from __future__ import annotations

from collections import deque

from feed_rig import NOON_US, body, frame, received, rules
from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.baling import Baler
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.merging import in_order, until
from hj212d.wire.frame import Device


def bale(lane: str, *frames: tuple[int, str], position: int = 0) -> Bale:
    """Frames of a lane by moment and MN; the moment is in the QN."""
    baler = Baler(rules(), Recent(), Recent(), lambda _: Device())
    records = [received(frame(at, mn), NOON_US + at) for at, mn in frames]
    baler.add(position, body(records), 0, 1 << 20)
    return baler.bale(lane)


def moments(bales: list[Bale], mn: str | None = None) -> list[int]:
    """When the frames were received, of one MN or of all."""
    return [
        parcel.received_us - NOON_US
        for one in bales
        for parcel in one.frames()
        if mn in (None, parcel.mn)
    ]


def test_lanes_without_a_common_mn_stay_whole() -> None:
    """Runs as long as they can be."""
    one, other = bale("0", (1, "A"), (5, "A")), bale("1", (2, "B"), (3, "B"))
    assert list(in_order([[one], [other]])) == [one, other]


def test_an_mn_that_moved_keeps_its_order() -> None:
    """Lanes are cut where the other one's frame is older."""
    one = bale("0", (1, "A"), (5, "A"), (6, "B"))
    other = bale("1", (2, "B"), (4, "A"), (9, "A"))
    assert moments(list(in_order([[one], [other]]))) == [1, 2, 4, 5, 6, 9]


@given(
    frames=st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from("ABC"), st.sampled_from("012")), max_size=30
    ),
    size=st.integers(1, 5),
)
def test_the_order_of_each_mn_holds_in_any_mixture(
    frames: list[tuple[int, str, str]], size: int
) -> None:
    """And no frame is lost, doubled or taken before its lane's earlier one."""
    frames = sorted(set(frames))
    lanes: list[list[Bale]] = []
    for name in "012":
        own = [(at, mn) for at, mn, lane in frames if lane == name]
        lanes.append([bale(name, *own[at : at + size]) for at in range(0, len(own), size)])
    merged = list(in_order([bales for bales in lanes if bales]))
    for mn in "ABC":
        assert moments(merged, mn) == [at for at, owner, _ in frames if owner == mn]
    for name in "012":
        own = [one for one in merged if one.lane == name]
        assert moments(own) == [at for at, _, lane in frames if lane == name]


def test_what_is_younger_stays() -> None:
    """A bale is cut at the horizon."""
    bales = deque([bale("0", (1, "A"), (2, "A")), bale("0", (3, "A"), (8, "A"))])
    assert moments(until(bales, NOON_US + 5)) == [1, 2, 3]
    assert moments(list(bales)) == [8]
    assert until(bales, NOON_US + 7) == []
    assert moments(until(bales, NOON_US + 8)) == [8]
