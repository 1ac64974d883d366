"""Records are read again and take the place of their rows."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hub_rig import MN, OTHER_MN, append, bad, good, sealed, upload

from hj212d.hub.ingest import Ingest
from hj212d.hub.replay import Progress, Replay, Selection
from hj212d.journal.record import Kind, Record
from hj212d.journal.writer import LaneWriter
from hj212d.wire.crc import modbus
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance
from store.duckdb_store import DuckDBStore
from store.settings import StoreSettings
from store.timeseries import FrameQuery, SampleQuery, StoreUnavailable

NOW_S = 1_780_286_400.0  # 2026-06-01 12:00 in Beijing
NOW_US = int(NOW_S * 1e6)
KEY = b"0" * 16
PLAIN = Device()
ANY = Selection()


def lane(data: Path, name: str = "0") -> LaneWriter:
    """The writer of a lane whose clock agrees with the records."""
    directory = data / "journal" / name
    return LaneWriter(directory, sync="none", min_free_bytes=0, now=lambda: NOW_S)


def ingest(data: Path, store: DuckDBStore) -> None:
    """Bring the journal into the store, with no keys and no tolerances."""
    settings = StoreSettings(batch_bytes=65536)
    running = Ingest(data / "journal", store, lambda _: PLAIN, settings, lambda: NOW_S)
    while running.step().records:
        pass
    assert running.state == "ok"
    running.close()


def admit_all(_: Frame) -> Reason:
    """Everybody is registered."""
    return Reason.OK


def replay(
    data: Path,
    store: DuckDBStore,
    selection: Selection = ANY,
    *,
    device: Device = PLAIN,
    known: frozenset[str] | None = None,
    batch_bytes: int = 8 * 1024 * 1024,
    reports: list[Progress] | None = None,
) -> Progress:
    """Run a replay; ``known``: the MNs that are registered, None: all."""

    def admit(frame: Frame) -> Reason:
        return Reason.OK if known is None or frame.mn in known else Reason.MN_UNKNOWN

    def report(progress: Progress) -> None:
        if reports is not None:
            reports.append(Progress(progress.bytes_done, progress.bytes_total, progress.read))

    return Replay(
        data / "journal",
        store,
        device=lambda _: device,
        admit=admit,
        batch_bytes=batch_bytes,
        report=report,
    ).run(selection)


def second(number: int, rtd: str | None = None, mn: str = MN) -> bytes:
    """An upload of one second of the day."""
    return upload(
        mn, rtd=rtd or str(number), data_time=f"20260601{number // 60:04d}{number % 60:02d}"
    )


def at(number: int, record: Record) -> Record:
    """The record received in that second."""
    return Record(
        record.kind, NOW_US + number * 1_000_000, 1, record.verdict, record.marks, b"", record.raw
    )


def values(store: DuckDBStore, mn: str = MN) -> list[float]:
    """Real-time values of an MN."""
    return store.samples(SampleQuery(mn, None))["rtd"].to_pylist()


def reasons(store: DuckDBStore) -> list[str]:
    """Verdicts of all frames in order of receipt."""
    return store.frames(FrameQuery())["reason"].to_pylist()


def with_modbus(raw: bytes) -> bytes:
    """The frame with CRC-16/MODBUS."""
    return raw[:-4] + b"%04X" % modbus(raw[6:-4])


def test_a_tolerance_switched_on_makes_readings(tmp_path: Path, store: DuckDBStore) -> None:
    """Frames with a MODBUS CRC come out of quarantine; counts and cursors stay; doing it again
    changes nothing."""
    with lane(tmp_path) as writer:
        raws = [with_modbus(second(number)) for number in range(3)]
        append(writer, [at(n, bad(raw, Reason.CRC_MODBUS)) for n, raw in enumerate(raws)])
        append(writer, [at(3, good(second(3)))])
    ingest(tmp_path, store)
    assert reasons(store) == ["crc_modbus"] * 3 + ["ok"]
    before = store.cursors(), store.counts().to_pylist()
    for _ in range(2):
        done = replay(tmp_path, store, device=Device(DEFAULT | Tolerance.CRC_MODBUS))
        assert (done.read, done.good, done.errors) == (4, 4, 0)
        assert reasons(store) == ["ok"] * 4
        assert values(store) == [0.0, 1.0, 2.0, 3.0]
        assert (store.cursors(), store.counts().to_pylist()) == before
    assert store.frames(FrameQuery())["repairs"].to_pylist() == ["crc_modbus"] * 3 + [""]


def test_a_key_that_arrived_opens_frames(tmp_path: Path, store: DuckDBStore) -> None:
    """Encrypted frames are read once their key is known."""
    raw = sealed(KEY)
    with lane(tmp_path) as writer:
        append(writer, [at(0, bad(raw, Reason.KEY_MISSING))])
    ingest(tmp_path, store)
    assert replay(tmp_path, store).good == 0
    assert reasons(store) == ["key_missing"]
    assert replay(tmp_path, store, device=Device(keys=(KEY,))).good == 1
    assert values(store) == [1.35]


def test_an_mn_that_was_registered_is_let_in(tmp_path: Path, store: DuckDBStore) -> None:
    """Verdicts of admission are taken anew for frames that were refused; those that were let in
    stay in."""
    with lane(tmp_path) as writer:
        refused = [bad(second(1, mn=mn), Reason.MN_UNKNOWN) for mn in (MN, OTHER_MN)]
        append(writer, [at(0, refused[0]), at(1, refused[1]), at(2, good(second(2, mn="THIRD")))])
    ingest(tmp_path, store)
    done = replay(tmp_path, store, known=frozenset({MN}))
    assert (done.read, done.good) == (3, 2)
    assert reasons(store) == ["ok", "mn_unknown", "ok"]
    assert values(store, "THIRD") == [2.0]


def test_what_is_no_frame_stays_what_it_was(tmp_path: Path, store: DuckDBStore) -> None:
    """Pieces of streams keep the verdict that only the stream could give."""
    pieces = [
        (b"junk", Reason.JUNK),
        (second(1)[:50], Reason.TRUNCATED),
        (second(1)[:-4] + b"0000", Reason.CRC_WRONG),
    ]
    with lane(tmp_path) as writer:
        append(writer, [at(n, bad(raw, why)) for n, (raw, why) in enumerate(pieces)])
    ingest(tmp_path, store)
    assert replay(tmp_path, store).good == 0
    assert reasons(store) == [why.label for _, why in pieces]


def test_a_selection_takes_what_it_says(tmp_path: Path, store: DuckDBStore) -> None:
    """Time of receipt (start included, end not), MN and recorded verdict."""
    modbus_frames = Device(DEFAULT | Tolerance.CRC_MODBUS)
    for name in ("0", "1"):
        with lane(tmp_path, name) as writer:
            for number in range(4):
                mn = MN if number % 2 else OTHER_MN
                raw = with_modbus(second(number, rtd=f"{name}{number}", mn=mn))
                append(writer, [at(number, bad(raw, Reason.CRC_MODBUS))])
    ingest(tmp_path, store)
    for selection, expected in [
        (Selection(end_us=NOW_US), 0),
        (Selection(start_us=NOW_US + 4_000_000), 0),
        (Selection(reason=Reason.KEY_MISSING), 0),
        (Selection(mn="nobody"), 0),
        (Selection(start_us=NOW_US + 1_000_000, end_us=NOW_US + 3_000_000, mn=MN), 2),
        (Selection(reason=Reason.CRC_MODBUS, mn=OTHER_MN), 4),
        (Selection(start_us=NOW_US + 2_000_000), 4),
    ]:
        assert replay(tmp_path, store, selection, device=modbus_frames).read == expected


def test_what_ingest_has_not_read_is_left_to_it(tmp_path: Path, store: DuckDBStore) -> None:
    """Records behind the store's cursor are not touched, so nothing is there twice."""
    with lane(tmp_path) as writer:
        append(writer, [at(0, good(second(0)))])
        ingest(tmp_path, store)
        append(writer, [at(1, good(second(1)))])
        assert replay(tmp_path, store).read == 1
        assert values(store) == [0.0]
        ingest(tmp_path, store)
    assert values(store) == [0.0, 1.0]
    assert store.totals()["frames"] == 2


def test_a_newer_value_stays(tmp_path: Path, store: DuckDBStore) -> None:
    """An old frame that is read late does not overwrite what was received after it."""
    with lane(tmp_path) as writer:
        old = bad(with_modbus(second(0, rtd="1")), Reason.CRC_MODBUS)
        append(writer, [at(0, old), at(5, good(second(0, rtd="2")))])
    ingest(tmp_path, store)
    replay(tmp_path, store, device=Device(DEFAULT | Tolerance.CRC_MODBUS))
    assert reasons(store) == ["ok", "ok"]
    assert values(store) == [2.0]


def test_duplicates_stay_out(tmp_path: Path, store: DuckDBStore) -> None:
    """A frame that was sent again on another lane is one row before and after."""
    for name in ("0", "1"):
        with lane(tmp_path, name) as writer:
            append(writer, [at(int(name), good(second(0)))])
    ingest(tmp_path, store)
    for _ in range(2):
        assert replay(tmp_path, store).read == 2
        assert store.totals()["frames"] == 1
        assert values(store) == [0.0]


def test_progress_reaches_its_end(tmp_path: Path, store: DuckDBStore) -> None:
    """Reports come batch by batch, never go back, and end at the total."""
    reports: list[Progress] = []
    with lane(tmp_path) as writer:
        for start in range(0, 3000, 500):
            append(writer, [at(n, good(second(n))) for n in range(start, start + 500)])
        append(writer, [at(1, Record(Kind.LINK_CLOSED, 1, 1, meta=b"{}"))])
    ingest(tmp_path, store)
    done = replay(tmp_path, store, batch_bytes=100_000, reports=reports)
    assert (done.read, done.good) == (3000, 3000)
    assert done.bytes_done == done.bytes_total > 0
    steps = [report.bytes_done for report in reports]
    assert steps == sorted(steps)
    assert steps[-1] == done.bytes_total
    assert store.totals()["frames"] == 3000


def test_ingest_runs_beside_it(tmp_path: Path, store: DuckDBStore) -> None:
    """While records are read again new ones come in, and both end with every record once."""
    with lane(tmp_path) as writer:
        append(writer, [at(n, good(second(n))) for n in range(500)])
        ingest(tmp_path, store)
        stop = threading.Event()

        def again() -> None:
            while not stop.is_set():
                replay(tmp_path, store, batch_bytes=20_000)

        beside = threading.Thread(target=again)
        beside.start()
        try:
            for start in range(500, 1000, 100):
                append(writer, [at(n, good(second(n))) for n in range(start, start + 100)])
                ingest(tmp_path, store)
        finally:
            stop.set()
            beside.join(90)
    assert values(store) == [float(n) for n in range(1000)]
    assert store.totals()["frames"] == 1000
    counted = {row["what"]: row["n"] for row in store.counts().to_pylist()}
    assert counted["frames"] == 1000
    assert "duplicates" not in counted


def test_a_store_that_fails_ends_it(tmp_path: Path, store: DuckDBStore) -> None:
    """The caller is told and can start it anew."""
    with lane(tmp_path) as writer:
        append(writer, [at(0, good(second(0)))])
    ingest(tmp_path, store)
    store.close()
    with pytest.raises(StoreUnavailable):
        replay(tmp_path, store)


def test_a_client_that_goes_ends_it(tmp_path: Path, store: DuckDBStore) -> None:
    """What the report raises comes out, and the store is as after a whole batch."""

    class Gone(Exception):
        pass

    def report(_: Progress) -> None:
        raise Gone

    with lane(tmp_path) as writer:
        append(writer, [at(n, good(second(n))) for n in range(10)])
    ingest(tmp_path, store)
    one = Replay(
        tmp_path / "journal",
        store,
        device=lambda _: PLAIN,
        admit=admit_all,
        report=report,
    )
    with pytest.raises(Gone):
        one.run(ANY)
    assert store.totals()["frames"] == 10
