"""Means as the API asks for them; whoever serves them says how.

Tests: tests/admin/test_means_api.py.
"""

from __future__ import annotations

from typing import Protocol

from admin.source import Row


class MeansWindow(Protocol):
    """What may be asked. ``Declined`` names the field, ``NotAvailable`` says why not now."""

    def means(self, asked: Row) -> list[Row]:
        """Rows of means: level, start, end, mns, region, factors, stats, one side only."""

    def recompute(self, asked: Row) -> Row:
        """Make hours and days anew; how many hours."""
