"""hj212d/cli/notify.py: what systemd hears, and the sockets it hands over."""

import os
import socket
from pathlib import Path

from hj212d.cli.notify import Notifier, take_sockets, watchdog_s


def test_states_reach_the_socket(tmp_path: Path) -> None:
    """Each state is one datagram in the form of sd_notify(3)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        notifier.ready()
        notifier.reloading()
        notifier.alive()
        notifier.stopping()
        heard = [systemd.recv(200).decode() for _ in range(4)]
    assert heard[0] == "READY=1"
    assert heard[1].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[2:] == ["WATCHDOG=1", "STOPPING=1"]


def test_abstract_socket_works() -> None:
    """systemd may use an address that starts with @."""
    name = f"hj212d-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name)
        Notifier({"NOTIFY_SOCKET": "@" + name}).ready()
        assert systemd.recv(200) == b"READY=1"


def test_without_systemd_nothing_happens(tmp_path: Path) -> None:
    """No variable, or nobody behind it: we go on."""
    Notifier({}).ready()
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()


def test_watchdog_is_fed_twice_in_its_time() -> None:
    """Half the time asked for, and only when it was asked of this process."""
    assert watchdog_s({"WATCHDOG_USEC": "3000000"}, 7) == 1.5
    assert watchdog_s({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 7) == 1.5
    assert watchdog_s({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, 7) is None
    assert watchdog_s({"WATCHDOG_USEC": "0"}, 7) is None
    assert watchdog_s({}, 7) is None


def test_sockets_for_another_process_are_left_alone() -> None:
    """The variables count for one process and are taken away in any case."""
    environ = {"LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "a"}
    assert take_sockets(environ, 7) == []
    assert environ == {}
    assert take_sockets({}, 7) == []
