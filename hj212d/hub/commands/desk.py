"""What the control socket answers about commands.

Tests: tests/hub/commands/test_commands_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.python.failure import Failure

from hj212d.hub.commands import showing
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.commands.requests import Cancel, Command, Commands, Send
from hj212d.hub.commands.service import CommandService
from hj212d.hub.connection import Answering, Stream, Streaming
from hj212d.hub.requests import Request
from store.registry.records import CommandRecord

ORIGIN = "cli"


class CommandsDesk:
    """Answers to requests; ``answers`` and ``streams`` are what the control socket wants."""

    def __init__(self, reactor: Any, service: CommandService) -> None:
        self._reactor = reactor
        self._service = service
        self.answers: dict[type[Request], Answering] = {
            Commands: self.commands,
            Command: self.command,
            Cancel: self.cancel,
        }
        self.streams: dict[type[Request], Streaming] = {Send: self.send}

    @inlineCallbacks
    def commands(self, request: Commands) -> Any:
        """Records."""
        found = yield self._service.find(
            request.mn, request.state, request.limit, request.before_id
        )
        return {"commands": [showing.shown(record) for record in found]}

    @inlineCallbacks
    def command(self, request: Command) -> Any:
        """One record with its events. Refused when there is none."""
        record = yield self._service.get(request.id)
        if record is None:
            raise Refused(f"there is no command {request.id}")
        events = yield self._service.events(request.id)
        return {"command": showing.shown(record), "events": [showing.event(e) for e in events]}

    @inlineCallbacks
    def cancel(self, request: Cancel) -> Any:
        """The record as it is then."""
        record = yield self._service.cancel(request.id, request.who)
        return {"command": showing.shown(record)}

    def send(self, request: Send, stream: Stream) -> Callable[[], None]:
        """Submit, then tell each change. Gives what to call when the client goes: the command
        goes on without it."""
        following = _Following(self._reactor, self._service, stream, request.wait_s)
        wish = NewCommand(
            mn=request.mn,
            name=request.name,
            args=request.args,
            origin=ORIGIN,
            who=request.who,
            expires_s=request.expires_s,
            priority=request.priority,
            queue=request.queue,
        )
        submitted: Deferred[Any] = self._service.submit(wish)
        submitted.addCallbacks(following.begin, following.refused)
        return following.stop


class _Following:
    """One client that watches one command."""

    def __init__(
        self, reactor: Any, service: CommandService, stream: Stream, wait_s: float
    ) -> None:
        self._reactor = reactor
        self._service = service
        self._stream = stream
        self._wait_s = wait_s
        self._record: CommandRecord | None = None
        self._told = ""
        self._unwatch: Callable[[], None] | None = None
        self._over: Any = None
        self._gone = False

    def begin(self, record: CommandRecord) -> None:
        """It is kept, and may be on its way already."""
        if self._gone:
            return
        self._unwatch = self._service.watch(record.id, self._changed)
        self._service.get(record.id).addCallbacks(self._first, self.refused)

    def refused(self, failure: Failure) -> None:
        """It is not taken."""
        if not self._gone:
            self._stream.refuse(failure)
        self.stop()

    def stop(self) -> None:
        """The client is gone, or was told all."""
        self._gone = True
        if self._unwatch is not None:
            self._unwatch()
        if self._over is not None and self._over.active():
            self._over.cancel()

    def _first(self, record: CommandRecord | None) -> None:
        if record is not None and self._record is None:
            self._changed(record)
        if not self._gone:
            self._over = self._reactor.callLater(self._wait_s, self._last)

    def _changed(self, record: CommandRecord) -> None:
        if self._gone:
            return
        self._record = record
        state = f"{record.state} {record.attempts} {record.answers}"
        if state != self._told:
            self._told = state
            self._stream.write({"command": showing.shown(record)})
        if record.finished_at is not None:
            self._last()

    def _last(self) -> None:
        if self._gone:
            return
        row = None if self._record is None else showing.shown(self._record)
        self._stream.write({"done": True, "command": row})
        self._stream.end()
        self.stop()
