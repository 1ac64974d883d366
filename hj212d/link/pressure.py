"""Back-pressure: when the journal cannot take more, nothing is read and nobody is let in.

Nothing is dropped meanwhile; peers wait in their own buffers and in the kernel's backlog.
Tests: tests/link/test_pressure.py.
"""

from __future__ import annotations

from typing import Protocol

from hj212d.link.express import Commits
from hj212d.link.links import Links


class Door(Protocol):
    """What is used of `listening.Listening`."""

    def pause(self, why: str) -> None:
        """Accept nobody for this reason."""

    def resume(self, why: str) -> None:
        """This reason is over."""


class Pressure:
    """Watches what waits for the journal."""

    def __init__(self, commits: Commits, links: Links, door: Door) -> None:
        self._commits = commits
        self._links = links
        self._door = door

    def balance(self) -> None:
        """Pause at the mark or when the journal is not well; go on at half of it."""
        limit = self._links.intake.settings.pending_bytes
        state = self._commits.state
        if state != "ok" or self._commits.pending_bytes > limit:
            why = f"journal_{state}" if state != "ok" else "journal_behind"
            self._links.pause_reading(why)
            self._door.pause("journal")
        elif self._commits.pending_bytes <= limit // 2 and self._links.reading_paused:
            self._links.resume_reading()
            self._door.resume("journal")
