"""What the pages show, as plain data: the seam between the pages and the daemon.

The hub hands an object of this shape to :func:`admin.app.create_app`; tests hand a fake. Times are
ISO 8601 texts in UTC. Nothing here may block for long: who implements it bounds the wait and
raises :class:`NotAvailable`. Tests: tests/admin/test_pages.py.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

Row = dict[str, Any]

PAGE_ROWS = 100
STATES = ("online", "offline", "unregistered")
# By MN, or the largest first.
SORTS = ("mn", "last_seen", "frames", "bad")


class Listing(msgspec.Struct, frozen=True):
    """Which stations a screen shows: those whose MN or name contains ``find`` and that are in
    ``state`` ("": any), in order of ``sort``, screen ``number`` from 1."""

    find: str = ""
    state: str = ""
    sort: str = "mn"
    number: int = 1
    size: int = PAGE_ROWS


class Page(msgspec.Struct, frozen=True):
    """One screenful: its rows, its number from 1, how many pages and rows there are in all."""

    rows: list[Row]
    number: int
    pages: int
    total: int


class NotAvailable(Exception):
    """The data cannot be had now; the text is one sentence for people."""


class Source(Protocol):
    """Where the pages get their data."""

    def status(self) -> Row:
        """The status object, as `hj212d status --json` prints it."""

    def stations(self, listing: Listing) -> Page:
        """Stations, known and registered; a number outside is brought to the nearest page.

        Each has mn, name, registered, state ("online" or "offline"), last_seen, last_data_time,
        version, st, links, peer, frames, bad, duplicates, reasons, repairs.
        """

    def station(self, mn: str) -> Row | None:
        """One station, None when it is not there."""

    def latest(self, mn: str) -> list[Row]:
        """Latest value per factor: factor, name_zh, name_en, unit, value, column, flag, extra,
        period, data_time, received_at."""

    def quarantine(self, mn: str | None, limit: int) -> list[Row]:
        """The newest bad frames, newest first: received_at, mn, cn, reason, link, raw (bytes)."""

    def help_lines(self) -> dict[str, dict[str, str]]:
        """Label -> line of help, for "reason" and "repair"."""
