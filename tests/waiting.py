"""Waiting for what must come true, with a limit, instead of sleeping for a guess.

The limit is for what never comes true: a machine that is busy with other things may take long.
"""

import asyncio
import time
from collections.abc import Callable

LIMIT_S = 90.0


def wait_until(condition: Callable[[], object], what: str = "", limit_s: float = LIMIT_S) -> None:
    """Return as soon as the condition holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s} s: {what or condition}"
        time.sleep(0.005)


async def until(condition: Callable[[], object], what: str = "", limit_s: float = LIMIT_S) -> None:
    """The same on an event loop."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s} s: {what or condition}"
        await asyncio.sleep(0.002)
