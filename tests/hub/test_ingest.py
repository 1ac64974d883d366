"""From journal to store: all of it, once, and what is said meanwhile."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hub_rig import MN, OTHER_MN, append, bad, good, lane
from ingest_rig import NOW_US, SMALL, drain, frame, ingest, values

from hj212d.hub import memory
from hj212d.hub.ingest import CURSOR
from hj212d.journal import cursors
from hj212d.journal.record import Kind, Record
from hj212d.wire import build
from hj212d.wire.reasons import Reason
from store.duckdb_store import DuckDBStore
from store.timeseries import Batch, FrameQuery, SampleQuery


def test_all_lanes_come_in(tmp_path: Path, store: DuckDBStore) -> None:
    """Good and bad frames of several lanes, with cursors in the store and their copy on disk."""
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        append(zero, [frame(1), bad(b"junk", Reason.JUNK)])
        append(one, [frame(2, OTHER_MN)])
        ends = {"0": zero.end, "1": one.end}
    with ingest(tmp_path, store) as running:
        assert running.state == "starting"
        assert not running.ready
        assert drain(running) == 3
        assert running.ready
        assert running.records_total == 3
        assert running.rows_total == 5
    assert store.cursors() == ends
    assert cursors.load(tmp_path / "journal", CURSOR) == ends
    assert values(store) == [1.0]
    assert values(store, OTHER_MN) == [2.0]
    assert store.frames(FrameQuery(errors=True))["raw"].to_pylist() == [b"junk"]


def test_an_empty_journal_is_ready(tmp_path: Path, store: DuckDBStore) -> None:
    """No journal folder yet: nothing to do, nothing wrong."""
    with ingest(tmp_path, store) as running:
        step = running.step()
        assert (step.records, step.committed) == (0, None)
        assert step.wait_s == SMALL.batch_interval_s
        assert running.ready
        assert (running.lag_bytes, running.lag_seconds) == (0, 0.0)


def test_lanes_that_appear_later_are_read(tmp_path: Path, store: DuckDBStore) -> None:
    """A worker that is started while the ingest runs."""
    with ingest(tmp_path, store) as running:
        assert drain(running) == 0
        with lane(tmp_path, "0") as writer:
            append(writer, [frame(1)])
            assert drain(running) == 1
            with lane(tmp_path, "7") as later:
                append(later, [frame(2)])
                append(writer, [frame(3)])
                assert drain(running) == 2
    assert values(store) == [1.0, 2.0, 3.0]


def test_a_restart_goes_on_where_the_store_stands(tmp_path: Path, store: DuckDBStore) -> None:
    """Whatever the copy of the cursors says: ahead, behind, damaged, missing."""
    with lane(tmp_path) as writer:
        for number in range(8):
            append(writer, [frame(number)])
            path = tmp_path / "journal" / "cursors" / f"{CURSOR}.json"
            if number == 2:
                cursors.save(tmp_path / "journal", CURSOR, {"0": writer.end + 10**6})
            elif number == 4:
                cursors.save(tmp_path / "journal", CURSOR, {})
            elif number == 5:
                path.write_bytes(b"damaged")
            elif number == 6:
                path.unlink()
            with ingest(tmp_path, store) as running:
                running.step()
                assert running.ready
                assert cursors.load(tmp_path / "journal", CURSOR) == {"0": writer.end}
                drain(running)
    assert values(store) == [float(number) for number in range(8)]
    assert store.totals()["frames"] == 8


def test_batches_are_bounded_and_lanes_share_them(tmp_path: Path, store: DuckDBStore) -> None:
    """A step takes no more than its bytes and a block of each lane, and a lane with much to say
    leaves room for the others."""
    with lane(tmp_path, "0") as busy, lane(tmp_path, "1") as quiet:
        for number in range(0, 2000, 50):
            append(busy, [frame(at) for at in range(number, number + 50)])
        append(quiet, [frame(1, OTHER_MN)])
        with ingest(tmp_path, store) as running:
            step = running.step()
            assert step.wait_s == 0
            assert values(store, OTHER_MN) == [1.0]
            assert 0 < step.records < 1000
            assert running.lag_bytes > 0
            assert drain(running) == 2001 - step.records


def test_memory_goes_back_after_a_backlog(
    tmp_path: Path, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once at its end, however many batches it took, and not in steady flow."""
    calls: list[bool] = []
    monkeypatch.setattr(memory, "give_back", lambda: calls.append(running.behind))
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        for number in range(0, 1500, 50):
            append(writer, [frame(at) for at in range(number, number + 50)])
        assert running.step().wait_s == 0
        assert (running.behind, calls) == (True, [])
        drain(running)
        append(writer, [frame(2000)])
        drain(running)
        assert (running.behind, calls) == (False, [True])
    monkeypatch.undo()
    memory.give_back()


def test_lag_is_the_age_of_the_oldest_record_not_stored(
    tmp_path: Path, store: DuckDBStore
) -> None:
    """Bytes and seconds of what waits, over all lanes, also before the first step."""
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        append(zero, [frame(50)])
        append(one, [frame(20), frame(55)])
        with ingest(tmp_path, store) as running:
            assert running.lag_bytes > 0
            assert running.lag_seconds == 40.0
            drain(running)
            assert (running.lag_bytes, running.lag_seconds) == (0, 0.0)
            append(zero, [frame(58)])
            assert running.lag_seconds == 2.0


def test_a_duplicate_is_stored_once_and_shown(tmp_path: Path, store: DuckDBStore) -> None:
    """A frame that came fifty times on two lanes is one row; the observer hears of the others."""
    seen: list[Batch] = []
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        append(zero, [frame(1)] * 25)
        append(one, [frame(1)] * 25)
        with ingest(tmp_path, store, observer=seen.append) as running:
            drain(running)
    assert store.totals()["frames"] == 1
    duplicates = {"mn": MN, "what": "duplicates", "name": "", "n": 49}
    assert duplicates in store.counts().to_pylist()
    assert duplicates in seen[0].counts.to_pylist()
    assert seen[0].frames.num_rows == 50


def test_the_observer_hears_only_of_what_is_stored(
    tmp_path: Path, store: DuckDBStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is called after the commit, not for a batch that failed, and what it raises is logged
    and stops nothing."""
    heard: list[int] = []

    def observer(batch: Batch) -> None:
        heard.append(store.totals()["frames"])
        raise ZeroDivisionError(f"on {batch.frames.num_rows}")

    with lane(tmp_path) as writer, ingest(tmp_path, store, observer=observer) as running:
        append(writer, [frame(1)])
        with caplog.at_level(logging.ERROR):
            drain(running)
        assert heard == [1]
        assert "observer failed" in caplog.text
        append(writer, [frame(2)])
        (tmp_path / "store.duckdb").unlink()
        running.step()
        assert heard == [1]


def test_links_come_in(tmp_path: Path, store: DuckDBStore) -> None:
    """Link events of the journal are rows of links."""
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        append(writer, [Record(Kind.LINK_CLOSED, NOW_US, 7, meta=b'{"why":"idle"}')])
        assert drain(running) == 1
    with store._file.cursor() as cursor:
        assert cursor.execute("SELECT link, event FROM links").fetchall() == [(7, "closed")]


def packet(number: int, total: int, *, cn: str, second: int) -> Record:
    """A packet of an upload that is split, received so many seconds after noon."""
    segment = build.segment(
        qn="",
        st="32",
        cn=cn,
        pw="123456",
        mn=MN,
        flag=7,
        cp=f"DataTime=20260601120000;w0{number:04d}-Avg=1",
        pnum=total,
        pno=number,
    )
    raw = build.frame(segment).removesuffix(b"\r\n")
    return good(raw, time_us=NOW_US + second * 1_000_000)


def test_packets_that_stay_alone_are_counted(tmp_path: Path, store: DuckDBStore) -> None:
    """Each packet is stored as it comes; a group that is not whole after ten minutes is a
    warning, counted with a later batch, and a whole one is not."""
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        for packets in (
            [packet(1, 3, cn="2051", second=0), packet(2, 3, cn="2051", second=1)],
            [packet(2, 2, cn="2031", second=2), packet(1, 2, cn="2031", second=3)],
            [packet(1, 1, cn="2061", second=700)],
            [frame(900)],
        ):
            append(writer, packets)
            drain(running)
    counts = store.counts().to_pylist()
    incomplete = [row for row in counts if row["name"] == "packets_incomplete"]
    assert incomplete == [{"mn": MN, "what": "warning", "name": "packets_incomplete", "n": 1}]
    assert store.samples(SampleQuery(MN, None, period="minute")).num_rows == 2
