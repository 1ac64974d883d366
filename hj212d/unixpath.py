"""Unix sockets at any path: the kernel takes 107 bytes, data folders can lie deeper than that.

A longer path is shortened through ``/proc/self/fd``, which is valid only while the context is
open: bind or connect inside of it. Nothing here opens a socket. Tests: tests/test_unixpath.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

LIMIT_BYTES = 107  # sun_path of unix(7) without its closing NUL


@contextmanager
def bind_path(path: str | os.PathLike[str]) -> Iterator[str]:
    """A name for ``bind`` that creates ``path``, however long it is.

    OSError when the folder cannot be opened; ValueError when the last part of the path alone is
    too long.
    """
    whole = os.fspath(path)
    if _fits(whole):
        yield whole
        return
    folder, name = os.path.split(whole)
    folder_fd = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = f"/proc/self/fd/{folder_fd}/{name}"
        if not _fits(short):
            raise ValueError(f"name of the socket is too long: {name}")
        yield short
    finally:
        os.close(folder_fd)


@contextmanager
def connect_path(path: str | os.PathLike[str]) -> Iterator[str]:
    """A name for ``connect`` that reaches the socket at ``path``, however long it is.

    FileNotFoundError when nothing is there, other OSErrors as the kernel says.
    """
    whole = os.fspath(path)
    if _fits(whole):
        yield whole
        return
    socket_fd = os.open(whole, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{socket_fd}"
    finally:
        os.close(socket_fd)


def _fits(path: str) -> bool:
    return len(os.fsencode(path)) <= LIMIT_BYTES
