"""The command service as the API sees it: :class:`admin.commands.Commands` in the page threads.

Each call is handed to the event loop and waited for.
Tests: tests/hub/commands/test_command_api.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from admin.commands import Declined
from admin.source import Row
from hj212d.hub.commands import showing
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.commands.service import CommandService
from hj212d.hub.loop_call import ask_loop

ORIGIN = "api"

T = TypeVar("T")


class ApiWindow:
    """What the API may do."""

    def __init__(self, reactor: Any, service: CommandService) -> None:
        self._reactor = reactor
        self._service = service

    def submit(self, wish: Row, who: str) -> Row:
        """Take a command."""
        command = NewCommand(
            mn=wish["mn"],
            name=wish["name"],
            args=wish["args"],
            queue=wish["queue"],
            expires_s=wish["expires_s"],
            priority=wish["priority"],
            origin=ORIGIN,
            who=who,
        )
        return showing.shown(self._wait(lambda: self._service.submit(command)))

    def find(
        self, mn: str | None, states: Sequence[str] | None, before_id: int | None, limit: int
    ) -> list[Row]:
        """Commands, newest first."""
        found = self._wait(lambda: self._service.find(mn, states, limit, before_id))
        return [showing.shown(record) for record in found]

    def get(self, number: int) -> Row | None:
        """One command with its events."""
        record = self._wait(lambda: self._service.get(number))
        if record is None:
            return None
        events = self._wait(lambda: self._service.events(number))
        return {
            "command": showing.shown(record),
            "events": [showing.event(one) for one in events],
        }

    def cancel(self, number: int, who: str) -> Row | None:
        """Give one up."""
        if self._wait(lambda: self._service.get(number)) is None:
            return None
        return showing.shown(self._wait(lambda: self._service.cancel(number, who)))

    def requests(self, version: str | None) -> list[Row]:
        """The catalogue."""
        return showing.catalogue(version)

    def _wait(self, ask: Callable[[], Deferred[T]]) -> T:
        """Ask on the loop, wait here."""
        try:
            return ask_loop(self._reactor, ask)
        except Refused as refused:
            raise Declined(str(refused), refused.field) from refused
