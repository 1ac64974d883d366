"""One lane of a journal on its way to a target."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from feed_rig import NOON_US, all_of, frame, received, rules, texts, write

from hj212d.hub.forward.bales import Recent
from hj212d.hub.forward.feed import Feed
from hj212d.journal.record import Record


def feed(journal: Path, positions: dict[str, int] | None = None, **wanted: Any) -> Feed:
    """A feed from the beginning or from a place."""
    return Feed(journal, positions or {}, rules(**wanted), name="upper")


def records(count: int, first: int = 0) -> list[Record]:
    """Frames that differ, a microsecond after each other."""
    return [received(frame(n), NOON_US + n) for n in range(first, first + count)]


def test_all_frames_come_in_order(tmp_path: Path) -> None:
    """And what is written later comes later."""
    one = feed(tmp_path)
    assert one.take(1000) == []
    write(tmp_path, records(25))
    one.survey()
    assert texts(all_of(one)) == [frame(n) for n in range(25)]
    write(tmp_path, records(5, 25))
    assert texts(all_of(one)) == [frame(n) for n in range(25, 30)]
    one.close()


@pytest.mark.parametrize("room", [1, 150, 1000, 5000])
def test_no_more_is_taken_than_there_is_room_for(tmp_path: Path, room: int) -> None:
    """Unless a frame alone is larger."""
    write(tmp_path, records(30))
    one = feed(tmp_path)
    found = []
    while taken := one.take(room):
        size = sum(len(bale.body) for bale in taken)
        assert size <= room or sum(bale.count for bale in taken) == 1
        found += taken
    assert texts(found) == [frame(n) for n in range(30)]


def test_a_feed_goes_on_at_any_place(tmp_path: Path) -> None:
    """Each frame's own end is a place, inside of a block as well."""
    write(tmp_path, records(12))
    bales = all_of(feed(tmp_path))
    places = [position for bale in bales for position in bale.positions]
    for count, place in enumerate(places, 1):
        rest = all_of(feed(tmp_path, {"0": place}))
        assert texts(rest) == [frame(n) for n in range(count, 12)]


def test_a_resend_is_known_after_a_restart(tmp_path: Path) -> None:
    """What lies behind the place is read back; also of the block in which the place is."""
    write(tmp_path, records(5) + records(5), block=7)
    place = all_of(feed(tmp_path))[0].positions[3]
    again = feed(tmp_path, {"0": place})
    assert texts(all_of(again)) == [frame(4)]
    assert again.counters.doubled == 5
    assert again.counters.filtered == 0


def test_a_loop_is_known_after_a_restart(tmp_path: Path) -> None:
    """The frames behind the place are rewritten once more for that."""
    wanted = {"set_pw": "654321"}
    write(tmp_path, records(3))
    (out,) = all_of(feed(tmp_path, **wanted))
    write(tmp_path, [received(raw, NOON_US + 60) for raw in texts([out])])
    again = feed(tmp_path, {"0": out.last}, **wanted)
    assert texts(all_of(again)) == []
    assert again.counters.looped == 3


def test_targets_share_what_was_sent(tmp_path: Path) -> None:
    """A frame that one target's rewriting made does not go to another."""
    sent = Recent()
    write(tmp_path, records(2))
    first = Feed(tmp_path, {}, rules(set_pw="654321"), sent=sent)
    second = Feed(tmp_path, {}, rules(), sent=sent)
    out = texts(all_of(first))
    assert texts(all_of(second)) == [frame(0), frame(1)]
    write(tmp_path, [received(raw, NOON_US + 60) for raw in out])
    assert all_of(first)[-1].count == all_of(second)[-1].count == 0
    assert (first.counters.looped, second.counters.looped) == (2, 2)


def test_the_oldest_is_given_up_beyond_the_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Counted, told once, and no longer kept from retention."""
    end = write(tmp_path, records(200))
    limit = end // 4
    one = Feed(tmp_path, {}, rules(), name="upper", max_lag_bytes=limit)
    with caplog.at_level(logging.WARNING):
        one.survey()
        one.survey()
    assert one.floors["0"] >= end - limit - 1
    assert one.given_up_bytes >= end - limit - 1
    assert len(caplog.records) == 1
    left = texts(all_of(one))
    assert 0 < len(left) <= 50
    assert left == [frame(n) for n in range(200 - len(left), 200)]
    one.survey()
    assert one.lag_bytes == 0


def test_a_lane_that_cannot_be_read_is_said_and_tried_again(tmp_path: Path) -> None:
    """The place stays where it was."""
    write(tmp_path, records(3))
    (segment,) = (tmp_path / "0").glob("*.seg")
    hidden = tmp_path / "hidden"
    segment.rename(hidden)
    segment.mkdir()
    one = Feed(tmp_path, {"0": 41}, rules())  # inside of the first record
    assert one.take(1000) == []
    assert "lane 0 of the journal cannot be read" in one.error
    segment.rmdir()
    hidden.rename(segment)
    assert texts(all_of(one)) == [frame(1), frame(2)]
    assert one.error == ""
