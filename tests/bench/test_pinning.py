"""Who runs on which processor."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.pinning import Processors, pin, split


def test_all_processors_are_given_out_once() -> None:
    """One for the server, the others for the rest; with a single one nobody is bound."""
    found = split()
    allowed = os.sched_getaffinity(0)
    assert not found.server & found.rest
    assert found.server | found.rest == (allowed if len(allowed) > 1 else frozenset())


def test_a_process_stays_where_it_was_put() -> None:
    """On the processor that was named; on all of them when none was."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        before = os.sched_getaffinity(child.pid)
        pin(child.pid, frozenset())
        assert os.sched_getaffinity(child.pid) == before
        pin(child.pid, frozenset({min(before)}))
        assert os.sched_getaffinity(child.pid) == {min(before)}
    finally:
        child.communicate(b"\n")


def test_the_reader_is_told() -> None:
    """In words."""
    assert Processors(frozenset({0}), frozenset({1, 2})).text == (
        "server on processor 0, the rest on 1, 2"
    )
    assert "not pinned" in Processors(frozenset(), frozenset()).text
