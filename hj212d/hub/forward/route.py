"""The journal's side of one target: its feed and its place, opened, read and kept in threads.

Everything here blocks and runs in a pool's thread, one call at a time, but for ``advance``, which
only writes to memory. A replay to a target has one of its own. Tests:
tests/hub/forward/test_forwarder.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import msgspec

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.cursor import Progress, beginning
from hj212d.hub.forward.reading import Counters
from hj212d.hub.forward.standing import Standing

KEEP_ROUNDS = 10  # syncs between two words to retention


class Reading(Protocol):
    """A feed, as far as it is needed here."""

    lag_bytes: int
    given_up_bytes: int
    error: str
    floors: dict[str, int]

    @property
    def counters(self) -> Counters:
        """What was left out."""

    def take(self, max_bytes: int) -> list[Bale]:
        """The next frames."""

    def survey(self) -> None:
        """Look around."""

    def close(self) -> None:
        """Close files."""


class Figures(msgspec.Struct):
    """What a feed has counted, over all feeds that a target had since the start."""

    filtered: int = 0
    doubled: int = 0
    looped: int = 0
    given_up_bytes: int = 0

    def plus(self, feed: Reading | None) -> Figures:
        """With what a feed has counted by now."""
        if feed is None:
            return self
        counted = feed.counters
        return Figures(
            self.filtered + counted.filtered,
            self.doubled + counted.doubled,
            self.looped + counted.looped,
            self.given_up_bytes + feed.given_up_bytes,
        )


class Route:
    """Feed, place, and what lies between. Made in a thread; OSError when it cannot be."""

    def __init__(
        self, folder: Path, journal_dir: Path, name: str, start: str, make_feed: Any
    ) -> None:
        """``make_feed``: lane -> position, to a feed from there."""
        self._journal_dir = journal_dir
        self._syncs = 0
        self.progress = Progress(folder, journal_dir, name)
        self.progress.begin(start)
        self.feed: Reading = make_feed(self.progress.positions)
        self.standing = Standing(self.progress.advance)

    def take(self, max_bytes: int) -> list[Bale]:
        """The next frames."""
        return self.feed.take(max_bytes)

    def is_letter(self, bale: Bale, index: int) -> bool:  # noqa: ARG002
        """Not yet."""
        return False

    def rest(self) -> None:
        """Once a second, whether frames leave or not: look around, put the place on the disk."""
        self.feed.survey()
        self.progress.sync()
        for lane, position in self.feed.floors.items():
            if self.standing.empty:
                self.progress.advance(lane, position)
        self._syncs += 1
        if self._syncs % KEEP_ROUNDS == 1:
            self.progress.keep(self.feed.floors)

    def skip_to_end(self) -> None:
        """Leave out all that waits."""
        for lane, position in beginning(self._journal_dir, "now").items():
            self.progress.advance(lane, position)

    def close(self) -> None:
        """Put the place on the disk and close everything."""
        try:
            self.progress.keep(self.feed.floors)
        finally:
            self.feed.close()
            self.progress.close()
