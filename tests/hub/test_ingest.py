"""From journal to store: all of it, once, and what is said meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from hub_rig import MN, OTHER_MN, append, bad, good, lane, upload

from hj212d.hub.ingest import CURSOR, Ingest
from hj212d.journal import cursors
from hj212d.journal.record import Kind, Record
from hj212d.journal.segment import HEADER_BYTES
from hj212d.wire import build, sm4
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from store.duckdb_store import DuckDBStore
from store.settings import StoreSettings
from store.timeseries import Batch, FrameQuery, SampleQuery

NOW_S = 1_780_286_400.0  # 2026-06-01 12:00 in Beijing
NOW_US = int(NOW_S * 1e6)
SMALL = StoreSettings(batch_bytes=65536)


def frame(number: int, mn: str = MN) -> Record:
    """Good frames that differ, received one second after the other."""
    raw = upload(
        mn,
        rtd=str(number),
        data_time=f"20260601{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}",
    )
    return good(raw, time_us=NOW_US + number * 1_000_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """An empty store."""
    opened = DuckDBStore(tmp_path / "store.duckdb")
    yield opened
    opened.close()


@contextmanager
def ingest(
    data: Path,
    store: DuckDBStore,
    device: Callable[[str], Device] = lambda _: Device(),
    settings: StoreSettings = SMALL,
    observer: Callable[[Batch], None] | None = None,
) -> Iterator[Ingest]:
    """An ingest of the journal in a data folder."""
    made = Ingest(
        data / "journal",
        store,
        device,
        settings,
        lambda: NOW_S + 60,
        clock_tolerance_s=600.0,
        observer=observer,
    )
    try:
        yield made
    finally:
        made.close()


def drain(one: Ingest) -> int:
    """Steps until nothing is left; how many records came."""
    total = 0
    while True:
        step = one.step()
        assert one.state == "ok", one.error
        total += step.records
        if step.records == 0:
            return total


def positions(store: DuckDBStore) -> list[tuple[str, int]]:
    """Lane and position of all frames in the store."""
    table = store.frames(FrameQuery(limit=10**6))
    return sorted(zip(table["lane"].to_pylist(), table["position"].to_pylist(), strict=True))


def values(store: DuckDBStore, mn: str = MN) -> list[float]:
    """Real-time values of an MN."""
    return store.samples(SampleQuery(mn, None))["rtd"].to_pylist()


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


def test_a_store_that_does_not_serve_is_waited_for(tmp_path: Path, store: DuckDBStore) -> None:
    """State and sentence tell it, waiting grows to a limit, and afterwards nothing is missing and
    nothing is there twice."""
    path = tmp_path / "store.duckdb"
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        append(writer, [frame(1)])
        drain(running)
        store._file.discard()
        away = path.rename(tmp_path / "away.duckdb")
        path.mkdir()
        append(writer, [frame(2)])
        waits = []
        for _ in range(10):
            step = running.step()
            assert (running.state, step.records) == ("unavailable", 0)
            assert "store.duckdb" in running.error
            waits.append(step.wait_s)
        assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]
        assert running.lag_seconds == 58.0
        path.rmdir()
        away.rename(path)
        assert drain(running) == 1
        assert running.error == ""
    assert values(store) == [1.0, 2.0]


def test_a_store_that_was_removed_is_made_again_from_the_journal(
    tmp_path: Path, store: DuckDBStore
) -> None:
    """The journal is the truth: a new file gets all of it, not only what comes now."""
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        append(writer, [frame(1), frame(2)])
        drain(running)
        (tmp_path / "store.duckdb").unlink()
        append(writer, [frame(3)])
        assert running.step().records == 0
        assert "removed" in running.error
        assert drain(running) == 3
    assert values(store) == [1.0, 2.0, 3.0]


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


def test_a_frame_whose_key_was_changed_is_kept(tmp_path: Path, store: DuckDBStore) -> None:
    """What cannot be decrypted any more is in quarantine with the reason, byte for byte."""
    key = b"0" * 16
    segment = build.segment(
        qn="20260601120000000",
        st="31",
        cn="2011",
        pw="123456",
        mn=MN,
        flag=9,
        cp="DataTime=20260601120000;a01011-Rtd=1.35,a01011-Flag=N",
    )
    plain = build.frame(segment).removesuffix(b"\r\n")
    raw = plain[:6] + sm4.encrypt_cp(segment, key) + plain[-4:]
    keys: list[tuple[bytes, ...]] = [(key,), ()]
    with lane(tmp_path) as writer:
        with ingest(tmp_path, store, lambda _: Device(keys=keys[0])) as running:
            append(writer, [good(raw, time_us=NOW_US)])
            drain(running)
            assert values(store) == [1.35]
        with ingest(tmp_path, store, lambda _: Device(keys=keys[1])) as running:
            append(writer, [good(raw, time_us=NOW_US + 1)])
            drain(running)
    table = store.frames(FrameQuery())
    assert table["reason"].to_pylist() == ["ok", "key_missing"]
    assert table["encrypted"].to_pylist()[0]
    assert table["raw"].to_pylist() == [raw, raw]


def test_a_fault_of_ours_over_one_record_stops_nothing(tmp_path: Path, store: DuckDBStore) -> None:
    """The record goes in as bytes with a warning; the cursor passes it."""

    def device(mn: str) -> Device:
        if mn == OTHER_MN:
            raise ZeroDivisionError
        return Device()

    with lane(tmp_path) as writer, ingest(tmp_path, store, device) as running:
        append(writer, [frame(1), frame(2, OTHER_MN), frame(3)])
        assert drain(running) == 3
        assert running.errors == 1
        assert store.cursors() == {"0": writer.end}
    assert values(store) == [1.0, 3.0]
    [row] = store.frames(FrameQuery(mn=OTHER_MN)).to_pylist()
    assert (row["warnings"], row["raw"]) == ("ingest_error", frame(2, OTHER_MN).raw)


def test_a_fault_of_ours_in_the_store_loses_nothing(
    tmp_path: Path, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes out of the step, and the records are read again."""
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        append(writer, [frame(1)])
        with monkeypatch.context() as broken:
            broken.setattr(store, "commit", lambda _: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                running.step()
        append(writer, [frame(2)])
        assert drain(running) == 2
    assert values(store) == [1.0, 2.0]


def test_wrong_clocks_come_in_with_a_warning(tmp_path: Path, store: DuckDBStore) -> None:
    """1970 and 2099 are stored and counted."""
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        times = ("19700101000000", "20990101000000")
        append(writer, [good(upload(data_time=time), time_us=NOW_US) for time in times])
        drain(running)
    years = [time.year for time in store.samples(SampleQuery(MN, None))["data_time"].to_pylist()]
    assert years == [datetime(1969, 12, 31).year, datetime(2098, 12, 31).year]
    assert store.frames(FrameQuery())["warnings"].to_pylist() == ["clock_behind", "clock_ahead"]


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


def test_a_lane_that_cannot_be_read_does_not_stop_the_others(
    tmp_path: Path, store: DuckDBStore
) -> None:
    """The error names the lane; the others are read; it is tried again."""
    broken = tmp_path / "journal" / "0" / ("0" * 20 + ".seg")
    broken.mkdir(parents=True)
    with lane(tmp_path, "1") as writer, ingest(tmp_path, store) as running:
        append(writer, [frame(1)])
        assert drain(running) == 1
        assert "lane 0 of the journal cannot be read" in running.error
        broken.rmdir()
        running.step()
        assert running.error == ""


def test_a_cursor_copy_that_cannot_be_written_is_said(tmp_path: Path, store: DuckDBStore) -> None:
    """Retention lags, data do not."""
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "cursors").write_text("in the way")
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        append(writer, [frame(1)])
        assert drain(running) == 1
        assert "cursor for retention" in running.error
        assert running.ready
        (tmp_path / "journal" / "cursors").unlink()
        running.step()
        assert running.error == ""
        assert cursors.load(tmp_path / "journal", CURSOR) == store.cursors()


def test_damage_on_the_way_is_counted_once(tmp_path: Path, store: DuckDBStore) -> None:
    """A flipped bit is mended and counted; heavier damage is skipped, counted, and the rest
    comes in."""
    with lane(tmp_path) as writer:
        for number in range(6):
            append(writer, [frame(number)])
    segment = next((tmp_path / "journal" / "0").glob("*.seg"))
    content = bytearray(segment.read_bytes())
    block_bytes = (len(content) - HEADER_BYTES) // 6
    content[HEADER_BYTES + block_bytes + block_bytes // 2] ^= 1
    wrecked = HEADER_BYTES + 3 * block_bytes + block_bytes // 2
    content[wrecked : wrecked + 8] = bytes(8)
    segment.write_bytes(content)

    with ingest(tmp_path, store) as one:
        drain(one)
        found = (one.damaged.mended, one.damaged.places, one.damaged.bytes)

    assert values(store) == [0, 1, 2, 4, 5]
    assert found == (1, 1, block_bytes)
