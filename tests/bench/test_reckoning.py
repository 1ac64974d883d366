"""Frames are counted through the store: what is lost, doubled or made up is seen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from bench.codec import START_S
from bench.generator import Outcome, added
from bench.ingest import make_journal
from bench.ingest_once import drain
from bench.reckoning import Reckoning, _reckon, reckon
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import COUNTS, FrameQuery, TimeSeriesStore

RESULT: dict[str, Any] = {
    "latency": [], "behind": [], "connecting": [], "frame_bytes": 1, "cpu_s": 0.0, "ran_s": 1.0,
    "first_sent_ns": 1, "last_acked_ns": 2, "last_return_ns": 2, "last_acked": [],
    "flood_sent": 0, "flood_acked": 0,
}  # fmt: skip


def outcome(sent: int, acked: int) -> Outcome:
    return added([RESULT | {"sent": sent, "acked": acked}])


class Store:
    """Good frames by (mn, qn), all of one moment, with two values each."""

    url = "memory:"

    def __init__(self, frames: list[tuple[str, str]], samples: int, bad: int = 0) -> None:
        self._frames, self._samples, self._bad = frames, samples, bad

    def totals(self) -> dict[str, int]:
        bad = self._bad
        return {"frames": len(self._frames) + bad, "frames_bad": bad, "samples": self._samples}

    def counts(self) -> pa.Table:
        row = {"mn": "", "what": "reason", "name": "crc_wrong", "n": self._bad}
        return pa.Table.from_pylist([row] if self._bad else [], COUNTS)

    def frames(self, query: FrameQuery) -> pa.Table:
        assert query.start is not None
        rows = self._frames if query.start == datetime(1970, 1, 1) else []
        return pa.table({"mn": [mn for mn, _ in rows], "qn": [qn for _, qn in rows]})


def reckoned(store: Store, sent: int, acked: int) -> Reckoning:
    return _reckon(cast(TimeSeriesStore, store), [outcome(sent, acked)], 0, 20, 2)


THREE = [("a", "1"), ("a", "2"), ("b", "1")]


def test_numbers_that_agree_are_no_problem() -> None:
    """All acknowledged frames are there; one that was not may be there too."""
    found = reckoned(Store(THREE, 6, bad=4), 3, 2)
    assert found.problems == []
    assert (found.sent, found.acked, found.stored, found.bad) == (3, 2, 3, 4)
    assert found.reasons == {"crc_wrong": 4}


@pytest.mark.parametrize(
    ("store", "sent", "acked", "problem"),
    [
        (Store(THREE[:2], 4), 3, 3, "3 frames acknowledged, 2 stored"),
        (Store(THREE, 6), 2, 2, "2 frames sent, 3 stored"),
        (Store([*THREE, THREE[0]], 8), 4, 4, "1 frames stored twice"),
        (Store(THREE, 5), 3, 3, "3 frames of 2 values stored, but 5 values"),
    ],
)
def test_numbers_that_do_not_agree_are_told(
    store: Store, sent: int, acked: int, problem: str
) -> None:
    """Lost, made up, doubled, without their values."""
    assert problem in reckoned(store, sent, acked).problems


def test_a_real_store_is_counted(tmp_path: Path) -> None:
    """A closed DuckDB file, opened by its URL."""
    journal = tmp_path / "journal"
    journal.mkdir()
    make_journal(journal, 60, 6)
    url = f"duckdb:///{tmp_path / 'store.duckdb'}"
    store = open_store(url, StoreSettings())
    drain(journal, store, 1 << 20)
    store.close()
    found = reckon(url, [outcome(60, 60)], START_S, START_S + 700)
    assert found.problems == []
    assert found.samples == 60 * 12
