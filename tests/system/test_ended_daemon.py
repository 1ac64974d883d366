"""A daemon under test is ended for good, whatever another thread is doing with it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from waiting import wait_until

from bench.daemon import Daemon, DaemonError


def test_a_start_under_way_comes_to_nothing(tmp_path: Path) -> None:
    """The starting thread gets an error at once, no process is left, and no start follows."""
    daemon = Daemon(tmp_path / "data", workers=1)
    said: list[str] = []

    def start() -> None:
        try:
            daemon.start()
        except DaemonError as error:
            said.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    wait_until(lambda: daemon.pid is not None, "a supervisor")
    daemon.end()
    thread.join(90)
    assert not thread.is_alive()
    assert len(said) == 1
    assert daemon.processes() == []
    with pytest.raises(DaemonError, match="for good"):
        daemon.start()


def test_children_of_a_killed_supervisor_are_ended_too(tmp_path: Path) -> None:
    """They are known by number and birth, so nobody else is hit."""
    daemon = Daemon(tmp_path / "data", workers=1)
    daemon.start()
    supervisor, *others = daemon.processes()
    assert {each.role for each in others} == {"hub", "worker"}
    daemon.kill(supervisor)
    daemon.end()
    for each in others:
        wait_until(lambda pid=each.pid: not Path(f"/proc/{pid}/exe").exists(), "its end")
