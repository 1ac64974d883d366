"""The room of jobs with real child processes: one at a time, ended in time, nothing left over."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from reactor_thread import RunningReactor
from twisted.logger import globalLogPublisher
from waiting import wait_until

from hj212d.hub.jobs import child
from hj212d.hub.jobs.job import Job
from hj212d.hub.jobs.room import Full, JobRoom
from hj212d.hub.jobs.settings import ReportsSettings

COMMAND = (sys.executable, str(Path(__file__).with_name("job_child.py")))
SETTINGS = ReportsSettings(waiting=2, timeout_s=90)


class Rig:
    """A room on the reactor, seen from a test."""

    def __init__(self, running: RunningReactor, folder: Path, settings: ReportsSettings) -> None:
        self.folder = folder
        self.now_us = 0
        self._do = running.do
        self.room = JobRoom(
            running.reactor,
            folder / "reports",
            [f"--data={folder}"],
            settings,
            self._tick,
            COMMAND,
        )
        self.call(self.room.startService)

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """On the reactor's thread."""
        return self._do(work, *arguments)

    def submit(self, what: str) -> Job:
        """A job that does so."""
        job: Job = self.call(self.room.submit, "report", [what], "txt", {"what": what}, "me")
        return job

    def over(self, job: Job) -> Job:
        """The job once it is."""
        wait_until(lambda: job.is_over, f"{job.argv} over")
        return job

    def _tick(self) -> int:
        self.now_us += 1
        return self.now_us


@pytest.fixture
def rig(reactor: RunningReactor, tmp_path: Path) -> Iterator[Rig]:
    """A room with two places to wait."""
    made = Rig(reactor, tmp_path, SETTINGS)
    yield made
    made.call(made.room.stopService)


def test_a_job(rig: Rig) -> None:
    """Its file, its title, its size; the options of the room behind those of the job."""
    job = rig.over(rig.submit("make"))
    assert (job.state, job.title, job.error, job.stage) == ("done", "十月月报", "", "make")
    path = rig.call(rig.room.result, job)
    assert job.bytes == path.stat().st_size
    said = json.loads(path.read_bytes())
    assert said == [f"--data={rig.folder}", f"--output={path}", "--progress-json"]
    assert rig.call(rig.room.status)["kept"] == 1


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("refuse", "no place is asked for"),
        ("nothing", "the job ended without a file"),
        ("die", "the job ended without a file"),
    ],
)
def test_one_that_fails(rig: Rig, what: str, error: str) -> None:
    """Why, in the words of the command; the room goes on."""
    job = rig.over(rig.submit(what))
    assert (job.state, job.error) == ("failed", error)
    assert rig.call(rig.room.result, job) is None
    assert rig.over(rig.submit("make")).state == "done"


def test_one_at_a_time(rig: Rig) -> None:
    """The others wait in order; who comes when all places are taken is refused."""
    first = rig.submit("wait")
    others = [rig.submit("make"), rig.submit("make")]
    assert [rig.call(rig.room.ahead, job) for job in (first, *others)] == [0, 1, 2]
    with pytest.raises(Full, match="2 jobs wait"):
        rig.submit("make")
    assert [job.state for job in others] == ["queued", "queued"]
    (rig.folder / "go").touch()
    for job in (first, *others):
        assert rig.over(job).state == "done"
    assert (others[0].finished_us or 0) < (others[1].started_us or 0)


def test_several_leave_no_fault_in_the_log(rig: Rig) -> None:
    """The end of one and the beginning of the next fall into one call of the reactor."""
    events: list[dict[str, Any]] = []
    globalLogPublisher.addObserver(events.append)
    try:
        for job in [rig.submit("make") for _ in range(3)]:
            assert rig.over(job).state == "done"
        gc.collect()  # an error that nobody took is told when its deferred goes
    finally:
        globalLogPublisher.removeObserver(events.append)
    assert [event["log_level"].name for event in events if event.get("log_failure")] == []


def test_too_long(
    reactor: RunningReactor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that outstays its time is ended, though it does not listen."""
    monkeypatch.setattr(child, "KILL_AFTER_S", 0.1)
    rig = Rig(reactor, tmp_path, msgspec.structs.replace(SETTINGS, timeout_s=0.5))
    job = rig.over(rig.submit("deaf"))
    assert (job.state, job.error) == ("failed", "not done within reports.timeout_s")
    rig.call(rig.room.stopService)


def test_given_up(rig: Rig) -> None:
    """One that runs is ended and forgotten, one that waits is never begun."""
    running, waiting = rig.submit("wait"), rig.submit("make")
    wait_until(lambda: running.stage == "wait")
    rig.call(rig.room.remove, waiting)
    rig.call(rig.room.remove, running)
    after = rig.over(rig.submit("make"))
    assert after.state == "done"
    assert [path.name for path in (rig.folder / "reports").iterdir()] == [after.id]
    assert list(rig.room.jobs) == [after.id]


def test_the_hub_stops(reactor: RunningReactor, tmp_path: Path) -> None:
    """The child is gone when the room is; what was under way has failed and stays known."""
    rig = Rig(reactor, tmp_path, SETTINGS)
    running, waiting = rig.submit("wait"), rig.submit("make")
    wait_until(lambda: running.stage == "wait")
    (pid,) = [int(one.name) for one in Path("/proc").iterdir() if _is_child(one)]
    rig.call(rig.room.stopService)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (running.state, running.error) == ("failed", "the daemon is stopping")
    again = Rig(reactor, tmp_path, SETTINGS)
    assert [job.state for job in again.room.jobs.values()] == ["failed", "failed"]
    assert again.room.jobs[waiting.id].error == "the daemon ended while the job was under way"
    again.call(again.room.stopService)


def test_sweeping(rig: Rig) -> None:
    """What is too old goes with its folder."""
    job = rig.over(rig.submit("make"))
    rig.now_us += 8 * 86_400_000_000
    rig.call(rig.room.sweep)
    assert rig.room.jobs == {}
    assert not (rig.folder / "reports" / job.id).exists()


def _is_child(process: Path) -> bool:
    try:
        said = (process / "cmdline").read_bytes()
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
    except (OSError, IndexError):
        return False
    return b"job_child.py" in said and parent == str(os.getpid())
