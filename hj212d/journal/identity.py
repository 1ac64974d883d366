"""Which journal this is: a name that is made once and kept in its folder.

Stores that several daemons share tell by it whose lanes a position belongs to. A copy of the
folder has the same name: only one of the two may go on. Tests: tests/journal/test_identity.py.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

FILE = "identity"
_NAME = re.compile(r"[0-9a-f]{16}")


def identity(journal_dir: Path) -> str:
    """The journal's name, 16 hexadecimal digits; made when there is none yet. OSError when it
    cannot be read or made, ValueError when the file holds something else."""
    path = journal_dir / FILE
    try:
        return _read(path)
    except FileNotFoundError:
        _make(path)
        return _read(path)


def _read(path: Path) -> str:
    name = path.read_text("ascii").strip()
    if not _NAME.fullmatch(name):
        raise ValueError(f"{path} holds no name of a journal")
    return name


def _make(path: Path) -> None:
    """Write a new name, durable, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    with draft.open("w", encoding="ascii") as file:
        file.write(secrets.token_hex(8) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
