"""From journal to store when something is wrong: the store, the journal, a record, ourselves."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import duckdb
import msgspec
import pytest
from hub_rig import MN, OTHER_MN, append, good, lane, sealed, upload
from ingest_rig import NOW_US, drain, frame, ingest, positions, values

from hj212d.hub.ingest import CURSOR
from hj212d.journal import cursors
from hj212d.journal.segment import HEADER_BYTES
from hj212d.wire.frame import Device
from hj212d.wire.tolerances import Tolerance
from store.duckdb_store import DuckDBStore
from store.timeseries import Batch, Committed, FrameQuery, SampleQuery


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


def test_a_frame_whose_key_was_changed_is_kept(tmp_path: Path, store: DuckDBStore) -> None:
    """What cannot be decrypted any more is in quarantine with the reason, byte for byte."""
    key = b"0" * 16
    raw = sealed(key)
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

    # A frame with a mark is not read without asking for its device.
    marked = msgspec.structs.replace(frame(2, OTHER_MN), marks=int(Tolerance.HEADER_ORDER))
    with lane(tmp_path) as writer, ingest(tmp_path, store, device) as running:
        append(writer, [frame(1), marked, frame(3)])
        assert drain(running) == 3
        assert running.errors == 1
        assert store.cursors() == {"0": writer.end}
    assert values(store) == [1.0, 3.0]
    [row] = store.frames(FrameQuery(mn=OTHER_MN)).to_pylist()
    assert (row["warnings"], row["raw"]) == ("ingest_error", marked.raw)


class Choosy:
    """A store that raises over batches in which a certain value stands, or certain bytes."""

    def __init__(self, store: DuckDBStore, *, value: float, raw: bytes | None = None) -> None:
        self._store = store
        self._value = value
        self._raw = raw
        self.refused = 0
        self.plan: dict[str, int] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def planned(self) -> dict[str, int] | None:
        """Where the batch that failed ends, of a store that plans."""
        return self.plan

    def commit(self, batch: Batch) -> Committed:
        """All or nothing."""
        offending = self._value in batch.samples["rtd"].to_pylist()
        if offending or self._raw in batch.frames["raw"].to_pylist():
            self.refused += 1
            raise duckdb.DataError("a column does not take it")
        return self._store.commit(batch)


def test_what_the_store_fails_on_is_found_and_kept_as_bytes(
    tmp_path: Path, store: DuckDBStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Not tried for ever: the batch goes in around the record, in two lanes, each other record as
    ever and once; the record has a warning and is in the log."""
    choosy = Choosy(store, value=13.0)
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        for start in range(0, 40, 10):
            append(zero, [frame(number) for number in range(start, start + 10)])
            append(one, [frame(number, OTHER_MN) for number in range(100 + start, 110 + start)])
        with ingest(tmp_path, cast(DuckDBStore, choosy)) as running:
            with caplog.at_level(logging.ERROR):
                step = running.step()
            assert (running.state, running.errors, running.records_total) == ("ok", 1, 80)
            assert step.committed is not None
            assert (step.committed.frames, step.committed.samples) == (80, 79)
            assert drain(running) == 0
        assert store.cursors() == {"0": zero.end, "1": one.end}
    assert values(store) == [number for number in range(40) if number != 13]
    assert values(store, OTHER_MN) == list(range(100, 140))
    assert len(positions(store)) == 80
    rows = store.frames(FrameQuery()).to_pylist()
    [row] = [one for one in rows if "ingest_error" in one["warnings"]]
    assert (row["warnings"], row["raw"]) == ("ingest_error", frame(13).raw)
    assert "event=record_isolated lane=0" in caplog.text
    assert 1 < choosy.refused < 12


def test_a_batch_that_the_store_has_planned_stays_whole(
    tmp_path: Path, store: DuckDBStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It cannot be divided, so all of it goes in as bytes; the log says so, the way is free."""
    choosy = Choosy(store, value=2.0)
    with lane(tmp_path) as writer:
        append(writer, [frame(number) for number in range(4)])
        with ingest(tmp_path, cast(DuckDBStore, choosy)) as running:
            running.step()
            assert running.errors == 1
        choosy.plan = {}
        with ingest(tmp_path, cast(DuckDBStore, choosy)) as running:
            append(writer, [frame(number) for number in range(10, 12)] + [frame(2)])
            choosy.plan = {"0": writer.end}
            with caplog.at_level(logging.ERROR):
                running.step()
            assert running.errors == 3
            assert "event=batch_unread records=3" in caplog.text
    assert values(store) == [0.0, 1.0, 3.0]
    assert store.cursors() == {"0": writer.end}
    assert store.totals()["frames"] == 7


def test_a_store_that_fails_on_everything_loses_nothing(
    tmp_path: Path, store: DuckDBStore
) -> None:
    """What it fails on even as bytes is a fault that comes out; what stands before is stored, and
    the rest is read again."""
    choosy = Choosy(store, value=5.0, raw=frame(5).raw)
    with lane(tmp_path) as writer:
        append(writer, [frame(number) for number in range(8)])
        with ingest(tmp_path, cast(DuckDBStore, choosy)) as running:
            with pytest.raises(duckdb.DataError):
                running.step()
            assert values(store) == [0.0, 1.0, 2.0, 3.0, 4.0]
        with ingest(tmp_path, store) as running:
            assert drain(running) == 3
    assert values(store) == list(range(8))


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
