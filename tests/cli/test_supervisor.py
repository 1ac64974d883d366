"""hj212d/cli/supervisor.py with small processes that behave well and badly."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop
from waiting import until

from hj212d.cli.supervisor import ProcessSpec, StartFailed, Supervisor

# Writes what happens to it into a file, says ready, ends on SIGTERM or at the end of its input.
GOOD = """
import os, signal, sys
name, path = sys.argv[1:3]
def note(text):
    with open(path, "a") as file:
        file.write(f"{name} {text}\\n")
def end(*_):
    note("ended")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
note("order " + sys.stdin.readline().strip())
print(f"ready http=127.0.0.1:1 store=duckdb:///a b name={name}", flush=True)
for line in sys.stdin:
    note("order " + line.strip())
note("orphan")
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine function on the supervisor's kind of loop."""

    async def limited() -> None:
        async with asyncio.timeout(30):
            await test()

    uvloop.run(limited())


def good(name: str, notes: Path, stage: int = 0, **other: object) -> ProcessSpec:
    """A process that behaves well."""
    argv = (sys.executable, "-c", GOOD, name, str(notes))
    return ProcessSpec(name, argv, f"first-{name}".encode(), stage, **other)  # type: ignore[arg-type]


def bad(code: str, name: str = "bad", **other: object) -> ProcessSpec:
    """A process that runs ``code``."""
    return ProcessSpec(name, (sys.executable, "-c", code), b"{}", **other)  # type: ignore[arg-type]


def test_stages_start_in_order_and_end_in_reverse(tmp_path: Path) -> None:
    """The hub is ready before the workers start, and ends only after they have ended."""
    notes = tmp_path / "notes"

    async def story() -> None:
        supervisor = Supervisor([good("w", notes, stage=1), good("hub", notes)])
        await supervisor.start()
        assert supervisor.children["hub"].ready == {
            "http": "127.0.0.1:1",
            "store": "duckdb:///a b",
            "name": "hub",
        }
        await supervisor.stop()

    run(story)
    assert notes.read_text().splitlines() == [
        "hub order first-hub",
        "w order first-w",
        "w ended",
        "hub ended",
    ]


def test_dead_process_is_started_again_with_its_last_orders(tmp_path: Path) -> None:
    """kill -9: it is back, and knows what it was told last."""
    notes = tmp_path / "notes"

    async def story() -> None:
        supervisor = Supervisor([good("w", notes)])
        await supervisor.start()
        child = supervisor.children["w"]
        supervisor.order({"w": b"second"})
        await until(lambda: "w order second" in notes.read_text())
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: notes.read_text().count("order second") == 2)
        assert child.pid != first
        assert child.starts == 2
        await supervisor.stop()

    run(story)


def test_process_that_cannot_start_ends_the_start(tmp_path: Path) -> None:
    """After three deaths before its first ready the start is given up, and all are ended."""
    notes = tmp_path / "notes"

    async def story() -> None:
        supervisor = Supervisor([good("hub", notes), bad("raise SystemExit(3)", "w", stage=1)])
        with pytest.raises(StartFailed, match="w ended 3 times"):
            await supervisor.start()
        await supervisor.stop()

    run(story)
    assert notes.read_text().endswith("hub ended\n")


def test_missing_program_ends_the_start() -> None:
    """A program that is not there is a failed start, not an endless wait."""

    async def story() -> None:
        supervisor = Supervisor([ProcessSpec("w", ("/nonexistent/program",), b"")])
        with pytest.raises(StartFailed):
            await supervisor.start()
        await supervisor.stop()

    run(story)


def test_next_stage_does_not_wait_for_ever_for_a_hub(tmp_path: Path) -> None:
    """A hub that is not ready, or dies again and again, does not keep workers from starting."""
    notes = tmp_path / "notes"

    async def story() -> None:
        supervisor = Supervisor(
            [
                bad("import sys; sys.stdin.read()", "silent", ready_within_s=0.3),
                bad("raise SystemExit(1)", "dying", ready_within_s=0.3),
                good("w", notes, stage=1),
            ]
        )
        await supervisor.start()
        assert supervisor.children["w"].was_ready.is_set()
        assert not supervisor.children["silent"].was_ready.is_set()
        await supervisor.stop()

    run(story)


def test_process_that_ignores_sigterm_is_killed() -> None:
    """The end has a limit."""

    async def story() -> None:
        supervisor = Supervisor([bad(DEAF, "deaf", end_within_s=0.2)])
        await supervisor.start()
        pid = supervisor.children["deaf"].pid
        assert pid is not None
        await supervisor.stop()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    run(story)


def test_stop_during_the_pause_before_a_restart_starts_nothing_more() -> None:
    """SIGTERM while a child is down: it stays down."""

    async def story() -> None:
        supervisor = Supervisor([bad("print('ready', flush=True)")])
        await supervisor.start()
        child = supervisor.children["bad"]
        await until(lambda: child.starts >= 2)
        await supervisor.stop()
        starts = child.starts
        await asyncio.sleep(0)
        assert child.starts == starts
        assert child.pid is None

    run(story)


def test_chatter_and_long_lines_do_not_stall_a_process() -> None:
    """What a process prints besides is read, whatever its length."""
    code = "print('x' * 300000); print('chatter'); print('ready a=1', flush=True); input()"

    async def story() -> None:
        supervisor = Supervisor([bad(code)])
        await supervisor.start()
        assert supervisor.children["bad"].ready == {"a": "1"}
        await supervisor.stop()

    run(story)


def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    """Several lives of a process cost nothing that stays."""
    notes = tmp_path / "notes"

    async def story() -> None:
        supervisor = Supervisor([good("w", notes)])
        await supervisor.start()
        child = supervisor.children["w"]
        before = len(os.listdir("/proc/self/fd"))
        for life in range(2, 5):
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            await until(lambda life=life: notes.read_text().count("order") == life)
            await until(lambda: child.pid is not None)
        assert len(os.listdir("/proc/self/fd")) == before
        await supervisor.stop()

    run(story)
