"""The C server that the daemon is measured against (bench/native/yardstick.c), as a process.

Test: tests/bench/test_native.py.
"""

from __future__ import annotations

import subprocess
from types import TracebackType
from typing import Literal

from bench.native.build import program

_END_S = 5.0


class Yardstick:
    """Use as a context. ``mode``: "answer" cuts, checks and answers; "null" throws away."""

    def __init__(self, mode: Literal["answer", "null"] = "answer") -> None:
        self.mode = mode
        self.host = "127.0.0.1"
        self.port = 0
        self.pid = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Yardstick:
        process = self._process = subprocess.Popen(
            [str(program("yardstick")), f"mode={self.mode}", f"listen={self.host}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        self.pid = process.pid
        words = process.stdout.readline().partition("port=")[2]
        if not words:
            raise OSError(f"the yardstick ended with {process.wait(_END_S)} before it was ready")
        self.port = int(words)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """Close all links and go; once is enough."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)
