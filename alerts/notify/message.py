"""What is told, in words: subject, text, and the facts of it for machines.

Tests: tests/alerts/notify/test_wording.py.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """``subject``: one line. ``text``: plain text of some lines, without markup. ``facts``: what a
    webhook gets besides; "short" is the whole in one line, for an SMS."""

    subject: str
    text: str
    facts: dict[str, Any] = {}
