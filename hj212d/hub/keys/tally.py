"""What the frames of today say about encryption, counted per MN as batches reach the store.

Vectors first: where no device of 2025 speaks a batch costs a filter. Bounded; a day is a Beijing
day. Fed by the ingest's thread, read by any. Tests: tests/hub/keys/test_keys_tally.py.
"""

from __future__ import annotations

from threading import Lock

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.wire.reasons import Reason
from store.timeseries import Batch

DAY_US = 86_400_000_000
BEIJING_US = 28_800_000_000
_UNREADABLE = pa.array([Reason.KEY_MISSING.label, Reason.KEY_WRONG.label])


class Counted(msgspec.Struct):
    """Frames of one MN today. ``data``: good ones of HJ 212-2025 with a CN of 2xxx, which are to
    be encrypted; ``encrypted`` of these; ``unreadable``: encrypted ones that no key opened."""

    data: int = 0
    encrypted: int = 0
    unreadable: int = 0
    last_unreadable_us: int = 0
    last_encrypted_us: int = 0


class Tally:
    """MN -> its counts of today. ``since_us``: from when on they count. New MNs above ``max_mns``
    are not counted."""

    def __init__(self, now_us: int, max_mns: int = 300_000) -> None:
        self.since_us = now_us
        self._day = _day(now_us)
        self._max_mns = max_mns
        self._lock = Lock()
        self._counted: dict[str, Counted] = {}

    def observe(self, batch: Batch) -> None:
        """Take in a batch that the store has committed; a replay's is none of today's."""
        if batch.replay or not len(batch.frames):
            return
        frames = batch.frames.select(["mn", "cn", "version", "encrypted", "reason", "received_at"])
        unreadable = pc.is_in(frames["reason"], value_set=_UNREADABLE)
        good = pc.and_(pc.equal(frames["reason"], "ok"), pc.starts_with(frames["cn"], "2"))
        data = pc.fill_null(pc.and_(good, pc.equal(frames["version"], "2025")), False)
        wanted = pc.or_(unreadable, data)
        if not pc.any(wanted).as_py():
            return
        table = pa.table(
            {
                "mn": frames["mn"],
                "data": data,
                "encrypted": pc.and_(data, frames["encrypted"]),
                "unreadable": unreadable,
                "at": frames["received_at"].cast(pa.int64()),
            }
        ).filter(wanted)
        self._count(table)

    def of(self, mn: str, now_us: int) -> Counted | None:
        """The counts of an MN today."""
        with self._lock:
            return self._counted.get(mn) if self._day == _day(now_us) else None

    def encrypted_since(self, mn: str, moment_us: int) -> bool:
        """Whether a frame of the MN that came after a moment was encrypted and could be read."""
        with self._lock:
            counted = self._counted.get(mn)
            return counted is not None and counted.last_encrypted_us > moment_us

    def unreadable_mns(self) -> list[str]:
        """The MNs with frames that no key opened."""
        with self._lock:
            return [mn for mn, counted in self._counted.items() if counted.unreadable]

    def _count(self, table: pa.Table) -> None:
        days = (table["at"].to_numpy() + BEIJING_US) // DAY_US
        table = table.append_column("day", pa.array(days))
        sums = table.group_by(["mn", "day"]).aggregate(
            [("data", "sum"), ("encrypted", "sum"), ("unreadable", "sum"), ("at", "max")]
        )
        columns = ("day", "mn", "data_sum", "encrypted_sum", "unreadable_sum", "at_max")
        with self._lock:
            for day, *row in zip(*(sums[name].to_pylist() for name in columns), strict=True):
                if day < self._day:
                    continue
                if day > self._day:
                    self._day = day
                    self.since_us = self._day * DAY_US - BEIJING_US
                    self._counted.clear()
                self._add(*row)

    def _add(self, mn: str, data: int, encrypted: int, unreadable: int, at_us: int) -> None:
        counted = self._counted.get(mn)
        if counted is None:
            if not mn or len(self._counted) >= self._max_mns:
                return
            counted = self._counted[mn] = Counted()
        counted.data += data
        counted.encrypted += encrypted
        counted.unreadable += unreadable
        if unreadable:
            counted.last_unreadable_us = max(counted.last_unreadable_us, at_us)
        if encrypted:
            counted.last_encrypted_us = max(counted.last_encrypted_us, at_us)


def _day(moment_us: int) -> int:
    return (moment_us + BEIJING_US) // DAY_US
