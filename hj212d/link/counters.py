"""What a worker counts: one function per event, which counts and, where a person should see it,
logs, so that numbers and lines cannot drift apart.

Totals run from the start of the process. Tests: tests/link/test_counters.py.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Protocol

from hj212d.link.addresses import written
from hj212d.link.closes import Close
from hj212d.link.log import LimitedLog
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

MAX_UNREGISTERED = 100_000  # MNs that are told apart

OVERSIZE = "segment_oversize"
_UNEXPECTED = frozenset({Close.JUNK, Close.HALF_FRAMES, Close.MN_REFUSED, Close.WRITE_STUCK})


class Tally(Protocol):
    """What is counted where it happens: at a speed at which a call for each would show.

    ``frames``: good ones that took the express, ``oversize`` of them with a long segment.
    ``acked``: answers handed to the kernel.
    """

    frames: int
    oversize: int
    bytes_in: int
    acked: int


class Counters:
    """Totals of one worker."""

    def __init__(self, log: LimitedLog, tally: Tally) -> None:
        self._log = log
        self._tally = tally
        self.accepted_total = 0
        self.frames_total = 0
        self.sent_total = 0
        self.junk_bytes_total = 0
        self.refused: Counter[Close] = Counter()
        self.rejected: Counter[Reason] = Counter()
        self.closed: Counter[Close] = Counter()
        self._repairs: Counter[Tolerance] = Counter()
        self._unregistered: set[str] = set()

    def accepted(self) -> None:
        """A link opened."""
        self.accepted_total += 1

    def refused_link(self, why: Close, ip: str, port: int) -> None:
        """A connection was closed before it became a link."""
        self.refused[why] += 1
        self._log(logging.WARNING, f"refused_{why}", peer=written(ip, port), help=why.help)

    def accept_failed(self, error: OSError) -> None:
        """The kernel gave no connection: out of descriptors or memory."""
        self._log(logging.ERROR, "accept_failed", error=error.strerror)

    def good(self, mn: str, repairs: Tolerance, registered: bool) -> None:
        """A good frame, accepted with these repairs. The hot path: nothing is logged."""
        self.frames_total += 1
        if repairs:
            self._repairs[repairs] += 1
        if not registered and len(self._unregistered) < MAX_UNREGISTERED:
            self._unregistered.add(mn)

    def rejected_piece(self, mn: str, reason: Reason, raw: bytes, link: int, peer: str) -> None:
        """A piece of a stream that is no good frame."""
        self.rejected[reason] += 1
        if reason is Reason.JUNK:
            self.junk_bytes_total += len(raw)
        self._log(logging.INFO, f"rejected_{reason.label}", mn=mn, link=link, peer=peer, raw=raw)

    def conflict(self, mn: str, link: int, peer: str) -> None:
        """Two living links speak for one MN."""
        self._log(logging.WARNING, "mn_conflict", mn=mn, link=link, peer=peer)

    def closed_link(self, why: Close, mn: str, link: int, peer: str) -> None:
        """A link ended."""
        self.closed[why] += 1
        if why in _UNEXPECTED:
            self._log(logging.WARNING, f"closed_{why}", mn=mn, link=link, peer=peer, help=why.help)

    def link_fault(self, error: BaseException, mn: str, link: int, raw: bytes) -> None:
        """Our own code failed on what a link sent; the link is closed, the trace is logged."""
        self._log(logging.ERROR, "link_fault", fault=error, mn=mn, link=link, raw=raw)

    def journal_state(self, state: str, why: str) -> None:
        """The journal takes records again, or does not."""
        level = logging.WARNING if state == "ok" else logging.ERROR
        self._log(level, f"journal_{state}", why=why)

    def paused(self, what: str, why: str) -> None:
        """Listening or reading stopped for all links."""
        self._log(logging.WARNING, f"{what}_paused", why=why)

    def resumed(self, what: str) -> None:
        """It goes on."""
        self._log(logging.WARNING, f"{what}_resumed")

    def snapshot(self) -> dict[str, object]:
        """The totals as the stats message carries them."""
        return {
            "accepted_total": self.accepted_total,
            "refused": _labels(self.refused),
            "frames_total": self.frames_total + self._tally.frames,
            "acked_total": self._tally.acked,
            "sent_total": self.sent_total,
            "rejected": {reason.label: n for reason, n in self.rejected.items()},
            "repairs": self._repair_labels(),
            "closed": _labels(self.closed),
            "bytes_in_total": self._tally.bytes_in,
            "junk_bytes_total": self.junk_bytes_total,
            "unregistered": len(self._unregistered),
        }

    def _repair_labels(self) -> dict[str, int]:
        """Sets were counted, because splitting them costs more than the frame; split them now."""
        single: Counter[str] = Counter()
        for repairs, n in self._repairs.items():
            for label in repairs.labels:
                single[label] += n
        if self._tally.oversize:
            single[OVERSIZE] += self._tally.oversize
        return dict(single)


def _labels(counts: Counter[Close]) -> dict[str, int]:
    return {why.value: n for why, n in counts.items()}
