"""Who is next: commands that wait, a line for each instrument, in order of priority and number.

Of one line never more than one command is under way. Pure.
Tests: tests/hub/commands/test_lines.py.
"""

from __future__ import annotations

from heapq import heappop, heappush

# MN, and a link where the command is for what is on that link; 0: any.
Key = tuple[str, int]
Place = tuple[int, int]  # priority, number of the command


class Lines:
    """Lines of commands. A line is shut until somebody opens it, and shuts with each ``take``."""

    def __init__(self) -> None:
        self._lines: dict[Key, list[Place]] = {}
        self._counts: dict[Key, int] = {}
        self._dropped: dict[int, Key] = {}
        self._waiting: dict[int, Key] = {}
        self._open: set[Key] = set()
        self._heads: list[tuple[Place, Key]] = []  # of open lines; may be out of date

    def __len__(self) -> int:
        """Commands that wait."""
        return len(self._waiting)

    def count(self, key: Key) -> int:
        """Commands that wait in one line."""
        return self._counts.get(key, 0)

    def put(self, key: Key, number: int, priority: int) -> None:
        """A command waits."""
        heappush(self._lines.setdefault(key, []), (priority, number))
        self._waiting[number] = key
        self._counts[key] = self.count(key) + 1
        self._offer(key)

    def drop(self, number: int) -> bool:
        """A command waits no more; False when it did not."""
        key = self._waiting.pop(number, None)
        if key is None:
            return False
        self._counted_out(key)
        if key in self._lines:
            self._dropped[number] = key
            self._offer(key)
        return True

    def open(self, key: Key) -> None:
        """The next of this line may go."""
        if self.count(key):
            self._open.add(key)
            self._offer(key)

    def shut(self, key: Key) -> None:
        """None of this line may go."""
        self._open.discard(key)

    def take(self) -> tuple[Key, int] | None:
        """The next command of all open lines; its line shuts. None when there is none."""
        while self._heads:
            head, key = heappop(self._heads)
            if key in self._open and self._head(key) == head:
                heappop(self._lines[key])
                del self._waiting[head[1]]
                self._counted_out(key)
                self._open.discard(key)
                return key, head[1]
        return None

    def _offer(self, key: Key) -> None:
        head = self._head(key) if key in self._open else None
        if head is not None:
            heappush(self._heads, (head, key))

    def _head(self, key: Key) -> Place | None:
        line = self._lines.get(key)
        while line and line[0][1] in self._dropped:
            del self._dropped[heappop(line)[1]]
        return line[0] if line else None

    def _counted_out(self, key: Key) -> None:
        left = self._counts[key] - 1
        if left:
            self._counts[key] = left
            return
        # The last one: nothing of the line is kept.
        del self._counts[key]
        for _, number in self._lines.pop(key):
            self._dropped.pop(number, None)
        self._open.discard(key)
