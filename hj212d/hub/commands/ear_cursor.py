"""Where the ear begins, and how much of the journal its cursor may hold.

Retention keeps what a cursor has not passed. Blocks on files only.
Tests: tests/hub/commands/test_ear.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from hj212d.hub.commands.ear_pass import durable_ends
from hj212d.journal import cursors
from hj212d.journal.lanes import position_at

CURSOR = "commands"
SKIPPED_BYTES = 256 * 1024 * 1024  # a cursor this far behind is worth a thought
HELD_BYTES = 1024 * 1024 * 1024  # of a lane, for replies that nobody can hear yet

Warn = Callable[[str], None]


class Beginning(msgspec.Struct, frozen=True):
    """Lane -> position to begin at; as it was ``saved``; what is ``skipped_bytes``."""

    start: dict[str, int]
    saved: dict[str, int]
    skipped_bytes: int


def beginning(journal_dir: Path, since_us: int | None, warn: Warn) -> Beginning:
    """Where to begin. ``since_us``: nobody waits for anything older; None: for nothing at all, so
    that a cursor left far behind goes to the end."""
    known = cursors.load(journal_dir, CURSOR, warn)
    start: dict[str, int] = {}
    skipped = 0
    for lane, end in durable_ends(journal_dir).items():
        # A lane that the cursor does not know: all of it came since, unless none does.
        at = known.get(lane, 0 if known else end)
        if end - at > SKIPPED_BYTES:
            wanted_at = end if since_us is None else position_at(journal_dir / lane, since_us)
            skipped += max(0, wanted_at - at)
            at = max(at, wanted_at)
        start[lane] = at
    return Beginning(start, dict(known), skipped)


def let_go(journal_dir: Path, warn: Warn) -> int:
    """Move a cursor that nobody follows to the end of each lane of which it holds more than
    ``HELD_BYTES``; the bytes that nobody will hear."""
    known = cursors.load(journal_dir, CURSOR, warn)
    if not known:
        return 0
    ends = durable_ends(journal_dir)
    held = {lane: end - known.get(lane, 0) for lane, end in ends.items()}
    too_far = [lane for lane, behind in held.items() if behind > HELD_BYTES]
    if too_far:
        cursors.save(journal_dir, CURSOR, {**known, **{lane: ends[lane] for lane in too_far}})
    return sum(held[lane] for lane in too_far)
