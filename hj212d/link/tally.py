"""How many links all workers hold together, in memory that they share.

Each worker writes its own number and reads the sum, so that it may take more than an equal share
while the whole stays within link.max_links (beyond it by one round of accepts of each worker at
most). The number of a dead worker counts until its next life begins. Tests:
tests/link/test_tally.py.
"""

from __future__ import annotations

import mmap
import os

_NUMBER_BYTES = 8


def make(workers: int) -> int:
    """A descriptor of memory for the numbers of so many workers, all 0; OSError when there is
    none."""
    fd = os.memfd_create("hj212d-links")
    os.ftruncate(fd, workers * _NUMBER_BYTES)
    return fd


class LinkTally:
    """The numbers as the worker in a slot sees them; ``fd`` -1: there is no other worker."""

    def __init__(self, fd: int, slot: int) -> None:
        self._slot = slot if fd >= 0 else 0
        size = os.fstat(fd).st_size if fd >= 0 else _NUMBER_BYTES
        self._numbers = memoryview(mmap.mmap(fd, size)).cast("q")
        self._numbers[self._slot] = 0

    def set(self, links: int) -> None:
        """So many links are here."""
        self._numbers[self._slot] = links

    @property
    def total(self) -> int:
        """Links of all workers."""
        return sum(self._numbers)
