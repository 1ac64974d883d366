"""Commands to instruments as the API shows them: the seam between the API and the daemon.

The hub hands an object of this shape to :func:`admin.app.create_app`; tests hand a fake. May
block, but not for long: who implements it bounds the wait and raises
:class:`admin.source.NotAvailable`. Tests: tests/admin/test_api.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from admin.source import Row


class Declined(Exception):
    """What was asked for is not done; the text is one sentence for people.

    ``field``: which field of the request is wrong; "": it is the state of things.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        Exception.__init__(self, sentence)
        self.field = field


class Commands(Protocol):
    """Who sends commands."""

    def submit(self, wish: Row, who: str) -> Row:
        """Take a command: mn, name, args, queue, expires_s, priority. Declined."""

    def find(
        self, mn: str | None, states: Sequence[str] | None, before_id: int | None, limit: int
    ) -> list[Row]:
        """Commands, newest first."""

    def get(self, number: int) -> Row | None:
        """One command with its "events"; None when there is none."""

    def cancel(self, number: int, who: str) -> Row | None:
        """Give one up; None when there is none. Declined when it has ended."""

    def requests(self, version: str | None) -> list[Row]:
        """What can be asked of instruments of a version, None: of any."""
