"""What people decide about readings as the API shows it: the seam between the API and the daemon.

The hub hands an object of this shape to the routes of decisions_api.py; tests hand a fake.
Tests: tests/admin/test_decisions_api.py.
"""

from __future__ import annotations

from typing import Protocol

from admin.source import Row


class Missing(Exception):
    """There is nothing of that name or number; the text is one sentence for people."""


class Decisions(Protocol):
    """Sites, reviews, events, limits."""

    def ask(self, deed: str, said: Row, who: str) -> Row:
        """What comes of a deed, named as on the control socket. Missing;
        :class:`admin.commands.Declined` names the field that is wrong;
        :class:`admin.source.NotAvailable`."""
