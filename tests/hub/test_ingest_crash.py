"""An ingest killed again and again leaves every record of the journal in the store once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hub_rig import MN, append, bad, good, lane, upload

from hj212d.hub.ingest import CURSOR
from hj212d.journal import cursors
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Record
from hj212d.wire import build
from hj212d.wire.reasons import Reason
from store.duckdb_store import DuckDBStore
from store.timeseries import FrameQuery, SampleQuery

CHILD = Path(__file__).with_name("ingesting_child.py")
LANES = 3
SECONDS = 1200
KILLS = 12
HEARTBEAT = build.frame(b"ST=32;CN=9015;PW=123456;MN=%s;Flag=9;CP=&&&&" % MN.encode())[:-2]


def records(lane_number: int, second: int) -> list[Record]:
    """A reading, a piece of junk and a heartbeat without any time, which is always the same."""
    time_us = 1_780_286_400_000_000 + second * 1_000_000 + lane_number
    text = f"20260601{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
    reading = upload(f"LANE{lane_number}", rtd=str(second), data_time=text)
    return [
        good(reading, time_us=time_us),
        bad(b"junk %d %d" % (lane_number, second), Reason.JUNK),
        good(HEARTBEAT, time_us=time_us),
    ]


def ingest_until_killed(data: Path, life_s: float, seed: int) -> int:
    """Exit status of the child: -9 when it was killed, 0 when it had read everything."""
    return subprocess.run(
        [sys.executable, str(CHILD), str(data), str(life_s), str(seed)], timeout=90, check=False
    ).returncode


@pytest.fixture
def journal(tmp_path: Path) -> dict[tuple[str, int], Record]:
    """Three lanes full of records: (lane, position) -> record."""
    written = {}
    for number in range(LANES):
        with lane(tmp_path, str(number)) as writer:
            for second in range(0, SECONDS, 20):
                block = [one for at in range(second, second + 20) for one in records(number, at)]
                append(writer, block)
        with LaneReader(tmp_path / "journal" / str(number)) as reader:
            while found := reader.read():
                written.update({(str(number), position): record for position, record in found})
    return written


def test_every_record_is_in_the_store_once(
    tmp_path: Path, journal: dict[tuple[str, int], Record]
) -> None:
    """Killed at random moments, most of them inside a batch: in the end each record is one row,
    its bytes equal, each reading one sample, each count exact, and the cursors at the end."""
    assert len(journal) == LANES * SECONDS * 3
    endings = [ingest_until_killed(tmp_path, 0.25, seed) for seed in range(KILLS)]
    assert endings.count(-9) >= KILLS // 2
    assert ingest_until_killed(tmp_path, 60.0, 0) == 0

    store = DuckDBStore(tmp_path / "store.duckdb", read_only=True)
    table = store.frames(FrameQuery(limit=10**6)).select(["lane", "position", "raw", "reason"])
    rows = [(row["lane"], row["position"]) for row in table.to_pylist()]
    assert Counter(rows) == Counter(journal.keys())
    for row in table.to_pylist():
        assert row["raw"] == journal[row["lane"], row["position"]].raw
    for number in range(LANES):
        values = store.samples(SampleQuery(f"LANE{number}", None))["rtd"].to_pylist()
        assert values == [float(second) for second in range(SECONDS)]
    counted = {(row["mn"], row["what"]): row["n"] for row in store.counts().to_pylist()}
    expected = {("", "frames"): LANES * SECONDS, ("", "reason"): LANES * SECONDS}
    expected |= {(MN, "frames"): LANES * SECONDS}
    expected |= {(f"LANE{number}", "frames"): SECONDS for number in range(LANES)}
    expected |= {(f"LANE{number}", "warning"): SECONDS for number in range(LANES)}
    assert counted == expected
    assert cursors.load(tmp_path / "journal", CURSOR) == store.cursors()
    store.close()
