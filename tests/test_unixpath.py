"""hj212d/unixpath.py: sockets at short, long and impossible paths."""

import os
import socket
from pathlib import Path

import pytest

from hj212d.unixpath import LIMIT_BYTES, bind_path, connect_path


def meet(path: Path) -> bytes:
    """Listen at the path, connect to it, and return what arrives."""
    with (
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX) as client,
    ):
        with bind_path(path) as name:
            listener.bind(name)
        listener.listen()
        with connect_path(path) as name:
            client.connect(name)
        served, _ = listener.accept()
        with served:
            served.sendall(b"here")
            return client.recv(4)


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_socket_is_reached_at_any_depth(tmp_path: Path, depth: int) -> None:
    """A socket can be bound and reached in a folder far below the kernel's limit."""
    folder = tmp_path.joinpath(*["d" * 60] * depth)
    folder.mkdir(parents=True, exist_ok=True)
    assert meet(folder / "control.sock") == b"here"
    assert (folder / "control.sock").is_socket()


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    """Opening and leaving the contexts leaves no descriptor behind."""
    folder = tmp_path / ("d" * LIMIT_BYTES)
    folder.mkdir()
    before = os.listdir("/proc/self/fd")
    meet(folder / "control.sock")
    assert os.listdir("/proc/self/fd") == before


def test_missing_socket_is_said_plainly(tmp_path: Path) -> None:
    """Nothing at a long path is FileNotFoundError, as at a short one."""
    with pytest.raises(FileNotFoundError), connect_path(tmp_path / ("d" * 120)):
        pass


def test_name_too_long_is_refused(tmp_path: Path) -> None:
    """A last part that even /proc cannot shorten is refused before bind."""
    with pytest.raises(ValueError, match="too long"), bind_path(tmp_path / ("s" * 120)):
        pass
