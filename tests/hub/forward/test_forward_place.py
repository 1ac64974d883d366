"""The place of a target, after a kill, a torn write, and for retention."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from feed_rig import frame, received, write

from hj212d.hub.forward.cursor import FILE, Progress, beginning, forget
from hj212d.journal import cursors

_CHILD = """
import sys
from pathlib import Path
from hj212d.hub.forward.cursor import Progress
place = Progress(Path(sys.argv[1]), Path(sys.argv[2]), "upper")
place.begin("oldest")
at = 0
while True:
    at += 1
    place.advance("0", at)
    if at % 1000 == 0:
        print(at, flush=True)
"""


def opened(tmp_path: Path) -> Progress:
    """The place in a folder."""
    return Progress(tmp_path / "upper", tmp_path / "journal", "upper")


def test_a_place_is_kept(tmp_path: Path) -> None:
    """Over a close, and only forwards."""
    place = opened(tmp_path)
    assert not place.known
    place.begin("oldest")
    place.advance("0", 10)
    place.advance("12", 7)
    place.advance("0", 5)
    place.close()
    again = opened(tmp_path)
    assert again.known
    assert again.positions == {"0": 10, "12": 7}
    again.close()


def test_a_target_that_is_known_does_not_begin_again(tmp_path: Path) -> None:
    """Also when the journal had no lane yet: all that came since is unread."""
    place = opened(tmp_path)
    place.begin("now")
    place.close()
    write(tmp_path / "journal", [received(frame())])
    again = opened(tmp_path)
    again.begin("now")
    assert again.positions == {}
    again.close()


def test_begins_behind_or_before_what_is_there(tmp_path: Path) -> None:
    """As `start` says."""
    end = write(tmp_path, [received(frame())])
    assert beginning(tmp_path, "now") == {"0": end}
    assert beginning(tmp_path, "oldest") == {"0": 0}
    (tmp_path / "0" / "durable").unlink()
    assert beginning(tmp_path, "now") == {"0": end}


def test_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    """Each advance that was said is there; the one being written may be."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path / "upper"), str(tmp_path / "journal")],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(5)]
    child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().split()]
    child.wait()
    child.stdout.close()
    place = opened(tmp_path)
    assert said[-1] <= place.positions["0"] < said[-1] + 1000
    place.close()


@pytest.mark.parametrize("at", [0, 5, 20, 40])
def test_a_torn_slot_leaves_the_other(tmp_path: Path, at: int) -> None:
    """The newest whole one counts."""
    place = opened(tmp_path)
    place.begin("oldest")
    for position in (10, 20, 30):
        place.advance("0", position)
    place.close()
    path = tmp_path / "upper" / FILE
    raw = bytearray(path.read_bytes())
    newest = raw.find((30).to_bytes(8, "little")) // 8192 * 8192
    raw[newest + at] ^= 0xFF
    path.write_bytes(raw)
    again = opened(tmp_path)
    assert again.positions == {"0": 20}
    again.advance("0", 40)
    again.close()
    assert opened(tmp_path).positions == {"0": 40}


def test_without_a_whole_slot_it_is_where_retention_was_told(tmp_path: Path) -> None:
    """A file that was lost costs a few seconds of frames sent again."""
    place = opened(tmp_path)
    place.begin("oldest")
    place.advance("0", 10)
    place.keep()
    place.advance("0", 12)
    place.close()
    os.truncate(tmp_path / "upper" / FILE, 100)
    again = opened(tmp_path)
    assert again.positions == {"0": 10}
    again.close()


def test_retention_is_told_what_is_unread(tmp_path: Path) -> None:
    """What was given up does not hold it, and a target that is no more neither."""
    place = opened(tmp_path)
    place.begin("oldest")
    place.advance("0", 10)
    place.keep({"0": 70, "1": 5})
    assert cursors.load(tmp_path / "journal", "forward-upper") == {"0": 70, "1": 5}
    place.close()
    forget(tmp_path / "journal", "upper")
    assert cursors.positions(tmp_path / "journal") == {}
