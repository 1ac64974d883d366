"""Frames collected into bales, record by record.

What leaves is reading.py's to say. Twin: _bales.pyx. Tests: tests/hub/forward/test_baling.py.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

from xxhash import xxh64_intdigest

from hj212d.hub.forward.bale import LINE_END, Bale, Unsent
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.reading import Counters, Reading
from hj212d.hub.forward.rules import Rules
from hj212d.journal.record import HEAD_BYTES, decode_all
from hj212d.wire.frame import Device


class Baler:
    """Collects the frames of one lane after the other. Parameters: those of Reading."""

    def __init__(
        self, rules: Rules, recent: Recent, sent: Recent, device: Callable[[str], Device]
    ) -> None:
        self._reading = Reading(rules, recent, sent, device)
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

    @property
    def counters(self) -> Counters:
        """What was left out."""
        return self._reading.counters

    def forget(self) -> None:
        """Ask the rules anew about each MN."""

    def forget_counts(self) -> None:
        """Count from 0 again."""
        self._reading.counters = Counters()

    def add(self, position: int, body: bytes, at: int, room: int) -> int:
        """Take records from ``at`` in a body of whole records, whose first byte has this journal
        position, until the bale has ``room`` bytes or more; where it stopped."""
        for offset, record in decode_all(body[at:]):
            if self._size >= room:
                return at + offset
            end = at + offset + HEAD_BYTES + len(record.meta) + len(record.raw)
            found = self._reading.read(record, position + end)
            self._last, self._seen_us = position + end, record.time_us
            if isinstance(found, Unsent):
                self._unsent.append(found)
            elif found is not None:
                self._parts += (found.raw, LINE_END)
                self._size += len(found.raw) + len(LINE_END)
                self._ends.append(self._size)
                self._keys.append(found.key)
                self._positions.append(self._last)
                self._received_us.append(record.time_us)
                self._owners.append(xxh64_intdigest(found.mn.encode()))
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
