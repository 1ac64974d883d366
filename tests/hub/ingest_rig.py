"""An ingest under test: frames to feed it, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub_rig import MN, good, upload

from hj212d.hub.ingest import Ingest
from hj212d.journal.record import Record
from hj212d.wire.frame import Device
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
