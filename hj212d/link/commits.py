"""The way from links to the journal and back: records of one turn of the loop go in together, and
the answers they allow leave when the journal says durable.

Knows neither frames nor sockets. Bounded by whoever reads `pending_bytes` and stops reading. The
compiled twin is in _express.pyx. Tests: tests/link/test_commits.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hj212d.journal.errors import State
from hj212d.journal.record import Run, joined


class Journal(Protocol):
    """What is used of `hj212d.journal.commit.GroupCommit`."""

    @property
    def state(self) -> State:
        """``ok``, ``full`` or ``failed``."""

    @property
    def immediate(self) -> bool:
        """Whether nothing is won by submitting much at once."""

    def submit(self, run: Run, done: Callable[[], None]) -> None:
        """Take records; ``done`` runs on the loop once they are durable, in order."""


class Waiting(Protocol):
    """A link that waits for its records."""

    def durable(self, answers: bytes, number: int, count: int) -> None:
        """``count`` bytes of records are on disk, and these answers may leave."""


class _Share:
    """What one link has in a batch."""

    __slots__ = ("answers", "count", "link")

    def __init__(self, link: Waiting) -> None:
        self.link = link
        self.answers: list[bytes] = []
        self.count = 0


class Commits:
    """Collects records and answers, hands them over once a turn, and calls back when durable.

    A link that was read twice in a turn is called back twice. Also counts what links did that
    need no decision: see ``counters.Tally``.
    """

    def __init__(
        self,
        journal: Journal,
        call_soon: Callable[[Callable[[], None]], object],
        on_progress: Callable[[], None],
    ) -> None:
        """``on_progress`` runs after each batch was handed over and after each became durable."""
        self._journal = journal
        self._call_soon = call_soon
        self._on_progress = on_progress
        self._records: list[bytes] = []
        self._shares: list[_Share] = []
        self.pending_bytes = 0
        self.frames = 0
        self.oversize = 0
        self.bytes_in = 0
        self.acked = 0

    @property
    def state(self) -> State:
        """State of the journal."""
        return self._journal.state

    def add(self, record: bytes, link: Waiting | None = None, answer: bytes | None = None) -> int:
        """Put a record in; the bytes it counts for. A link given is called back."""
        if not self._records:
            self._call_soon(self.flush)
        self._records.append(record)
        count = len(record)
        self.pending_bytes += count
        if link is not None:
            if not self._shares or self._shares[-1].link is not link:
                self._shares.append(_Share(link))
            share = self._shares[-1]
            share.count += count
            if answer is not None:
                share.answers.append(answer)
        return count

    def flush(self) -> None:
        """Hand what was collected to the journal."""
        if not self._records:
            return
        run, shares = joined(self._records), self._shares
        self._records, self._shares = [], []

        def durable() -> None:
            self.pending_bytes -= len(run.body)
            for share in shares:
                share.link.durable(b"".join(share.answers), len(share.answers), share.count)
            self._on_progress()

        self._journal.submit(run, durable)
        self._on_progress()
