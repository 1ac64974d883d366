"""A process that publishes until somebody kills it: folder, hours after noon to go on for.

Prints a line after each bulletin that is in the book.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bulletins_rig import HOUR, Desk, beijing

from hj212d.hub.bulletins import service

NOON = beijing("2026-11-20T12:00")


class Telling(Desk):
    """Says what it has done."""

    def call(self, work, *args):  # type: ignore[no-untyped-def]
        """One bulletin a transaction, and a line when it is done."""
        return super().call(work, *args).addCallback(lambda done: print(".", flush=True) or done)


def main(folder: Path, hours: int) -> None:
    """Publish hour after hour."""
    service.AT_ONCE = 1
    desk = Telling(folder, NOON)
    desk.service.stopService()
    desk.make(hour_corrections_h=12)
    for number in range(hours + 1):
        desk.closed = NOON + number * HOUR
        desk.now = desk.closed + 0.5 * HOUR
        desk.service.look_at_all()
        desk.turn()
    desk.registry.close()
    print("end", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
