"""hj212d/cli/worker.py: a listener process from its first line to its end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from link_rig import journalled, read, upload

from hj212d.journal.record import Kind
from hj212d.journal.settings import JournalSettings
from hj212d.link.addresses import Address
from hj212d.link.orders import WorkerOrders, encode

Process = subprocess.Popen[bytes]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[bytes], Process]]:
    """Starts a process with a first line; all are ended in the end."""
    started: list[Process] = []

    def one(line: bytes, *program: str) -> Process:
        with open(tmp_path / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, *(program or ("-m", "hj212d.cli.worker"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        started.append(process)
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()
        return process

    yield one
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def orders(folder: Path, port: int, journal: JournalSettings | None = None) -> bytes:
    """The first line for a worker on a port."""
    made = WorkerOrders(
        slot=0,
        lane="0",
        journal_dir=str(folder / "journal"),
        control="",
        max_links=10,
        addresses=[Address("127.0.0.1", port)],
        journal=journal or JournalSettings(),
    )
    return encode(made) + b"\n"


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def ready(process: Process) -> bytes:
    """Its first words."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("by", ["sigterm", "end of input"])
def test_orderly_end(
    start: Callable[[bytes], Process], tmp_path: Path, port: int, by: str
) -> None:
    """SIGTERM, or a supervisor that is gone: what was read is kept and answered, status 0."""
    process = start(orders(tmp_path, port))
    assert ready(process) == b"ready slot=0 pid=%d\n" % process.pid
    with socket.create_connection(("127.0.0.1", port), timeout=90) as link:
        link.sendall(upload(1) + upload(2)[:50])
        received = link.recv(4096)
        if by == "sigterm":
            process.send_signal(signal.SIGTERM)
        else:
            assert process.stdin is not None
            process.stdin.close()
        assert link.recv(4096) == b""
    assert process.wait(90) == 0
    assert [answer.cn for answer in read(received)] == ["9014"]
    kinds = [Kind(record.kind).name for record in journalled(tmp_path / "journal")]
    assert kinds == ["LINK_OPENED", "LINK_IDENTIFIED", "FRAME", "FRAME", "LINK_CLOSED"]


def test_killed_worker_leaves_all_it_answered(
    start: Callable[[bytes], Process], tmp_path: Path, port: int
) -> None:
    """kill -9: every answered frame is in the journal, and its successor takes the lane on."""
    for life in (1, 2):
        process = start(orders(tmp_path, port))
        assert ready(process).startswith(b"ready")
        with socket.create_connection(("127.0.0.1", port), timeout=90) as link:
            received = b""
            for n in range(50):
                link.sendall(upload(100 * life + n))
                received += link.recv(4096)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(90)
        assert len(read(received)) == 50
    frames = [r.raw for r in journalled(tmp_path / "journal") if r.kind == Kind.FRAME]
    assert frames == [upload(100 * life + n).rstrip() for life in (1, 2) for n in range(50)]


FAULTY = """
from hj212d.cli.worker import main
from hj212d.journal.writer import LaneWriter
def faulty(self, run):
    raise RuntimeError("a fault of ours")
LaneWriter.append_run = faulty
raise SystemExit(main())
"""


@pytest.mark.parametrize("sync", ["group", "none"])
def test_fault_of_ours_in_the_journal_ends_the_process(
    start: Callable[..., Process], tmp_path: Path, port: int, sync: str
) -> None:
    """It cannot take anything any more: status 1 for the supervisor, the fault in the log, and no
    answer."""
    process = start(orders(tmp_path, port, JournalSettings(sync=sync)), "-c", FAULTY)
    assert ready(process).startswith(b"ready")
    with socket.create_connection(("127.0.0.1", port), timeout=90) as link:
        link.sendall(upload(1))
        assert process.wait(90) == 1
        try:
            assert link.recv(4096) == b""
        except ConnectionResetError:
            pass
    log = (tmp_path / "log").read_text()
    assert "a fault of ours" in log
    assert "event=journal_broken slot=0" in log


def test_address_in_use_is_said_and_ends_the_process(
    start: Callable[[bytes], Process], tmp_path: Path
) -> None:
    """One line names the fault; the supervisor decides what then."""
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        process = start(orders(tmp_path, foreign.getsockname()[1]))
        assert process.wait(90) == 1
    assert "event=start_failed slot=0" in (tmp_path / "log").read_text()


def test_no_orders_is_a_quiet_end(start: Callable[[bytes], Process]) -> None:
    """The supervisor died before it wrote: nothing to do."""
    process = start(b"")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(90) == 0
