"""What can keep the journal from taking records; damage that is found in it is data (blocks.py).

Tests: tests/journal/test_writer_failures.py.
"""

from __future__ import annotations

import errno
from typing import ClassVar, Literal

State = Literal["ok", "full", "failed"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class JournalError(Exception):
    """Records could not be made durable. ``durable`` of them, counted from the first, are; the
    rest are not in the journal, and the same call may be made again with them."""

    state: ClassVar[State] = "failed"

    def __init__(self, message: str, durable: int = 0) -> None:
        super().__init__(message)
        self.durable = durable


class JournalFull(JournalError):
    """No room: disk or quota full, or less free space than is to stay free."""

    state: ClassVar[State] = "full"


class JournalFailed(JournalError):
    """The disk refused for another reason."""


class LaneBusy(Exception):
    """Another process writes this lane."""


def journal_error(what: str, error: OSError) -> JournalError:
    """The typed error for what the operating system said; ``what`` names the step."""
    kind = JournalFull if error.errno in _NO_ROOM else JournalFailed
    return kind(f"{what}: {error.strerror or error}")
