"""Dead letters that are sent once more, as a source beside the journal.

Kept in memory only: after a restart they are dead letters still, and can be sent again.
Tests: tests/hub/forward/test_letters.py.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from hj212d.hub.forward import acks
from hj212d.hub.forward.bale import LINE_END, Bale
from hj212d.hub.forward.standing import Standing
from hj212d.wire import codec
from store.registry.records import DeadLetter

_LANE = "again"


class Letters:
    """Some dead letters. ``sent``: called with each one that is delivered."""

    def __init__(
        self, letters: Sequence[DeadLetter], sent: Callable[[DeadLetter], object]
    ) -> None:
        self.standing = Standing(self._reached)
        self._letters = list(letters)
        self._sent = sent
        self._told = 0
        self._taken = False
        self._dead: set[int] = set()

    @property
    def over(self) -> bool:
        """Whether all are delivered, or dead again."""
        return self._taken and self.standing.empty

    def take(self, max_bytes: int) -> list[Bale]:  # noqa: ARG002
        """All of them, once."""
        if self._taken or not self._letters:
            return []
        self._taken = True
        return [bale_of([letter.raw for letter in self._letters])]

    def is_letter(self, bale: Bale, index: int) -> bool:  # noqa: ARG002
        """It stays one."""
        self._dead.add(index)
        return True

    def _reached(self, _: str, position: int) -> None:
        for index in range(self._told, position):
            if index not in self._dead:
                self._sent(self._letters[index])
        self._told = position


def bale_of(raws: Sequence[bytes]) -> Bale:
    """Frames as a bale; the first one's place is 1."""
    keys = array("Q")
    ends = array("I")
    size = 0
    for raw in raws:
        size += len(raw) + len(LINE_END)
        ends.append(size)
        keys.append(_key(raw))
    count = len(raws)
    return Bale(
        _LANE,
        b"".join(raw + LINE_END for raw in raws),
        count,
        ends,
        keys,
        array("q", range(1, count + 1)),
        count,
        array("q", [0] * count),
        array("Q", [0] * count),
    )


def _key(raw: bytes) -> int:
    """As the feed makes it: 0 for a frame that asks for no answer."""
    cuts = codec.Cutter(max_segment_bytes=9999).feed(raw)
    frame = codec.decode(cuts[0]) if cuts else None
    if frame is None or not frame.wants_answer:
        return 0
    return acks.key(frame.mn.encode(), frame.qn.encode())
