"""hj212d/link/tally.py: numbers of several workers in one piece of memory."""

import os

from hj212d.link import tally
from hj212d.link.tally import LinkTally


def test_each_writes_its_own_number_and_sees_the_sum() -> None:
    """What one writes the others read at once; a new life in a slot begins with none."""
    fd = tally.make(3)
    try:
        one, other = LinkTally(fd, 0), LinkTally(fd, 2)
        one.set(18_000)
        other.set(7)
        assert one.total == other.total == 18_007
        again = LinkTally(fd, 0)
        assert again.total == other.total == 7
    finally:
        os.close(fd)


def test_one_worker_alone_needs_no_descriptor() -> None:
    """It counts for itself, whatever its slot."""
    alone = LinkTally(-1, 5)
    alone.set(3)
    assert alone.total == 3
