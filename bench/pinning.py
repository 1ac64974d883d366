"""One processor for the server, the others for the generator: so that neither takes the other's
time, and a figure "per core" means one. Test: tests/bench/test_pinning.py.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Processors(msgspec.Struct, frozen=True):
    """Who may run where; both empty on a machine with one processor: nobody is bound."""

    server: frozenset[int]
    rest: frozenset[int]

    @property
    def text(self) -> str:
        """For the reader of a result."""
        if not self.server:
            return "not pinned: one processor"
        return f"server on processor {_list(self.server)}, the rest on {_list(self.rest)}"


def split() -> Processors:
    """The first processor that we may use for the server, the others for the rest."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return Processors(frozenset(), frozenset())
    return Processors(frozenset(allowed[:1]), frozenset(allowed[1:]))


def pin(pid: int, processors: frozenset[int]) -> None:
    """Bind a process with all its threads; none given: leave it as it is."""
    if not processors:
        return
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            os.sched_setaffinity(int(thread.name), processors)
        except ProcessLookupError:
            continue  # that thread ended


def _list(processors: frozenset[int]) -> str:
    return ", ".join(str(each) for each in sorted(processors))
