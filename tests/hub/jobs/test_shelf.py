"""What is kept of jobs: over a restart, for so many days, within so many bytes."""

from __future__ import annotations

from pathlib import Path

from hj212d.hub.jobs.job import Job, new_id
from hj212d.hub.jobs.shelf import ENDED, Shelf

DAY_US = 86_400_000_000


def job(created_us: int = 0, **known: object) -> Job:
    """A report of somebody."""
    made = Job(new_id(), "report", "me", {"kind": "day"}, ["report", "day"], "pdf", created_us)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def test_over_a_restart(tmp_path: Path) -> None:
    """What was done is there, what was under way has failed and has no file."""
    shelf = Shelf(tmp_path / "reports")
    done, running = job(1, state="done", title="日报"), job(2, state="running")
    for one in (running, done):
        shelf.keep(one)
        shelf.place(one).write_bytes(b"half")
    (tmp_path / "reports" / "not-ours").mkdir()
    found = shelf.load(5)
    assert list(found) == [done.id, running.id]
    assert found[done.id] == done
    again = found[running.id]
    assert (again.state, again.error, again.finished_us) == ("failed", ENDED, 5)
    assert shelf.place(done).exists()
    assert not shelf.place(running).exists()
    assert (tmp_path / "reports" / "not-ours").is_dir()


def test_names_cannot_be_guessed(tmp_path: Path) -> None:
    """128 bits of chance; nobody else on the machine may look into the folders."""
    assert len({new_id() for _ in range(100)}) == 100
    assert len(new_id()) == 32
    shelf = Shelf(tmp_path)
    made = job()
    shelf.keep(made)
    assert (tmp_path / made.id).stat().st_mode & 0o077 == 0


def test_unreadable_ones_go(tmp_path: Path) -> None:
    """A record that is no record is removed with its folder."""
    home = tmp_path / new_id()
    home.mkdir()
    (home / "job.json").write_bytes(b"{")
    assert Shelf(tmp_path).load(0) == {}
    assert not home.exists()


def test_what_is_outdated(tmp_path: Path) -> None:
    """Too old, or the oldest of too much; never one that is not over."""
    shelf = Shelf(tmp_path)
    every = [
        job(1, state="done", finished_us=1 * DAY_US, bytes=10),
        job(2, state="done", finished_us=8 * DAY_US, bytes=700_000),
        job(3, state="done", finished_us=9 * DAY_US, bytes=800_000),
        job(4, state="queued"),
    ]
    jobs = {one.id: one for one in every}
    assert shelf.outdated(jobs, 10 * DAY_US, 7.0, 10) == every[:1]
    assert shelf.outdated(jobs, 10 * DAY_US, 7.0, 1) == every[:2]
    assert shelf.load(0) == {}
