"""Columns of frames, and what they say one by one."""

from __future__ import annotations

import pytest
from feed_rig import BALERS, NOON_US, body, frame, received, rules
from hub_rig import MN

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.baling import Baler
from hj212d.hub.forward.dedup import Recent
from hj212d.wire.frame import Device


def bale_of(*frames: bytes, position: int = 1000) -> Bale:
    """The frames as they stand in a block, received a microsecond after each other."""
    baler = Baler(rules(), Recent(), Recent(), lambda _: Device())
    records = [received(raw, NOON_US + at) for at, raw in enumerate(frames)]
    baler.add(position, body(records), 0, 1 << 20)
    return baler.bale("3")


def test_a_frame_by_itself_has_the_texts_it_goes_out_with() -> None:
    """Publishers and dead letters need names, not only bytes."""
    first, second = frame(1), frame(2, "OTHER", cn="2061", st="22")
    parcels = list(bale_of(first, second).frames())
    assert [parcel.raw for parcel in parcels] == [first, second]
    assert (parcels[0].mn, parcels[0].cn, parcels[0].st) == (MN, "2011", "32")
    assert (parcels[1].mn, parcels[1].cn, parcels[1].st) == ("OTHER", "2061", "22")
    assert parcels[0].qn == "20260601000001001"
    assert parcels[1].received_us == NOON_US + 1


def test_the_qn_of_2005_is_found_in_cp() -> None:
    """Where the header has none."""
    raw = frame(1, qn="", flag=0, cp="QN=20260601120000123;DataTime=20260601120000;011-Rtd=1")
    assert bale_of(raw).frame(0).qn == "20260601120000123"


@pytest.mark.parametrize("kind", BALERS)
def test_positions_are_behind_the_records(kind: tuple[type[Baler], type[Recent]]) -> None:
    """The place of a target moves from one end of a record to the next."""
    baler = kind[0](rules(), kind[1](), kind[1](), lambda _: Device())
    records = [received(frame(number)) for number in range(3)]
    ends = [1000 + len(body(records[: count + 1])) for count in range(3)]
    baler.add(1000, body(records), 0, 1 << 20)
    bale = baler.bale("0")
    assert list(bale.positions) == ends
    assert bale.last == ends[-1]


def test_both_parts_of_a_bale_are_bales() -> None:
    """Their frames, places and moments are those of the whole one."""
    whole = bale_of(*(frame(number) for number in range(5)))
    first, rest = whole.split(2)
    assert first.body + rest.body == whole.body
    assert [*first.frames(), *rest.frames()] == list(whole.frames())
    assert first.last == whole.positions[1]
    assert rest.last == whole.last
    assert first.seen_us == NOON_US + 1
    assert first.keys + rest.keys == whole.keys
    assert first.owners + rest.owners == whole.owners


def test_as_many_frames_fit_as_end_within_the_room() -> None:
    """A room that ends inside a frame does not hold it."""
    bale = bale_of(frame(1), frame(2))
    assert bale.fitting(bale.ends[0] - 1) == 0
    assert bale.fitting(bale.ends[0]) == 1
    assert bale.fitting(bale.ends[1]) == 2
