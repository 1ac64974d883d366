"""What systemd is told of us (sd_notify, sd_watchdog_enabled), and the sockets it hands over.

Without systemd all of it does nothing. Tests: tests/cli/test_notify.py.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, MutableMapping

FIRST_FD = 3  # SD_LISTEN_FDS_START


class Notifier:
    """Sends states to the socket that systemd names in the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """Everything accepts."""
        self._send("READY=1")

    def reloading(self) -> None:
        """New settings are being read; `ready` must follow."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The orderly end has begun."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """The watchdog's sign of life."""
        self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
                out.sendto(state.encode("ascii"), self._address)
        except OSError:
            return  # systemd does not listen: it acts by its own timeouts, we go on


def watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """Seconds between two signs of life: half of what systemd asks of process ``pid``; None when
    it asks nothing."""
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isdigit() or int(text) == 0:
        return None
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(text) / 2e6


def take_sockets(environ: MutableMapping[str, str], pid: int) -> list[tuple[int, str]]:
    """Descriptor and name of each socket that systemd handed to process ``pid``.

    The variables are removed, so that children do not take the sockets for theirs.
    """
    count = environ.pop("LISTEN_FDS", "")
    owner = environ.pop("LISTEN_PID", "")
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    if owner != str(pid) or not count.isdigit():
        return []
    fds = range(FIRST_FD, FIRST_FD + int(count))
    for fd in fds:
        os.set_inheritable(fd, False)
    return [(fd, names[n] if n < len(names) else "") for n, fd in enumerate(fds)]
