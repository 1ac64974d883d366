"""The live view's pure part: what waits for a slow watcher."""

from __future__ import annotations

import json

from hj212d.hub.requests import Tail
from hj212d.hub.tail import Missed, Watcher


class Wire:
    """Takes lines; can make its watcher wait."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.ended = False

    def write(self, data: bytes) -> None:
        """Keep a line."""
        self.lines.append(data)

    def unregisterProducer(self) -> None:
        """As a transport's."""

    def loseConnection(self) -> None:
        """Note the end."""
        self.ended = True


def numbered(start: int, stop: int) -> list[bytes]:
    """Lines that carry their number."""
    return [b"%d\n" % n for n in range(start, stop)]


def test_a_quick_watcher_gets_everything_at_once() -> None:
    """Nothing waits while the client reads."""
    wire = Wire()
    watcher = Watcher(Tail(), wire, max_events=3)
    watcher.offer(numbered(0, 3))
    watcher.offer(numbered(3, 5))
    assert wire.lines == numbered(0, 5)


def test_a_slow_watcher_keeps_the_newest_and_is_told() -> None:
    """At most so many wait; the number of the lost comes before what is left."""
    wire = Wire()
    watcher = Watcher(Tail(), wire, max_events=3)
    watcher.pauseProducing()
    watcher.offer(numbered(0, 2))
    watcher.offer(numbered(2, 10))
    assert wire.lines == []
    watcher.resumeProducing()
    assert json.loads(wire.lines[0]) == {"dropped": 7, "skipped_bytes": 0}
    assert wire.lines[1:] == numbered(7, 10)


def test_bytes_are_bounded_too() -> None:
    """Few large events are dropped like many small ones."""
    wire = Wire()
    watcher = Watcher(Tail(), wire, max_events=100, max_bytes=1000)
    watcher.pauseProducing()
    watcher.offer([b"x" * 400] * 5)
    watcher.resumeProducing()
    assert json.loads(wire.lines[0])["dropped"] == 3
    assert len(wire.lines) == 3


def test_what_was_never_read_is_told() -> None:
    """A skipped part of the journal is told in bytes, added up until the client reads."""
    wire = Wire()
    watcher = Watcher(Tail(), wire)
    watcher.pauseProducing()
    watcher.offer([], Missed(3, 100))
    watcher.offer([], Missed(1, 50))
    watcher.resumeProducing()
    assert [json.loads(line) for line in wire.lines] == [{"dropped": 4, "skipped_bytes": 150}]


def test_a_watcher_that_is_gone_keeps_nothing() -> None:
    """After stop nothing is held or written."""
    wire = Wire()
    watcher = Watcher(Tail(), wire)
    watcher.pauseProducing()
    watcher.offer(numbered(0, 5))
    watcher.stopProducing()
    watcher.offer(numbered(5, 6))
    assert wire.lines == []
    watcher.end()
    assert wire.ended
