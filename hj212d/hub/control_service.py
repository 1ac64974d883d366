"""Listens on the control socket: made for this user and group, whatever its path's length.

A socket file that nobody serves is removed first. Tests: tests/hub/test_hub_process.py.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import inlineCallbacks

from hj212d import unixpath
from hj212d.hub.connection import ControlFactory

MODE = 0o660
BACKLOG = 128
PROBE_S = 1.0


class AlreadyServed(Exception):
    """Another process answers on this socket."""


class ControlService(Service):
    """Owner of the socket and of all connections to it."""

    def __init__(self, reactor: Any, path: Path, factory: ControlFactory) -> None:
        self._reactor = reactor
        self._path = path
        self._factory = factory
        self._factory.noisy = False
        self._port: Any = None
        # A path too long for the kernel is reached through a folder that stays open meanwhile.
        self._open_path = ExitStack()

    def startService(self) -> None:
        """Listen; AlreadyServed, or OSError and CannotListenError when the path cannot be used."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        remove_stale(self._path)
        with ExitStack() as path:
            name = path.enter_context(unixpath.bind_path(self._path))
            # Not even for a moment open to others: the socket file is made with this mask.
            mask = os.umask(0o777 & ~MODE)
            try:
                self._port = self._reactor.listenUNIX(name, self._factory, BACKLOG, MODE)
            finally:
                os.umask(mask)
            self._open_path = path.pop_all()
        Service.startService(self)

    @inlineCallbacks
    def stopService(self) -> Any:
        """Accept nobody and close what is open."""
        Service.stopService(self)
        if self._port is not None:
            yield self._port.stopListening()
        self._open_path.close()
        for connection in list(self._factory.connections):
            connection.transport.abortConnection()


def remove_stale(path: Path) -> None:
    """Remove a socket file that nobody serves; AlreadyServed when somebody does.

    Anything else at the path stays, and binding will say so.
    """
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            with unixpath.connect_path(path) as name:
                probe.connect(name)
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
    raise AlreadyServed(f"another process serves {path}")
