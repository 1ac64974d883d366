"""Work done one piece ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hj212d.hub.ingest_ahead import Ahead


class Work:
    """Counts, and waits for leave where it is told to."""

    def __init__(self) -> None:
        self.done = 0
        self.threads: set[str] = set()
        self.leave = threading.Event()
        self.leave.set()
        self.fails = False

    def __call__(self) -> int:
        """The number of this piece."""
        assert self.leave.wait(90.0)
        if self.fails:
            raise ZeroDivisionError
        self.done += 1
        self.threads.add(threading.current_thread().name)
        return self.done


@pytest.fixture
def work() -> Work:
    """Work that goes on at once."""
    return Work()


@pytest.fixture
def ahead(work: Work) -> Iterator[Ahead[int]]:
    """Its thread is gone at the end."""
    made = Ahead("elsewhere", work)
    yield made
    work.leave.set()
    made.drop()
    made.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("elsewhere")]


def test_what_was_begun_is_taken(ahead: Ahead[int], work: Work) -> None:
    """It is done in another thread; what was not begun is done here; each piece once."""
    assert ahead.take() == 1
    assert work.threads == {"MainThread"}
    work.threads.clear()
    ahead.begin()
    ahead.begin()
    assert ahead.take() == 2
    assert work.threads == {"elsewhere_0"}
    assert ahead.take() == 3


def test_only_one_is_ahead(ahead: Ahead[int], work: Work) -> None:
    """Nothing more is done before the piece is taken."""
    work.leave.clear()
    ahead.begin()
    ahead.begin()
    work.leave.set()
    assert ahead.take() == 1
    assert work.done == 1


def test_a_failure_comes_out_when_taken(ahead: Ahead[int], work: Work) -> None:
    """And not when dropped; afterwards all is as before."""
    work.fails = True
    ahead.begin()
    with pytest.raises(ZeroDivisionError):
        ahead.take()
    ahead.begin()
    assert ahead.drop() is None
    work.fails = False
    assert ahead.take() == 1


def test_what_is_dropped_is_handed_over(ahead: Ahead[int]) -> None:
    """Nothing begun: nothing dropped. Closing may come before, between and after."""
    ahead.close()
    assert ahead.drop() is None
    ahead.begin()
    assert ahead.drop() == 1
    ahead.close()
    ahead.begin()
    assert ahead.take() == 2
