"""hj212d/link/commits.py: batches of a turn, called back in order, counted in bytes."""

from collections.abc import Callable

from hj212d.link.commits import Commits


class Journal:
    """A journal that says durable when it is told to."""

    state = "ok"

    def __init__(self) -> None:
        self.batches: list[tuple[list[bytes], Callable[[], None]]] = []

    def submit(self, records: list[bytes], done: Callable[[], None]) -> None:
        """Keep a batch."""
        self.batches.append((records, done))


class Link:
    """A link that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[list[bytes], int]] = []

    def durable(self, answers: list[bytes], count: int) -> None:
        """Note it."""
        self.told.append((answers, count))


class Turn:
    """Callables of the next turn of a loop."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], None]] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        """As a loop's."""
        self.soon.append(call)

    def run(self) -> None:
        """The next turn."""
        soon, self.soon = self.soon, []
        for call in soon:
            call()


def commits() -> tuple[Commits, Journal, Turn, list[int]]:
    """Commits over a journal and a loop that the test drives; and what waited at each step."""
    journal, turn, progress = Journal(), Turn(), list[int]()
    made = Commits(journal, turn.call_soon, lambda: progress.append(made.pending_bytes))
    return made, journal, turn, progress


def test_records_of_one_turn_are_one_batch_and_answers_come_together() -> None:
    """Two links, three records: one submit; each link hears once, with all its answers."""
    made, journal, turn, progress = commits()
    one, other = Link(), Link()
    made.add(b"aaa", one, b"A")
    made.add(b"bb", other)
    made.add(b"c", one, b"C")
    made.add(b"dddd")
    assert journal.batches == []
    turn.run()
    [(records, done)] = journal.batches
    assert records == [b"aaa", b"bb", b"c", b"dddd"]
    assert made.pending_bytes == 10
    assert one.told == []
    done()
    assert one.told == [([b"A", b"C"], 4)]
    assert other.told == [([], 2)]
    assert made.pending_bytes == 0
    assert progress == [10, 0]


def test_next_turn_is_another_batch() -> None:
    """What comes while a batch is under way goes with the next one."""
    made, journal, turn, _ = commits()
    made.add(b"a")
    turn.run()
    made.add(b"b")
    turn.run()
    turn.run()
    assert [records for records, _ in journal.batches] == [[b"a"], [b"b"]]
    journal.batches[0][1]()
    assert made.pending_bytes == 1


def test_flush_hands_over_at_once_and_only_once() -> None:
    """The end of a process does not wait for the next turn."""
    made, journal, turn, _ = commits()
    made.add(b"a")
    made.flush()
    turn.run()
    assert len(journal.batches) == 1
