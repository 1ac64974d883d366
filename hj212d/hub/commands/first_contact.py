"""What an instrument is asked when it is there for the first time: settings that the host should
make then (HJ 212-2017, 6.7). Off unless [commands] on_first_contact names some.

First means that no command of its MN is on record.
Tests: tests/hub/commands/test_first_contact.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.book import Book
from hj212d.hub.commands.new_command import NewCommand
from store.registry.records import CommandRecord

ORIGIN = "first-contact"
SEEN_MOST = 300_000


class FirstContact:
    """``requests``: each written as for `hj212d send`, without the MN."""

    _log = Logger()

    def __init__(
        self, book: Book, submit: Callable[[NewCommand], Deferred[CommandRecord]]
    ) -> None:
        self.requests: Sequence[str] = ()
        self._book = book
        self._submit = submit
        self._seen: set[str] = set()

    def identified(self, mn: str) -> None:
        """An MN spoke."""
        if not self.requests or mn in self._seen or len(self._seen) >= SEEN_MOST:
            return
        self._seen.add(mn)
        self._greet(mn).addErrback(self._failed, mn)

    @inlineCallbacks
    def _greet(self, mn: str) -> Any:
        known = yield self._book.find(mn, None, 1, None)
        if known:
            return
        for text in self.requests:
            name, args = parsed(text)
            wish = NewCommand(mn=mn, name=name, args=args, origin=ORIGIN, who="hub")
            yield self._submit(wish).addErrback(self._failed, mn)

    def _failed(self, failure: Failure, mn: str) -> None:
        self._log.warn(
            "event=first_contact_failed mn={mn} error={error}",
            mn=mn,
            error=failure.getErrorMessage(),
        )


def parsed(text: str) -> tuple[str, dict[str, str | list[str]]]:
    """``set-timeouts OverTime=10 ReCount=3`` as name and arguments; a name that comes twice has a
    list of values. ValueError for a word without "="."""
    name, *words = shlex.split(text) or [""]
    return name, arguments(words)


def arguments(words: Sequence[str]) -> dict[str, str | list[str]]:
    """``NAME=VALUE`` words as arguments; ValueError for one that is none."""
    found: dict[str, str | list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"{word!r} is not NAME=VALUE")
        known = found.get(name)
        if known is None:
            found[name] = value
        else:
            found[name] = [*([known] if isinstance(known, str) else known), value]
    return found
