"""A server to compare with, as a process: it says ``ready port=N`` and serves until its standard
input ends. The C yardstick (bench/native/yardstick.c) is one; those of bench/rivals are others.

Test: tests/bench/test_native.py.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, TypeVar

from bench.native.build import program

_END_S = 5.0

T = TypeVar("T", bound="ServerProcess")


class ServerProcess:
    """Use as a context."""

    host = "127.0.0.1"

    def __init__(self, command: Sequence[str]) -> None:
        self.port = 0
        self.pid = 0
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self: T) -> T:
        process = self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        self.pid = process.pid
        words = process.stdout.readline().partition("port=")[2]
        if not words:
            self.end()
            raise OSError(f"{self._command[0]} ended with {process.returncode}, never ready")
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


class Yardstick(ServerProcess):
    """``mode``: "answer" cuts, checks and answers; "null" throws away."""

    def __init__(self, mode: Literal["answer", "null"] = "answer") -> None:
        super().__init__([str(program("yardstick")), f"mode={mode}", f"listen={self.host}"])
