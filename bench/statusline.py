"""One line that tells how a long run goes: redrawn on a terminal, a line now and then elsewhere.

Written to standard error, so that ``--json`` on standard output stays clean. No test of its own.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

_REDRAW_S = 0.5
_PLAIN_S = 10.0


class StatusLine:
    """Use as a context; ``show`` may be called as often as one likes."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._pause_s = _REDRAW_S if self._terminal else _PLAIN_S
        self._shown_at = 0.0
        self._text = ""

    def __enter__(self) -> StatusLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._terminal and self._text:
            self._stream.write("\n")

    def show(self, text: str) -> None:
        """Draw the line, unless the last one is fresh."""
        now = time.monotonic()
        if now - self._shown_at < self._pause_s:
            return
        self._shown_at = now
        self._text = text
        if self._terminal:
            self._stream.write(f"\r\x1b[K{text}")
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def say(self, text: str) -> None:
        """A line that stays, above the moving one."""
        clear = "\r\x1b[K" if self._terminal and self._text else ""
        self._stream.write(f"{clear}{text}\n")
        self._stream.flush()
