"""What an operator does to a store while no hub runs: make it, look it over, bring it up to date.

``hj212d store init``, ``check`` and ``migrate`` call these; each engine has its own. Answers are
sentences for the terminal. Tests: tests/store/test_duckdb_admin.py.
"""

from __future__ import annotations

from typing import Protocol


class StoreAdmin(Protocol):
    """The three commands. Each raises :class:`store.timeseries.StoreUnavailable`, one sentence,
    when the store cannot be reached or is in use."""

    def init(self) -> list[str]:
        """Make the tables where there are none; what was done. Safe to repeat."""

    def check(self) -> list[str]:
        """The problems found; empty when all is well."""

    def migrate(self) -> list[str]:
        """Bring tables of an earlier version to this one; what was done. Safe to repeat."""
