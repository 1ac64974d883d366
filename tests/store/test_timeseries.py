"""What every engine promises: each row once, the newest received wins, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from batches import NOON, batch, frame, reading, sample

from store.timeseries import FrameQuery, SampleQuery, StoreUnavailable, TimeSeriesStore

OpenStore = Callable[[], TimeSeriesStore]
SECOND = timedelta(seconds=1)


def rtd(store: TimeSeriesStore, mn: str = "A") -> list[float]:
    """Real-time values of an MN in order of data_time."""
    return store.samples(SampleQuery(mn, None))["rtd"].to_pylist()


def positions(store: TimeSeriesStore, query: FrameQuery | None = None) -> list[int]:
    """Positions of the frames that a query finds."""
    return store.frames(query or FrameQuery())["position"].to_pylist()


def test_a_new_store_is_empty(store: TimeSeriesStore) -> None:
    """Every question has an answer before the first batch."""
    assert store.cursors() == {}
    assert store.frames(FrameQuery()).num_rows == 0
    assert rtd(store) == []
    assert store.latest().num_rows == 0
    assert store.devices().num_rows == 0
    assert store.counts().num_rows == 0
    assert store.totals() == {"frames": 0, "frames_bad": 0, "samples": 0, "devices": 0}


def test_rows_come_back_as_they_went_in(store: TimeSeriesStore) -> None:
    """All columns of a frame and of a sample survive, raw bytes byte for byte."""
    raw = bytes(range(256))
    one = frame(
        7,
        raw=raw,
        link=2**64 - 1,
        flag=5,
        pnum=3,
        pno=2,
        rf=True,
        encrypted=True,
        repairs="crc_short",
        received_at=NOON + timedelta(microseconds=123_456),
    )
    value = sample(one, 1.5, min=-0.5, zs_avg=2.0, day_data=3.0, rt=4.0, extra='{"Info":"风"}')
    store.commit(batch([one], [value], cursors={"0": 9}))
    assert store.frames(FrameQuery()).to_pylist() == [one]
    assert store.samples(SampleQuery("A", "w01018")).to_pylist() == [reading(value)]
    assert store.cursors() == {"0": 9}


def test_rows_and_cursors_outlive_a_restart(reopen: OpenStore) -> None:
    """What was committed is there after closing and opening again."""
    one = frame(1)
    reopen().commit(batch([one], [sample(one, 1.0)], cursors={"0": 2, "1": 3}))
    again = reopen()
    assert again.cursors() == {"0": 2, "1": 3}
    assert positions(again) == [1]
    assert rtd(again) == [1.0]


def test_fifty_times_the_same_frame_is_one(reopen: OpenStore) -> None:
    """Duplicates within a batch, over batches and after a restart are counted, not stored."""
    store = reopen()
    same = [frame(number, raw=b"same") for number in range(50)]
    done = store.commit(batch(same, [sample(one, 1.0) for one in same]))
    assert (done.frames, done.duplicates, done.samples) == (1, 49, 1)
    assert done.duplicates_by_mn == {"A": 49}
    done = store.commit(batch([frame(100, raw=b"same")], []))
    assert (done.frames, done.duplicates) == (0, 1)
    store = reopen()
    done = store.commit(batch([frame(200, raw=b"same"), frame(201, raw=b"other")]))
    assert (done.frames, done.duplicates) == (1, 1)
    assert positions(store) == [0, 201]
    counted = {"mn": "A", "what": "duplicates", "name": "", "n": 51}
    assert counted in store.counts().to_pylist()


@pytest.mark.parametrize(
    "other",
    [
        {"mn": "B"},
        {"reason": "crc_wrong"},
        {"raw": b"different", "digest": 1},
        {"key_time": NOON + SECOND},
    ],
)
def test_what_makes_a_frame_another_one(store: TimeSeriesStore, other: dict[str, object]) -> None:
    """MN, verdict, bytes and time decide, within a batch and over batches; an equal digest over
    different bytes does not."""
    one = {"raw": b"same", "digest": 1}
    store.commit(batch([frame(1, **one), frame(2, **{**one, **other})]))
    assert positions(store) == [1, 2]
    done = store.commit(batch([frame(3, **one), frame(4, **{**one, **other})]))
    assert done.duplicates == 2


def test_a_frame_without_time_is_never_a_duplicate(store: TimeSeriesStore) -> None:
    """Heartbeats without DataTime and QN are stored each time."""
    beats = [frame(number, raw=b"beat", data_time=None) for number in range(3)]
    store.commit(batch(beats))
    done = store.commit(batch([frame(9, raw=b"beat", data_time=None)]))
    assert (done.frames, done.duplicates) == (1, 0)
    assert len(positions(store)) == 4


def test_samples_of_a_duplicate_change_nothing(store: TimeSeriesStore) -> None:
    """A frame that comes again does not overwrite what came in between."""
    first, between = frame(1, raw=b"first"), frame(2, received_at=NOON + 2 * SECOND)
    store.commit(batch([first], [sample(first, 1.0)]))
    store.commit(batch([between], [sample(between, 2.0)]))
    resent = frame(3, raw=b"first", received_at=NOON + 3 * SECOND)
    store.commit(batch([resent], [sample(resent, 1.0)]))
    assert rtd(store) == [2.0]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_newest_received_value_stays(store: TimeSeriesStore, order: tuple[int, ...]) -> None:
    """Whatever the order of commits, the value received last is the value."""
    for number in order:
        one = frame(number, received_at=NOON + number * SECOND)
        store.commit(batch([one], [sample(one, float(number))]))
    assert rtd(store) == [3.0]
    assert store.totals()["samples"] == 1
    assert len(positions(store)) == 3


def test_of_equal_times_lane_and_position_decide(store: TimeSeriesStore) -> None:
    """Two values received in the same microsecond: the higher (lane, position) wins, in a batch
    and over batches."""
    low, high = frame(5, lane="0"), frame(1, lane="1")
    store.commit(batch([high, low], [sample(high, 2.0), sample(low, 1.0)]))
    assert rtd(store) == [2.0]
    done = store.commit(batch([frame(9, lane="0")], [sample(frame(9, lane="0"), 3.0)]))
    assert done.samples_stale == 1
    assert rtd(store) == [2.0]
    store.commit(batch([frame(2, lane="1")], [sample(frame(2, lane="1"), 4.0)]))
    assert rtd(store) == [4.0]


@pytest.mark.parametrize("year", [1970, 2099])
def test_wrong_clocks_are_stored_and_found(store: TimeSeriesStore, year: int) -> None:
    """Data of 1970 and 2099 are kept beside those of now, once, and replaced like others."""
    strange = datetime(year, 1, 1)
    odd = frame(1, raw=b"odd", data_time=strange)
    good = frame(2)
    store.commit(batch([odd, good], [sample(odd, 1.0), sample(good, 2.0)]))
    again = frame(3, raw=b"odd", data_time=strange)
    newer = frame(4, data_time=strange, received_at=NOON + 9 * SECOND)
    done = store.commit(batch([again, newer], [sample(again, 1.0), sample(newer, 3.0)]))
    assert (done.duplicates, done.samples) == (1, 1)
    assert sorted(rtd(store)) == [2.0, 3.0]
    assert positions(store) == [1, 2, 4]


def test_a_value_is_replaced_across_near_and_far(store: TimeSeriesStore) -> None:
    """The same data_time received on its day and again a month later is still one row."""
    one = frame(1)
    late = frame(2, received_at=NOON + timedelta(days=30))
    store.commit(batch([one], [sample(one, 1.0)]))
    store.commit(batch([late], [sample(late, 2.0)]))
    assert rtd(store) == [2.0]
    resent = frame(3, raw=b"frame 1", received_at=NOON + timedelta(days=40))
    assert store.commit(batch([resent], [sample(resent, 1.0)])).duplicates == 1
    assert rtd(store) == [2.0]


def test_a_batch_that_begins_elsewhere_is_refused(store: TimeSeriesStore) -> None:
    """Rows are written only where the store stands: a batch that was committed already, or one
    for a store that was exchanged, leaves no trace."""
    first = batch([frame(1)], cursors={"0": 2}, since={"0": 0})
    store.commit(first)
    for wrong in (first, batch([frame(9)], cursors={"0": 9}, since={"0": 8})):
        with pytest.raises(StoreUnavailable, match="stands at 2 of lane 0"):
            store.commit(wrong)
    assert positions(store) == [1]
    store.commit(batch([frame(3)], cursors={"0": 4}, since={"0": 2}))
    assert store.cursors() == {"0": 4}


def test_replay_replaces_rows_in_place(store: TimeSeriesStore) -> None:
    """A frame read again takes the place of its row and samples; cursors and counts stay; doing it
    twice changes nothing more."""
    bad = frame(1, reason="key_missing", raw=b"cipher")
    good = frame(2)
    tally = [{"mn": "A", "what": "frames", "name": "", "n": 2}]
    store.commit(batch([bad, good], [sample(good, 2.0)], counts=tally, cursors={"0": 3}))
    read = frame(1, raw=b"cipher", data_time=NOON - SECOND)
    for _ in range(2):
        store.commit(batch([read, good], [sample(read, 1.0), sample(good, 2.0)], replay=True))
        assert store.frames(FrameQuery())["reason"].to_pylist() == ["ok", "ok"]
        assert rtd(store) == [1.0, 2.0]
        assert store.counts().to_pylist() == tally
        assert store.cursors() == {"0": 3}


def test_replay_takes_back_what_is_no_longer_there(store: TimeSeriesStore) -> None:
    """Samples of the old reading of a frame go with it."""
    one, other = frame(1), frame(2, data_time=NOON + SECOND)
    store.commit(batch([one, other], [sample(one, 1.0), sample(other, 2.0)]))
    store.commit(batch([frame(1, reason="pw_wrong")], replay=True))
    assert rtd(store) == [2.0]
    assert store.frames(FrameQuery(errors=True))["position"].to_pylist() == [1]


def test_replay_keeps_duplicates_out(store: TimeSeriesStore) -> None:
    """Original and resent frame read again, in either order, are still one frame."""
    first, second = frame(1, raw=b"same"), frame(2, raw=b"same")
    store.commit(batch([first, second]))
    store.commit(batch([second], replay=True))
    store.commit(batch([first], replay=True))
    store.commit(batch([second, first], replay=True))
    assert len(positions(store)) == 1


def test_queries_choose(store: TimeSeriesStore) -> None:
    """Each bound of a query does what it says: start included, end not, the newest of limit."""
    rows = [
        frame(
            number,
            mn="B" if number % 2 else "A",
            cn="2051" if number == 4 else "2011",
            reason="crc_wrong" if number == 5 else "ok",
            received_at=NOON + number * SECOND,
            data_time=NOON + number * SECOND,
        )
        for number in range(6)
    ]
    values = [sample(row, float(row["position"])) for row in rows]
    values.append(sample(rows[0], 9.0, factor="w01019"))
    values.append(sample(rows[0], 8.0, period="hour"))
    store.commit(batch(rows, values))
    between = {"start": NOON + SECOND, "end": NOON + 3 * SECOND}
    assert positions(store, FrameQuery(mn="A")) == [0, 2, 4]
    assert positions(store, FrameQuery(**between)) == [1, 2]
    assert positions(store, FrameQuery(reason="crc_wrong")) == [5]
    assert positions(store, FrameQuery(errors=True)) == [5]
    assert positions(store, FrameQuery(cn="2051")) == [4]
    assert positions(store, FrameQuery(limit=2)) == [4, 5]
    assert store.samples(SampleQuery("A", None, **between))["rtd"].to_pylist() == [2.0]
    assert store.samples(SampleQuery("A", "w01018"))["rtd"].to_pylist() == [0.0, 2.0, 4.0]
    assert store.samples(SampleQuery("A", None, period="hour"))["rtd"].to_pylist() == [8.0]
    assert store.samples(SampleQuery("A", None, limit=1))["rtd"].to_pylist() == [4.0]
    newest = store.latest().to_pylist()
    assert [(row["mn"], row["factor"], row["period"], row["rtd"]) for row in newest] == [
        ("A", "w01018", "hour", 8.0),
        ("A", "w01018", "realtime", 4.0),
        ("A", "w01019", "realtime", 9.0),
        ("B", "w01018", "realtime", 5.0),
    ]
    assert store.totals() == {"frames": 6, "frames_bad": 1, "samples": 8, "devices": 2}


def test_devices_tell_first_and_last(store: TimeSeriesStore) -> None:
    """First and last good frame, newest ST and version; replies, bad frames and clocks that are
    ahead do not disturb, whatever the order of commits."""
    later = frame(2, received_at=NOON + 5 * SECOND, data_time=NOON + SECOND, version="2025")
    store.commit(batch([later]))
    store.commit(
        batch(
            [
                frame(1, version="2005", st="22"),
                frame(3, st="91", received_at=NOON + 6 * SECOND, data_time=datetime(2099, 1, 1)),
                frame(4, reason="crc_wrong", received_at=NOON + 9 * SECOND),
                frame(5, mn="", received_at=NOON + 9 * SECOND),
            ]
        )
    )
    assert store.devices().to_pylist() == [
        {
            "mn": "A",
            "st": "32",
            "version": "2025",
            "first_seen": NOON + SECOND,
            "last_seen": NOON + 6 * SECOND,
            "last_data_time": NOON + SECOND,
        }
    ]


def test_a_device_first_heard_without_data_gets_its_time_later(store: TimeSeriesStore) -> None:
    """An empty last_data_time is filled by the first DataTime."""
    store.commit(batch([frame(1, data_time=None)]))
    assert store.devices()["last_data_time"].to_pylist() == [None]
    store.commit(batch([frame(2)]))
    store.commit(batch([frame(3, data_time=None)]))
    assert store.devices()["last_data_time"].to_pylist() == [NOON]


def test_counts_add_up(store: TimeSeriesStore) -> None:
    """Counts of batches are summed per MN and name."""
    tally = [
        {"mn": "A", "what": "repair", "name": "crc_short", "n": 2},
        {"mn": "", "what": "reason", "name": "junk", "n": 1},
        {"mn": "A", "what": "repair", "name": "crc_short", "n": 1},
    ]
    store.commit(batch([], counts=tally))
    store.commit(batch([], counts=tally[:1]))
    assert store.counts().to_pylist() == [
        {"mn": "", "what": "reason", "name": "junk", "n": 1},
        {"mn": "A", "what": "repair", "name": "crc_short", "n": 5},
    ]


def test_a_closed_store_refuses(store: TimeSeriesStore) -> None:
    """After close nothing is opened behind the owner's back."""
    store.commit(batch([frame(1)]))
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.cursors()
