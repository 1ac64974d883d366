"""Batches for tests of the store, from the few fields that matter to a test."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from store.timeseries import COUNTS, FRAMES, LINKS, READINGS, SAMPLES, Batch

NOON = datetime(2026, 6, 1, 4, 0, 0)  # 12:00 in Beijing


def frame(position: int, **fields: Any) -> dict[str, Any]:
    """A row of FRAMES; ``raw`` follows from the position unless it is given."""
    row = dict.fromkeys(FRAMES.names)
    row |= {
        "received_at": NOON + timedelta(seconds=1),
        "lane": "0",
        "position": position,
        "link": 1,
        "mn": "A",
        "st": "32",
        "cn": "2011",
        "qn": "",
        "version": "2017",
        "rf": False,
        "encrypted": False,
        "reason": "ok",
        "repairs": "",
        "warnings": "",
        "data_time": NOON,
        "raw": b"frame %d" % position,
    }
    row |= fields
    row.setdefault("key_time", None)
    if "key_time" not in fields:
        row["key_time"] = row["data_time"]
    if "digest" not in fields:
        digest = blake2b(row["raw"], digest_size=8).digest()
        row["digest"] = int.from_bytes(digest, "little")
    return row


def sample(of: dict[str, Any], rtd: float, **fields: Any) -> dict[str, Any]:
    """A row of SAMPLES that belongs to a frame."""
    row = dict.fromkeys(SAMPLES.names)
    row |= {name: of[name] for name in ("mn", "rf", "received_at", "lane", "position")}
    row |= {
        "data_time": of["data_time"],
        "factor": "w01018",
        "period": "realtime",
        "rtd": rtd,
        "flag": "N",
    }
    return row | fields


def reading(of: dict[str, Any]) -> dict[str, Any]:
    """The row of READINGS that a sample is found as."""
    row = {name: of[name] for name in READINGS.names}
    return row | {"received_at": of["received_at"].replace(microsecond=0)}


def batch(
    frames: list[dict[str, Any]],
    samples: list[dict[str, Any]] | None = None,
    *,
    links: list[dict[str, Any]] | None = None,
    counts: list[dict[str, Any]] | None = None,
    cursors: dict[str, int] | None = None,
    since: dict[str, int] | None = None,
    replay: bool = False,
) -> Batch:
    """Rows as one batch."""
    return Batch(
        frames=pa.Table.from_pylist(frames, FRAMES),
        samples=pa.Table.from_pylist(samples or [], SAMPLES),
        links=pa.Table.from_pylist(links or [], LINKS),
        counts=pa.Table.from_pylist(counts or [], COUNTS),
        cursors=cursors or {},
        replay=replay,
        since=since,
    )
