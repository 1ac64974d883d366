"""What a thread that makes a page or an answer of the API asks the event loop for.

Waits, but not for long: a hub that ends must not wait for a page that waits for it.
Tests: tests/hub/commands/test_command_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from admin.source import NotAvailable
from store.registry.errors import RegistryUnavailable

WAIT_S = 5.0

T = TypeVar("T")


def ask_loop(reactor: Any, ask: Callable[[], Deferred[T]]) -> T:
    """Call ``ask`` on the event loop and wait for what it gives, or raise what it fails with;
    NotAvailable when that takes too long, or needs a registry that is away."""
    answer: Future[T] = Future()

    def failed(failure: Failure) -> None:
        answer.set_exception(failure.value)

    def begin() -> None:
        maybeDeferred(ask).addCallbacks(answer.set_result, failed)

    reactor.callFromThread(begin)
    try:
        return answer.result(WAIT_S)
    except FutureTimeout as late:
        raise NotAvailable("请稍后再试 · the daemon did not answer in time") from late
    except RegistryUnavailable as away:
        raise NotAvailable(f"登记库不可用 · the registry is unavailable: {away}") from away
