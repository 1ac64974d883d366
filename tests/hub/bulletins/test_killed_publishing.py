"""kill -9 in the middle of publishing: each period is published exactly once all the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bulletins_rig import HOUR, PLACES, Desk, beijing

NOON = beijing("2026-11-20T12:00")
HERE = Path(__file__).parent
HOURS = 4


def process(folder: Path) -> subprocess.Popen[str]:
    """One that publishes into the folder's registry."""
    return subprocess.Popen(
        [sys.executable, HERE / "publishing_process.py", folder, str(HOURS)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_each_period_once(tmp_path: Path) -> None:
    """Killed after a random number of bulletins, again and again, then left alone."""
    some = random.Random(1)
    for _ in range(2):
        with process(tmp_path) as one:
            assert one.stdout is not None
            for _ in range(some.randrange(2, 40)):
                one.stdout.readline()
            one.kill()
    with process(tmp_path) as last:
        assert last.stdout is not None
        assert last.stdout.read().splitlines()[-1] == "end"
    desk = Desk(tmp_path, NOON)
    try:
        hours = desk.book("hour")
        starts = {start for _, start, _, _ in hours}
        assert {NOON + n * HOUR for n in range(-12, HOURS)} <= starts
        counts = Counter((place, start) for place, start, _, _ in hours)
        assert set(counts.values()) == {1}
        assert len(counts) == len(PLACES) * len(starts)
        for kind in ("hour", "day", "ranking"):
            assert {version for _, _, version, _ in desk.book(kind)} == {1}
    finally:
        desk.registry.close()
