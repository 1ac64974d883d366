"""A request as an instrument understands it, and what comes of carrying it out.

Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from bench.instruments.state import State
from hj212d.wire.frame import Frame

SUCCESS, FAILED, CONDITION, TIMEOUT, BUSY, NO_DATA = 1, 2, 3, 4, 5, 100  # ExeRtn
REFUSED = 2  # QnRtn


class Answer(msgspec.Struct, frozen=True):
    """Data that answer a request. ``items``: of CP, DataTime left out where ``data_time`` is.

    ``own_exchange``: goes out with a QN of its own, as history does (HJ 212-2017, C.47-C.50).
    """

    cn: str
    items: list[str]
    data_time: float | None = None
    own_exchange: bool = False
    st: str = ""


class Result(msgspec.Struct, frozen=True):
    """What comes of a request. ``data`` may be made while it is read; ``after`` takes effect once
    the last reply has left; ``silent``: there is no 9012.
    """

    exe_rtn: int = SUCCESS
    data: Iterable[Answer] = ()
    qn_rtn: int = 1
    after: Callable[[], None] | None = None
    silent: bool = False


class Ask(msgspec.Struct, frozen=True):
    """A request: the frame, and the true time at which it is carried out."""

    frame: Frame
    now: float

    def text(self, name: str) -> str:
        """A plain field; "" when it is missing."""
        return self.frame.cp.get(name, "")

    def texts(self, name: str) -> list[str]:
        """All values of a field that may be repeated."""
        return [value for key, value in self.frame.items if key == name]

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds, else None."""
        text = self.text(name)
        if not (text.isascii() and text.isdigit()):
            return None
        return int(text) if least <= int(text) <= most else None


Handler = Callable[[State, Ask], Result]

DONE = Result()
WRONG = Result(CONDITION)
