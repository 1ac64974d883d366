"""How complete data are, as the API shows it: the seam between the API and the daemon.

May block, but not for long; raises :class:`admin.source.NotAvailable`, or
:class:`admin.commands.Declined` for a question that makes no sense.
Tests: tests/system/test_gap_filling.py.
"""

from __future__ import annotations

from typing import Any, Protocol

from admin.source import Row


class Completeness(Protocol):
    """Who reckons."""

    def rates(self, asked: dict[str, Any]) -> list[Row]:
        """Rates by day or month: start, end, period, by, mn, region, factor, summed."""

    def gaps(self, asked: dict[str, Any]) -> list[Row]:
        """Gaps, newest first: mn, state, period, limit."""
