"""hj212d/cli/serve.py: the whole daemon, its signals, its deaths and its refusals."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import some_frames as sent
from command_line import PROGRAM
from running_daemon import Daemon, serving
from waiting import wait_until

from hj212d.hub.client import ControlError

ONE = sent.GOOD[0]


def command_line(pid: int) -> bytes:
    """Of a process, nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children(pid: int) -> dict[str, int]:
    """Name -> process of the children: ``hub``, ``worker`` (any one of them)."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = command_line(int(child)).split(b"\0")
        if len(words) > 1:
            found[words[-2].decode().rpartition(".")[2]] = int(child)
    return found


def runs(pid: int) -> bool:
    """Whether a process lives; one that only waits to be buried does not."""
    return bool(command_line(pid))


def child(daemon: Daemon, name: str) -> int:
    """The process of a child, once it runs our code."""
    wait_until(lambda: name in children(daemon.process.pid), name)
    return children(daemon.process.pid)[name]


def answers(daemon: Daemon) -> bool:
    """Whether a frame on a fresh link is answered."""
    try:
        return b"CN=9014" in daemon.send(ONE, answers=1)
    except ConnectionError:
        return False


def test_ready_serves_and_ends_in_order(tmp_path: Path) -> None:
    """One line says ready, SIGTERM answers and stores all, the status is 0; it starts again."""
    for start in (1, 2):
        with serving(tmp_path / "data") as daemon:
            assert re.fullmatch(r"127\.0\.0\.1:\d+", daemon.ready["listen"])
            assert daemon.ready["store"].endswith("/data/hj212d.duckdb")
            assert daemon.ready["workers"] == "1"
            assert int(daemon.ready["pid"]) == daemon.process.pid
            assert answers(daemon)
            assert daemon.end() == 0
            assert daemon.process.stdout is not None
            assert daemon.process.stdout.read() == "", f"one line in start {start}"


def test_killed_worker_is_back_and_a_killed_hub_does_not_stop_intake(tmp_path: Path) -> None:
    """kill -9 of a worker: a new one accepts. kill -9 of the hub: frames are answered meanwhile,
    and are in the store once there is a hub again."""
    with serving(tmp_path / "data") as daemon:
        first = child(daemon, "worker")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: answers(daemon), "a new worker")
        assert child(daemon, "worker") != first
        hub = child(daemon, "hub")
        os.kill(hub, signal.SIGSTOP)
        assert answers(daemon)
        os.kill(hub, signal.SIGKILL)
        assert answers(daemon)
        wait_until(lambda: child(daemon, "hub") != hub)
        wait_until((tmp_path / "data" / "control.sock").exists)
        wait_until(lambda: hub_knows(daemon), "links and frames at the new hub")
        assert daemon.end() == 0


def hub_knows(daemon: Daemon) -> bool:
    """Whether the hub answers and has the worker's line."""
    try:
        return bool(daemon.client.call("status")["frames_total"])
    except ControlError:
        return False


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """kill -9 of the supervisor: its children end by themselves, and a new start works."""
    with serving(tmp_path / "data") as daemon:
        assert answers(daemon)
        pids = children(daemon.process.pid).values()
        daemon.process.kill()
        daemon.process.wait(90)
        with serving(tmp_path / "data") as successor:
            assert not any(map(runs, pids))
            assert answers(successor)
            assert successor.end() == 0


def test_sighup_takes_new_settings_and_refuses_bad_ones(tmp_path: Path) -> None:
    """A reload counts for living links; a file that cannot be used changes nothing."""
    config = tmp_path / "data" / "hj212d.toml"
    config.parent.mkdir()
    config.write_text('[link]\nunknown_mn = "accept"\n')
    log = tmp_path / "data.log"
    with serving(tmp_path / "data") as daemon:
        with socket.create_connection(daemon.address, timeout=90) as link:
            link.sendall(ONE)
            assert b"9014" in link.recv(4096)
            config.write_text('[link]\nunknown_mn = "close"\nworkers = 3\nworker = 1\n')
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "event=reload_failed" in log.read_text())
            link.sendall(ONE)
            assert b"9014" in link.recv(4096)
            config.write_text('[link]\nunknown_mn = "close"\nbacklog = 3\n')
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "event=worker_reloaded" in log.read_text())
            link.sendall(ONE)
            assert link.recv(4096) == b""
        assert "link.backlog" in log.read_text()
        assert daemon.end() == 0


def test_newest_link_wins_across_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One MN on eight links of two workers: each older one goes, the newest stays."""
    monkeypatch.setenv("HJ212D_LINK_SUPERSEDED_TIMEOUT_S", "0.5")
    with (
        contextlib.ExitStack() as open_links,
        serving(tmp_path / "data", "--workers", "2") as daemon,
    ):
        wait_until(
            lambda: (
                [each["connected"] for each in daemon.client.call("status")["workers"]]
                == [True, True]
            )
        )
        links = []
        for _ in range(8):
            link = socket.create_connection(daemon.address, timeout=90)
            links.append(open_links.enter_context(link))
            link.sendall(ONE)
            assert b"9014" in link.recv(4096)
        for older in links[:-1]:
            assert older.recv(4096) == b""
        links[-1].sendall(ONE)
        assert b"9014" in links[-1].recv(4096)
        assert daemon.end() == 0


def test_sockets_and_states_of_systemd(tmp_path: Path) -> None:
    """A socket from systemd is served, READY and STOPPING and signs of life are sent."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(90)
        words = [*PROGRAM, "serve", "--data", str(tmp_path / "data"), "--http", "127.0.0.1:0"]
        # As systemd does: the socket is descriptor 3 of the process that the variables name.
        start = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); "
            "os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[2], sys.argv[2:])"
        )
        environ = os.environ | {
            "LISTEN_FDS": "1",
            "LISTEN_FDNAMES": "hj212d.socket",
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "100000",
        }
        with (
            open(tmp_path / "log", "wb") as log,
            subprocess.Popen(
                [sys.executable, "-c", start, str(listening.fileno()), *words],
                env=environ,
                pass_fds=(listening.fileno(),),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            heard = []
            while "READY=1" not in heard:
                heard.append(systemd.recv(200).decode())
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert f"listen=127.0.0.1:{listening.getsockname()[1]} " in ready
            with socket.create_connection(listening.getsockname(), timeout=90) as link:
                link.sendall(ONE)
                assert b"9014" in link.recv(4096)
            process.terminate()
            while "STOPPING=1" not in heard:
                heard.append(systemd.recv(200).decode())
            assert process.wait(90) == 0
        assert "WATCHDOG=1" in heard


def refused(data: Path, *words: str, **environ: str) -> str:
    """Start a daemon that must refuse with status 2; its one line."""
    done = subprocess.run(
        [*PROGRAM, "serve", "--data", str(data), "--http", "", *words],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=os.environ | environ,
    )
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    return line


def test_address_in_use_is_one_line(tmp_path: Path) -> None:
    """Another program on the port: said before anything starts."""
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        address = f"127.0.0.1:{foreign.getsockname()[1]}"
        line = refused(tmp_path / "data", "--listen", address)
    assert line == f"hj212d: {address}: in use by another program"


def test_more_links_than_files_is_one_line(tmp_path: Path) -> None:
    """The refusal names the links wanted and the limit there is."""
    words = ("--listen", "127.0.0.1:0", "--workers", "1")
    line = refused(tmp_path / "data", *words, HJ212D_LINK_MAX_LINKS="100000000")
    assert "link.max_links = 100000000" in line
    assert "limit of open files is" in line


def test_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "data").write_text("no folder")
    assert str(tmp_path / "data") in refused(tmp_path / "data", "--listen", "127.0.0.1:0")
