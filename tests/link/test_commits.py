"""hj212d/link/commits.py and its compiled twin: batches of a turn, called back in order."""

from collections.abc import Callable
from typing import Any

import pytest

from hj212d.journal.record import Kind, Record, Run, encode
from hj212d.link import commits as python
from hj212d.link import express

TWINS = [python.Commits] + [express.Commits] * express.COMPILED


def record(size: int) -> bytes:
    """A record of so many bytes more than the smallest."""
    return encode(Record(Kind.FRAME, 1, 1, raw=b"r" * size))


SMALLEST = len(record(0))


class Journal:
    """A journal that says durable when it is told to."""

    state = "ok"
    immediate = False

    def __init__(self) -> None:
        self.batches: list[tuple[Run, Callable[[], None]]] = []

    def submit(self, run: Run, done: Callable[[], None]) -> None:
        """Keep a batch."""
        self.batches.append((run, done))


class Link:
    """A link that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[bytes, int, int]] = []

    def durable(self, answers: bytes, number: int, count: int) -> None:
        """Note it."""
        self.told.append((answers, number, count))


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


Made = tuple[Any, Journal, Turn, list[int]]


@pytest.fixture(params=TWINS, ids=lambda twin: twin.__module__.rpartition(".")[2])
def made(request: pytest.FixtureRequest) -> Made:
    """Commits over a journal and a loop that the test drives; and what waited at each step."""
    journal, turn, progress = Journal(), Turn(), list[int]()
    commits = request.param(
        journal, turn.call_soon, lambda: progress.append(commits.pending_bytes)
    )
    return commits, journal, turn, progress


def test_records_of_one_turn_are_one_batch_and_answers_come_together(made: Made) -> None:
    """Two links, four records: one submit; each link hears once, with all its answers."""
    commits, journal, turn, progress = made
    one, other = Link(), Link()
    records = [record(3), record(1), record(2), record(4)]
    assert commits.add(records[0], one, b"A") == SMALLEST + 3
    commits.add(records[1], one, b"CC")
    commits.add(records[2], other)
    commits.add(records[3])
    assert journal.batches == []
    turn.run()
    [(run, done)] = journal.batches
    assert run == Run(b"".join(records), 4)
    assert commits.pending_bytes == len(run.body)
    assert one.told == []
    done()
    assert one.told == [(b"ACC", 2, 2 * SMALLEST + 4)]
    assert other.told == [(b"", 0, SMALLEST + 2)]
    assert commits.pending_bytes == 0
    assert progress == [len(run.body), 0]


def test_link_that_was_read_twice_in_a_turn_hears_in_order(made: Made) -> None:
    """What came between does not mix with its answers."""
    commits, journal, turn, _ = made
    one, other = Link(), Link()
    for link, answer in ((one, b"1"), (other, b"2"), (one, b"3")):
        commits.add(record(0), link, answer)
    turn.run()
    journal.batches[0][1]()
    assert one.told == [(b"1", 1, SMALLEST), (b"3", 1, SMALLEST)]
    assert other.told == [(b"2", 1, SMALLEST)]


def test_next_turn_is_another_batch(made: Made) -> None:
    """What comes while a batch is under way goes with the next one."""
    commits, journal, turn, _ = made
    commits.add(record(1))
    turn.run()
    commits.add(record(2))
    turn.run()
    turn.run()
    assert [run.body for run, _ in journal.batches] == [record(1), record(2)]
    journal.batches[0][1]()
    assert commits.pending_bytes == SMALLEST + 2


def test_flush_hands_over_at_once_and_only_once(made: Made) -> None:
    """The end of a process does not wait for the next turn."""
    commits, journal, turn, _ = made
    commits.add(record(1))
    commits.flush()
    turn.run()
    assert len(journal.batches) == 1
