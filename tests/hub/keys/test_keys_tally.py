"""Counting what is encrypted and what cannot be read, by Beijing day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa

from hj212d.hub.keys.tally import Counted, Tally
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # in Beijing


def us(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def batch(*rows: tuple[str, str, str, bool, str], at: datetime = NOON) -> Batch:
    """Frames as mn, cn, version, encrypted, reason."""
    frames = []
    for mn, cn, version, encrypted, reason in rows:
        row = dict.fromkeys(FRAMES.names)
        row |= {"mn": mn, "cn": cn, "version": version, "encrypted": encrypted}
        frames.append(row | {"reason": reason, "received_at": at.replace(tzinfo=None)})
    table = pa.Table.from_pylist(frames, FRAMES)
    return Batch(table, SAMPLES.empty_table(), LINKS.empty_table(), COUNTS.empty_table(), {})


def test_data_of_2025_and_frames_that_no_key_opens_are_counted():
    """Heartbeats, replies and other versions are to be in plain."""
    tally = Tally(us(NOON))
    tally.observe(
        batch(
            ("A", "2051", "2025", True, "ok"),
            ("A", "2011", "2025", False, "ok"),
            ("A", "9015", "2025", False, "ok"),
            ("A", "2051", "2025", True, "duplicate"),
            ("A", "2051", "2025", False, "key_wrong"),
            ("B", "2051", "2025", False, "key_missing"),
            ("C", "2051", "2017", False, "ok"),
        )
    )
    tally.observe(batch(("A", "2051", "2025", True, "ok")))
    counted = tally.of("A", us(NOON))
    assert counted is not None
    assert (counted.data, counted.encrypted, counted.unreadable) == (3, 2, 1)
    assert tally.of("B", us(NOON)) == Counted(unreadable=1, last_unreadable_us=us(NOON))
    assert tally.of("C", us(NOON)) is None
    assert sorted(tally.unreadable_mns()) == ["A", "B"]


def test_a_day_ends_at_midnight_in_beijing():
    """And what comes late from yesterday is not today's."""
    tally = Tally(us(NOON))
    tally.observe(batch(("A", "2051", "2025", True, "ok")))
    night = NOON + timedelta(hours=12)
    assert tally.of("A", us(night - timedelta(seconds=1))) is not None
    assert tally.of("A", us(night)) is None
    tally.observe(batch(("A", "2051", "2025", False, "ok"), at=night))
    tally.observe(batch(("A", "2051", "2025", False, "ok"), at=NOON))
    counted = tally.of("A", us(night))
    assert counted is not None
    assert (counted.data, counted.encrypted) == (1, 0)
    assert tally.since_us == us(night)


def test_an_encrypted_frame_since_a_moment_is_told():
    """It proves the only key of a device."""
    tally = Tally(us(NOON))
    assert not tally.encrypted_since("A", 0)
    tally.observe(batch(("A", "2051", "2025", True, "ok")))
    assert tally.encrypted_since("A", us(NOON) - 1)
    assert not tally.encrypted_since("A", us(NOON))


def test_mns_that_are_invented_do_not_fill_memory():
    """Nor do replays count."""
    tally = Tally(us(NOON), max_mns=2)
    tally.observe(batch(*((f"M{n}", "2051", "2025", False, "key_missing") for n in range(9))))
    assert len(tally.unreadable_mns()) == 2
    other = Tally(us(NOON))
    again = batch(("A", "2051", "2025", True, "ok"))
    other.observe(msgspec.structs.replace(again, replay=True))
    assert other.of("A", us(NOON)) is None
