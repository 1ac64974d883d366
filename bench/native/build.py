"""Compiles the C programs of this folder when they are needed, once for each state of the source.

What is made goes into the user's cache folder, never into the tree.
Test: tests/bench/test_native.py.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent
FLAGS = ("-O2", "-Wall", "-Wextra", "-std=gnu11")


class CannotCompile(Exception):
    """There is no compiler, or it refuses; the text says what it said."""


def program(name: str) -> Path:
    """The compiled ``name``.c; CannotCompile."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CannotCompile("no C compiler (cc): on Debian, apt-get install gcc libc6-dev")
    state = hashlib.sha256(" ".join((compiler, *FLAGS)).encode())
    for source in sorted(SOURCES.glob("*.[ch]")):
        state.update(source.read_bytes())
    path = _cache() / f"{name}-{state.hexdigest()[:16]}"
    if path.exists():
        return path
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    os.close(handle)
    try:
        made = subprocess.run(
            [compiler, *FLAGS, "-o", unfinished, str(SOURCES / f"{name}.c")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise CannotCompile(f"{compiler} refuses {name}.c: {made.stderr.strip()}")
        os.chmod(unfinished, 0o755)
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return path


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    wanted = Path(home) / "hj212d-bench"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        wanted = Path(tempfile.gettempdir()) / f"hj212d-bench-{os.getuid()}"
        wanted.mkdir(mode=0o700, exist_ok=True)
        if wanted.stat().st_uid != os.getuid():
            raise CannotCompile(f"{wanted} belongs to somebody else") from None
    return wanted
