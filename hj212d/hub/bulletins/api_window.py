"""Bulletins for the API: :class:`admin.bulletins_api.BulletinsWindow` in the page threads.

The book is read in the registry's thread and waited for, not longer than is bearable. Publishing
is begun, not waited for. Tests: tests/hub/bulletins/test_bulletin_api.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.logger import Logger

from admin.commands import Declined
from admin.source import Row
from hj212d.hub.bulletins.desk import BulletinDesk
from hj212d.hub.bulletins.requests import Bulletin, BulletinPublish, Bulletins
from hj212d.hub.loop_call import ask_loop


class ApiWindow:
    """What the API may ask."""

    _log = Logger()

    def __init__(self, reactor: Any, desk: BulletinDesk) -> None:
        self._reactor = reactor
        self._desk = desk

    def bulletins(self, asked: Row) -> Row:
        """Rows of the book, the last published first."""
        return self._ask(lambda: self._desk.bulletins(Bulletins(**asked)))

    def bulletin(self, asked: Row) -> Row:
        """One of them, with its versions."""
        return self._ask(lambda: self._desk.bulletin(Bulletin(**asked)))

    def publish(self, asked: Row, who: str) -> Row:
        """Begin to publish a span; what comes of it stands in the book and in the log."""

        def begin() -> Deferred[Row]:
            publishing = self._desk.publish(BulletinPublish(**asked, who=who))
            publishing.addErrback(
                lambda failure: self._log.warn(
                    "event=publishing_by_hand_failed who={who} error={error}",
                    who=who,
                    error=failure.value,
                )
            )
            return succeed({"asked": asked["kind"], "from": asked["start"], "to": asked["end"]})

        return self._ask(begin)

    def _ask(self, ask: Callable[[], Deferred[Row]]) -> Row:
        try:
            return ask_loop(self._reactor, lambda: maybeDeferred(ask))
        except ValueError as problem:
            raise Declined(str(problem), "from") from problem
