"""A process that tells day after day until somebody kills it: folder, number of days.

Prints a line after each transaction of the registry.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from schedules_rig import Stage, beijing
from twisted.internet.defer import Deferred

from hj212d.hub.schedules import telling

FIRST = beijing("2028-02-27T08:29")


class Talking(Stage):
    """Says what it has done."""

    def call(self, work: Any, *args: Any) -> Deferred[Any]:
        """As the stage's, and a line."""
        return super().call(work, *args).addCallback(_line)


def _line(done: Any) -> Any:
    print(".", flush=True)
    return done


def main(folder: Path, days: int) -> None:
    """Look around 8:30 on each day."""
    telling.AT_ONCE = 2  # readers in a piece, so that a kill finds some told and others not
    stage = Talking(f"sqlite:///{folder / 'registry.db'}", folder, FIRST)
    for number in range(days):
        for minute in range(15):
            stage.now = FIRST + timedelta(days=number, minutes=minute)
            stage.closed = stage.now
            stage.look()
    stage.close()
    print("end", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
