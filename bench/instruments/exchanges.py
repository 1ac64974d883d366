"""The exchanges that an instrument is in: which piece goes out when, and which 9014 is waited for.

Real seconds, given by the caller. An acknowledgement that does not come is asked for again with
the same bytes, as often as the logger's settings say. Test: tests/bench/test_exchanges.py.
"""

from __future__ import annotations

import math

import msgspec

from bench.instruments.answering import Exchange, Outgoing
from hj212d.wire.frame import Frame


class _Open(msgspec.Struct, eq=False):
    exchange: Exchange
    piece: Outgoing
    due: float
    waiting: bool = False  # for the 9014 to its piece; ``due`` is when it is sent again
    resends: int = 0


class Exchanges:
    """All exchanges that are open on a link. ``left`` counts pieces that nobody acknowledged."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self.sent = 0
        self.left = 0

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, exchange: Exchange, real: float) -> None:
        """Take one on; its first piece is due after its delay."""
        first = next(exchange, None)
        if first is not None:
            self._open.append(_Open(exchange, first, real + first.delay_s))

    def due(self, real: float, over_time_s: float, resends: int) -> list[bytes]:
        """What is to be sent now."""
        out: list[bytes] = []
        for each in list(self._open):
            while each.due <= real:
                if each.waiting and each.resends >= resends:
                    self.left += 1
                    if not self._go_on(each, real, taken=False):
                        break
                    continue
                out.append(each.piece.data)
                self.sent += 1
                if each.piece.awaits:
                    each.resends += each.waiting
                    each.waiting = True
                    each.due = real + over_time_s
                elif not self._go_on(each, each.due, taken=None):
                    break
        return out

    def heard(self, frame: Frame, real: float) -> bool:
        """Whether this is the acknowledgement that one of them waited for."""
        qn = frame.qn or frame.cp.get("QN", "")
        for each in self._open:
            if frame.cn == "9014" and each.waiting and each.piece.awaits == qn:
                self._go_on(each, real, taken=True)
                return True
        return False

    def next_due(self) -> float:
        """When :meth:`due` has something next."""
        return min((each.due for each in self._open), default=math.inf)

    def end(self) -> None:
        """The link is gone, and with it all exchanges."""
        for each in self._open:
            each.exchange.close()
        self._open.clear()

    def _go_on(self, each: _Open, real: float, taken: bool | None) -> bool:
        """To the next piece; whether there is one."""
        try:
            each.piece = each.exchange.send(taken)
        except StopIteration:
            self._open.remove(each)
            return False
        each.due = real + each.piece.delay_s
        each.waiting, each.resends = False, 0
        return True
