"""One journal record: does it leave, as which bytes, or why not.

This is the specification, and the way of all frames that are not plain or that are rewritten; the
compiled twin (_bales.pyx) judges plain frames that leave as they came by itself.
Tests: tests/hub/forward/test_forward_reading.py.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from xxhash import xxh64_intdigest

from hj212d.hub.forward import acks
from hj212d.hub.forward.bale import Unsent
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.rewrite import CannotRewrite
from hj212d.hub.forward.rules import Rules
from hj212d.hub.reread import Rereader
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Device


class Counters(msgspec.Struct):
    """Frames that were left out. ``filtered``: not for this target. ``doubled``: the same bytes
    as one before. ``looped``: sent out by us and come back."""

    filtered: int = 0
    doubled: int = 0
    looped: int = 0


class Leaving(msgspec.Struct, frozen=True, gc=False):
    """A frame that leaves, without its line end. ``key``: as in a bale. ``mn``: as received."""

    raw: bytes
    key: int
    mn: str


class Reading:
    """Judges the records of one target.

    ``recent``: the frames of this target; ``sent``: what left any target rewritten, shared by all
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

    def read(self, record: Record, behind: int) -> Leaving | Unsent | None:
        """What becomes of a record whose end is at the journal position ``behind``; None: it does
        not leave, and is counted unless it never could.

        A frame that is the same bytes as one of the last is doubled if a time stands in it; the
        same heartbeat or state twice is no resend.
        """
        if record.kind != Kind.FRAME or record.verdict:
            return None
        frame = self._rereader.as_recorded(record)
        rules, counters = self._rules, self.counters
        if not (
            rules.takes_cn(frame.cn, frame.version)
            and rules.takes_st(frame.st)
            and rules.takes_mn(frame.mn)
        ):
            counters.filtered += 1
            return None
        digest = xxh64_intdigest(record.raw)
        if digest in self._sent:
            counters.looped += 1
            return None
        timed = frame.data_time_us is not None or frame.qn_time_us is not None
        if timed and not self._recent.add(digest):
            counters.doubled += 1
            return None
        if rules.rewrite is None:
            key = acks.key(frame.mn.encode(), frame.qn.encode()) if frame.wants_answer else 0
            return Leaving(record.raw, key, frame.mn)
        try:
            new = rules.rewrite.frame(frame, record.time_us)
        except CannotRewrite as problem:
            return Unsent(behind, record.time_us, frame.mn, frame.cn, record.raw, str(problem))
        self._sent.add(xxh64_intdigest(new.raw))
        key = acks.key(new.mn.encode(), new.qn.encode()) if new.wants_answer else 0
        return Leaving(new.raw, key, frame.mn)
