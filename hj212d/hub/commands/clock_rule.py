"""The rule about setting clocks, kept over all who ask: one 1012 for an MN at a time, and what
clock.py says of the hour and the limit. Event loop only.

Tests: tests/hub/commands/test_clock_setting.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import inlineCallbacks

from hj212d.hub.commands.book import Book, microseconds
from hj212d.hub.commands.clock import SET, Clocks
from hj212d.hub.commands.new_command import Refused
from store.registry.records import CommandRecord


class ClockRule:
    """Who may set which clock. ``clocks``: what is known of them."""

    def __init__(self, book: Book, limit_s: float, now_us: Callable[[], int]) -> None:
        self.clocks = Clocks(limit_s)
        self._book = book
        self._now_us = now_us
        self._open: dict[str, int] = {}  # MN -> its 1012 that has not ended; 0: not kept yet

    @inlineCallbacks
    def reserve(self, mn: str) -> Any:
        """A Deferred that fires when the clock may be set, and nobody else may then. Refused."""
        if not self.clocks.knows_when_set(mn):
            at_us = yield self._book.clock_set_us(mn)
            self.clocks.was_set(mn, at_us)
        if mn in self._open:
            number = self._open[mn]
            which = f" (command {number})" if number else ""
            raise Refused(f"setting the clock of {mn} is on its way already{which}")
        why = self.clocks.why_not(mn, self._now_us())
        if why:
            raise Refused(why)
        self._open[mn] = 0

    def release(self, mn: str) -> None:
        """The reserved command could not be kept."""
        del self._open[mn]

    def opened(self, record: CommandRecord) -> None:
        """A command is kept, by this hub or one before it."""
        if record.cn == SET:
            self._open[record.mn] = record.id

    def changed(self, record: CommandRecord) -> None:
        """A command may have been sent."""
        if record.cn == SET and record.sent_at is not None:
            self.clocks.was_set(record.mn, microseconds(record.sent_at))

    def ended(self, record: CommandRecord) -> None:
        """A command came to its end."""
        if self._open.get(record.mn) == record.id:
            del self._open[record.mn]

    def objection(self, record: CommandRecord) -> str:
        """Why a command that waited must not go out any more; "" when it may."""
        if record.cn != SET or self.clocks.drift(record.mn, self._now_us()) is None:
            return ""
        return self.clocks.why_not(record.mn, self._now_us())
