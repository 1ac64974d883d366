"""hj212d/cli/data_lock.py: one daemon a folder, and patience with one that is about to end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hj212d.cli.data_lock import DataBusy, held, take


class Time:
    """A clock that sleeping moves. ``then`` runs once, at ``at`` seconds."""

    def __init__(self, at: float = 1e9, then: object = None) -> None:
        self.now = 0.0
        self._at = at
        self._then = then

    def clock(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass time."""
        self.now += seconds
        if self.now >= self._at and callable(self._then):
            self._at = 1e9
            self._then()


def test_second_daemon_waits_then_says_who_has_the_folder(tmp_path: Path) -> None:
    """After 15 s of patience the refusal names folder and process."""
    taken = take(tmp_path / "lock")
    time = Time()
    with pytest.raises(DataBusy, match=rf"{tmp_path} \(process {os.getpid()}\)"):
        take(tmp_path / "lock", clock=time.clock, sleep=time.sleep)
    assert 15.0 <= time.now < 16.0
    os.close(taken)


def test_second_daemon_takes_over_when_the_first_ends(tmp_path: Path) -> None:
    """A predecessor that ends in time is waited for."""
    taken = take(tmp_path / "lock")
    time = Time(5.0, lambda: os.close(taken))
    os.close(take(tmp_path / "lock", clock=time.clock, sleep=time.sleep))
    assert 5.0 <= time.now < 6.0


def test_children_that_inherit_the_lock_hold_it(tmp_path: Path) -> None:
    """The folder is free only when the last process of the daemon is gone."""
    taken = take(tmp_path / "lock")
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(taken,)
    )
    os.close(taken)
    time = Time()
    with pytest.raises(DataBusy):
        take(tmp_path / "lock", clock=time.clock, sleep=time.sleep)
    child.communicate(b"\n")
    os.close(take(tmp_path / "lock", wait_s=0))


def test_refusal_leaks_no_descriptor(tmp_path: Path) -> None:
    """Trying in vain leaves nothing open."""
    taken = take(tmp_path / "lock")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(DataBusy):
        take(tmp_path / "lock", wait_s=0)
    assert os.listdir("/proc/self/fd") == before
    os.close(taken)


def test_whether_a_lock_is_held(tmp_path: Path) -> None:
    """No file, a file that nobody holds, and one that is held; it is not taken by asking."""
    path = tmp_path / "lock"
    assert not held(path)
    descriptor = take(path)
    assert held(path)
    os.close(descriptor)
    assert not held(path)
