"""How many listener processes, and how many links each: what the limit of open files allows.

The kernel spreads connections over the workers by chance, and a worker that died comes back empty:
so each may hold as many links as it has files for, and link.max_links bounds their sum
(hj212d/link/tally.py).

Tests: tests/cli/test_open_files.py.
"""

from __future__ import annotations

import resource

import msgspec

MAX_WORKERS = 200
RESERVE = 64  # descriptors of a worker that are no links: journal, hub, pipes, one accept ahead


class Plan(msgspec.Struct, frozen=True):
    """``workers`` processes of at most ``share`` links, ``links`` in all."""

    workers: int
    share: int
    links: int


class TooManyLinks(Exception):
    """The limit of open files is too low; the text names both numbers."""


def raise_limit() -> int:
    """Raise the soft limit of open files to the hard one; the limit then."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def plan(workers: int, max_links: int, limit: int, listeners: int, processors: int) -> Plan:
    """``workers`` processes (0: as many as suit) of ``max_links`` links (0: as many as fit);
    TooManyLinks when they do not fit.

    ``limit``: open files of a process; ``listeners``: listening sockets of each worker.
    """
    room = limit - RESERVE - listeners
    if room < 1:
        raise TooManyLinks(
            f"{listeners} listening addresses need {RESERVE + listeners + 1} open files, "
            f"the limit of open files is {limit}"
        )
    count = workers or max(1, processors - 1, -(-max_links // room))
    if max_links == 0:
        return Plan(count, room, count * room)
    count = min(count, max_links)
    largest = -(-max_links // count)
    if count > MAX_WORKERS or largest > room:
        raise TooManyLinks(
            f"link.max_links = {max_links} in {min(count, MAX_WORKERS)} workers needs "
            f"{-(-max_links // min(count, MAX_WORKERS)) + RESERVE + listeners} open files a "
            f"process, the limit of open files is {limit}; raise the limit or link.workers"
        )
    return Plan(count, min(room, max_links), max_links)
