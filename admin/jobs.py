"""Jobs as the API shows them: the seam between the API and the room that does them.

Nothing here blocks for long. Tests: tests/admin/test_reports_api.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from admin.source import Row


class TooMany(Exception):
    """As many jobs wait as may; the text is one sentence."""


class Jobs(Protocol):
    """Who has reports, exports and maps made."""

    def submit(self, kind: str, said: dict[str, Any], who: str) -> Row:
        """A new job of a kind ("report", "export", "map") by the fields of its wish. Declined
        names the field that is wrong; TooMany; NotAvailable."""

    def find(self, kind: str) -> list[Row]:
        """Jobs of a kind, newest first."""

    def get(self, kind: str, name: str) -> Row | None:
        """A job by its id, None when there is none."""

    def file(self, kind: str, name: str) -> tuple[Row, Path] | None:
        """A job that is done, and its file."""

    def remove(self, kind: str, name: str) -> Row | None:
        """Give a job up, or forget what came of it."""

    def templates(self) -> list[Row]:
        """Templates of reports: name, kinds, origin, about."""
