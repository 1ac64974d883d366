"""A process that writes a lane until it is killed, for test_writer_killed.py.

Arguments: lane folder, first number, sync. A line on standard output for each record that was
called back.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from lane_samples import encoded

from hj212d.journal.commit import GroupCommit
from hj212d.journal.record import joined
from hj212d.journal.settings import Sync
from hj212d.journal.writer import LaneWriter

IN_FLIGHT = 200


def main(lane: Path, number: int, sync: Sync) -> None:
    calls: SimpleQueue[Any] = SimpleQueue()
    writer = LaneWriter(lane, sync=sync, segment_bytes=30_000, min_free_bytes=0)
    commit = GroupCommit(writer, calls.put)
    draw = random.Random(number)
    flying = 0

    def acked(some: list[int]) -> None:
        nonlocal flying
        flying -= len(some)
        os.write(1, b"".join(b"%d\n" % one for one in some))

    while True:
        while flying < IN_FLIGHT:
            some = list(range(number, number + draw.randint(1, 5)))
            number = some[-1] + 1
            flying += len(some)
            commit.submit(
                joined(encoded(*some, size=draw.choice([0, 30, 900]))),
                lambda some=some: acked(some),
            )
        calls.get()()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
