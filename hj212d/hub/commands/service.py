"""The command service: one way for everybody to ask something of an instrument.

Each command is a durable record before it is sent. Tests:
tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail

from hj212d.hub.commands.ear import EarService, Heard
from hj212d.hub.commands.new_command import NewCommand, Refused
from store.registry.records import CommandEvent, CommandRecord

__all__ = ["CommandService", "NewCommand", "Refused"]


class CommandService(Service):
    """Takes commands, sends them when their instrument is there, and follows them to their end.

    Event loop only. ``finished`` is called with each record that came to its end, ``heard`` with
    each frame that answers one, and the record as it is afterwards.
    """

    def __init__(self, ear: EarService) -> None:
        self.ear = ear
        self.finished: list[Callable[[CommandRecord], None]] = []
        self.heard: list[Callable[[CommandRecord, Heard], None]] = []

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """Take a command; fires with its record once that is durable. Fails with
        :class:`Refused`, or RegistryUnavailable."""
        return fail(Refused(f"commands cannot be sent yet: {wish.name}"))

    def cancel(self, id_: int, who: str) -> Deferred[CommandRecord]:
        """Give a command up; fires with its record. A queued one is never sent; of one that was
        sent, late replies become events. Refused when there is none or it has ended."""
        return fail(Refused(f"there is no command {id_}"))

    def get(self, id_: int) -> Deferred[CommandRecord | None]:
        """One record."""
        return fail(Refused(f"there is no command {id_}"))

    def events(self, id_: int) -> Deferred[list[CommandEvent]]:
        """What happened to a command, oldest first."""
        return fail(Refused(f"there is no command {id_}"))

    def find(
        self,
        mn: str | None = None,
        states: Sequence[str] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> Deferred[list[CommandRecord]]:
        """Records, newest first."""
        return fail(Refused("there are no commands"))

    def watch(self, id_: int, tell: Callable[[CommandRecord], None]) -> Callable[[], None]:
        """Hear of each change of a command that is open; call the result to stop."""
        return lambda: None

    @property
    def open_mns(self) -> Collection[str]:
        """MNs with a command that was sent and has not ended."""
        return ()

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {}
