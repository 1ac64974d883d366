"""Log lines as key=value, limited per kind of event so that a flood of bad input is no flood here.

Nothing secret gets out: PW and keys are blanked in raw text. Tests: tests/link/test_log.py.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

RAW_BYTES = 200
_SECRET = re.compile(rb"((?:^|[;,&#0-9])(?:PW|NewPW|NewSK)\s*=\s*)[^;,&]*")
_BARE = re.compile(r"[^\s\"=]+")


class LimitedLog:
    """Lets ``burst`` lines of each event through in ``period_s``; says how many it held back."""

    def __init__(
        self,
        logger: logging.Logger,
        clock: Callable[[], float],
        burst: int = 5,
        period_s: float = 10.0,
    ) -> None:
        self._logger = logger
        self._clock = clock
        self._burst = burst
        self._period_s = period_s
        self._events: dict[str, list[float]] = {}  # event -> [period began, lines, held back]

    def __call__(
        self, level: int, event: str, /, fault: BaseException | None = None, **fields: object
    ) -> None:
        """Log an event; ``fields`` in the order given, those that are "" or None left out.

        The trace of a ``fault`` follows the line.
        """
        now = self._clock()
        state = self._events.setdefault(event, [now, 0, 0])
        if now - state[0] >= self._period_s:
            state[0], state[1] = now, 0
        if state[1] >= self._burst:
            state[2] += 1
            return
        state[1] += 1
        if state[2]:
            fields["held_back"] = int(state[2])
            state[2] = 0
        self._logger.log(level, "%s", line(event, fields), exc_info=fault)


def line(event: str, fields: dict[str, object]) -> str:
    """The text of a line: the MN first, then event and fields."""
    mn = fields.pop("mn", None)
    words = [f"mn={_value(mn)}"] if mn else []
    words.append(f"event={event}")
    words += [
        f"{name}={_value(value)}" for name, value in fields.items() if value not in ("", None)
    ]
    return " ".join(words)


def _value(value: object) -> str:
    if isinstance(value, bytes):
        value = masked(value)[:RAW_BYTES].decode("latin-1")
    text = str(value)
    if _BARE.fullmatch(text) and text.isprintable():
        return text
    return '"' + text.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'


def masked(raw: bytes) -> bytes:
    """Raw bytes of a frame without password and key."""
    return _SECRET.sub(rb"\1***", raw)
