"""From journal records to bales: what is read, what is left out and why.

This is the specification and the way of all frames that are not plain; the twin (_bales.pyx)
takes plain frames that leave as they came. Tests: tests/hub/forward/test_baling.py.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import msgspec
from xxhash import xxh64_intdigest

from hj212d.hub.forward import acks
from hj212d.hub.forward.bale import LINE_END, Bale, Unsent
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.rewrite import CannotRewrite
from hj212d.hub.forward.rules import Rules
from hj212d.hub.reread import Rereader
from hj212d.journal.record import HEAD_BYTES, Kind, Record, decode_all
from hj212d.wire.frame import Device


class Counters(msgspec.Struct):
    """Frames that were left out. ``filtered``: not for this target. ``doubled``: the same bytes
    as one before. ``looped``: sent out by us and come back."""

    filtered: int = 0
    doubled: int = 0
    looped: int = 0


class Baler:
    """Collects frames of one lane after the other into bales.

    ``recent``: the frames of this target, ``sent``: what left any target rewritten, shared by all
    of them. ``device``: MN -> what the wire must know to read its frames.
    """

    def __init__(
        self, rules: Rules, recent: Recent, sent: Recent, device: Callable[[str], Device]
    ) -> None:
        self.counters = Counters()
        self._rules = rules
        self._recent = recent
        self._sent = sent
        self._rereader = Rereader(device)
        self._begin()

    def _begin(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._ends = array("I")
        self._keys = array("Q")
        self._positions = array("q")
        self._received_us = array("q")
        self._owners = array("Q")
        self._unsent: list[Unsent] = []
        self._last = self._seen_us = 0

    @property
    def size(self) -> int:
        """Bytes of frames collected since the last bale."""
        return self._size

    def forget_counts(self) -> None:
        """Count from 0 again."""
        self.counters = Counters()

    def add(self, position: int, body: bytes, at: int, room: int) -> int:
        """Take records from ``at`` in a body of whole records, whose first byte has this journal
        position, until the bale has ``room`` bytes or more; where it stopped."""
        for offset, record in decode_all(body[at:]):
            if self._size >= room:
                return at + offset
            end = at + offset + _size(record)
            self._take(record, position + end)
            self._last, self._seen_us = position + end, record.time_us
        return len(body)

    def bale(self, lane: str) -> Bale:
        """What was collected since the last one."""
        made = Bale(
            lane,
            b"".join(self._parts),
            len(self._ends),
            self._ends,
            self._keys,
            self._positions,
            self._last,
            self._received_us,
            self._owners,
            self._seen_us,
            tuple(self._unsent),
        )
        self._begin()
        return made

    def _take(self, record: Record, behind: int) -> None:
        if record.kind != Kind.FRAME or record.verdict:
            return
        frame = self._rereader.as_recorded(record)
        rules, counters = self._rules, self.counters
        if not (
            rules.takes_cn(frame.cn, frame.version)
            and rules.takes_st(frame.st)
            and rules.takes_mn(frame.mn)
        ):
            counters.filtered += 1
            return
        digest = xxh64_intdigest(record.raw)
        if digest in self._sent:
            counters.looped += 1
            return
        timed = frame.data_time_us is not None or frame.qn_time_us is not None
        if timed and not self._recent.add(digest):
            counters.doubled += 1
            return
        if rules.rewrite is None:
            key = acks.key(frame.mn.encode(), frame.qn.encode()) if frame.wants_answer else 0
            self._put(record.raw, key, frame.mn, behind, record.time_us)
            return
        try:
            new = rules.rewrite.frame(frame, record.time_us)
        except CannotRewrite as problem:
            self._unsent.append(
                Unsent(behind, record.time_us, frame.mn, frame.cn, record.raw, str(problem))
            )
            return
        self._sent.add(xxh64_intdigest(new.raw))
        key = acks.key(new.mn.encode(), new.qn.encode()) if new.wants_answer else 0
        self._put(new.raw, key, frame.mn, behind, record.time_us)

    def _put(self, raw: bytes, key: int, mn: str, behind: int, received_us: int) -> None:
        self._parts += (raw, LINE_END)
        self._size += len(raw) + len(LINE_END)
        self._ends.append(self._size)
        self._keys.append(key)
        self._positions.append(behind)
        self._received_us.append(received_us)
        self._owners.append(xxh64_intdigest(mn.encode()))


def _size(record: Record) -> int:
    """Bytes of a record in its block."""
    return HEAD_BYTES + len(record.meta) + len(record.raw)
