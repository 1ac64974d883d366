"""Running the command line in tests, in this process or as a real one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from running_daemon import PROGRAM


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


Hj212d = Callable[..., Done]


def process(*words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run one command as a process of its own, with these bytes on its standard input."""
    return subprocess.run(
        [*PROGRAM, *map(str, words)], input=stdin, capture_output=True, timeout=90, check=False
    )
