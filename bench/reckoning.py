"""Frames sent, acknowledged and stored, counted through the store's own queries: any engine, any
number of frames, in bounded memory. Byte for byte is the oracle's business (bench/oracle.py).

Test: tests/bench/test_reckoning.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from bench.generator import Outcome
from bench.rig import FACTORS
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import FrameQuery, TimeSeriesStore

ALL = 1_000_000_000
# A frame that is brought in twice has one time of receipt: doubles lie within one slice.
SLICE_S = 5.0


class Reckoning(msgspec.Struct):
    """The numbers, and what is wrong with them. ``stored``: good frames; ``bad``: in quarantine;
    ``doubled``: good frames of one MN and QN beyond the first."""

    sent: int
    acked: int
    stored: int
    doubled: int
    bad: int
    samples: int
    reasons: dict[str, int]
    problems: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the problems."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        del found["problems"]
        return found


def reckon(
    url: str, seen: Sequence[Outcome], began_s: float, ended_s: float, factors: int = FACTORS
) -> Reckoning:
    """Count what a store holds that no hub has open any more. ``began_s``, ``ended_s``: UTC
    seconds between which everything was received."""
    store = open_store(url, StoreSettings(), read_only=True)
    try:
        return _reckon(store, seen, began_s, ended_s, factors)
    finally:
        store.close()


def _reckon(
    store: TimeSeriesStore, seen: Sequence[Outcome], began_s: float, ended_s: float, factors: int
) -> Reckoning:
    totals = store.totals()
    good, once = _good(store, began_s, ended_s)
    found = Reckoning(
        sent=sum(each["sent"] + each["flood_sent"] for each in seen),
        acked=sum(each["acked"] + each["flood_acked"] for each in seen),
        stored=good,
        doubled=good - once,
        bad=totals["frames_bad"],
        samples=totals["samples"],
        reasons=_reasons(store.counts()),
        problems=[],
    )
    complain = found.problems.append
    if totals["frames"] - totals["frames_bad"] != good:
        complain(
            f"{totals['frames'] - totals['frames_bad']} good frames in all, {good} of the run"
        )
    if once < found.acked:
        complain(f"{found.acked} frames acknowledged, {once} stored")
    if good > found.sent:
        complain(f"{found.sent} frames sent, {good} stored")
    if found.doubled:
        complain(f"{found.doubled} frames stored twice")
    if found.samples != factors * good:
        complain(f"{good} frames of {factors} values stored, but {found.samples} values")
    return found


def _good(store: TimeSeriesStore, began_s: float, ended_s: float) -> tuple[int, int]:
    """Good frames, and how many different ones."""
    good = once = 0
    start = datetime.fromtimestamp(began_s, UTC).replace(tzinfo=None)
    end = datetime.fromtimestamp(ended_s, UTC).replace(tzinfo=None) + timedelta(seconds=SLICE_S)
    while start < end:
        until = start + timedelta(seconds=SLICE_S)
        query = FrameQuery(start=start, end=until, reason="ok", limit=ALL)
        rows = store.frames(query).select(["mn", "qn"])
        good += rows.num_rows
        once += rows.group_by(["mn", "qn"]).aggregate([]).num_rows
        start = until
    return good, once


def _reasons(counts: pa.Table) -> dict[str, int]:
    """Frames by what the product said of them, over all devices."""
    found: dict[str, int] = {}
    columns = (counts[name].to_pylist() for name in ("what", "name", "n"))
    for what, name, n in zip(*columns, strict=True):
        if what == "reason" and name != "ok":
            found[name] = found.get(name, 0) + n
    return found
