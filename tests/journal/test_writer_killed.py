"""kill -9 of a writing process, many times: what was called back is read afterwards, exactly once
(hj212d/journal/commit.py, recovery.py, reader.py)."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from lane_samples import drain, number_of, numbers

from hj212d.journal import cursors
from hj212d.journal.inspect import check
from hj212d.journal.reader import LaneReader

ROUNDS = 12
ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("writing_child.py")


def write_until_killed(lane: Path, first: int, sync: str, draw: random.Random) -> list[int]:
    """Run a writer, kill it after some acknowledgements, and give those that it made."""
    with subprocess.Popen(
        [sys.executable, CHILD, lane, str(first), sync],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{CHILD.parent}"},
    ) as child:
        assert child.stdout is not None
        wanted = draw.randint(1, 300 if sync == "always" else 4000)
        lines = []
        for line in child.stdout:
            lines.append(line)
            if len(lines) == wanted:
                child.kill()
        assert child.wait(90) == -9
    return [int(line) for line in lines if line.endswith(b"\n")]


@pytest.mark.parametrize("sync", ["group", "always", "none"])
def test_all_that_was_called_back_is_read_once(tmp_path: Path, sync: str) -> None:
    """A reader with a durable cursor reads on between the kills, sometimes while nobody writes and
    sometimes not at all; a reader that comes at the end reads the same."""
    lane = tmp_path / "0"
    draw = random.Random(sync)
    acked: list[int] = []
    read: list[int] = []
    for turn in range(ROUNDS):
        acked += write_until_killed(lane, 1_000_000 * turn, sync, draw)
        if draw.random() < 0.7:
            with LaneReader(lane, cursors.load(tmp_path, "store").get("0", 0)) as reader:
                read += [number_of(one) for _, one in drain(reader, draw.choice([1, 1 << 20]))]
                assert reader.damaged == 0
                cursors.save(tmp_path, "store", {"0": reader.position})
    position = cursors.load(tmp_path, "store").get("0", 0)
    read += numbers(lane, position)
    assert len(acked) > ROUNDS
    assert set(acked) <= set(read)
    assert read == sorted(set(read))
    assert numbers(lane) == read
    # At most the last writer's torn block is damage: its successor would cut it.
    assert all(finding.tail for finding in check(tmp_path).findings)
