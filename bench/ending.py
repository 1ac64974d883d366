"""Running a coroutine so that Ctrl-C and SIGTERM alike end it through its ``finally`` blocks.

A test that is stopped must not leave the processes that it started.
Test: tests/system/test_crash.py.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Its result; KeyboardInterrupt when a signal ended it."""

    async def guarded() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await main

    try:
        return uvloop.run(guarded())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
