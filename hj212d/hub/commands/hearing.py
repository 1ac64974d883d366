"""What instruments say, given to the command that it answers.

Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from collections.abc import Callable

from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.flight import Flight
from hj212d.hub.commands.matching import Flights
from hj212d.wire.replies import read_reply
from store.registry.records import CommandRecord


class Hearing:
    """``answered``: called with each frame that answers a command, and the command's record."""

    def __init__(self, flights: Flights, answered: Callable[[CommandRecord, Heard], None]) -> None:
        self.unmatched = 0
        self.without_qn = 0
        self._flights = flights
        self._answered = answered

    def hear(self, heard: Heard, now_s: float) -> Flight | None:
        """The command that a good frame answers; None when it answers none."""
        reply = read_reply(heard.frame)
        if reply is None:
            return None
        for flight in self._flights.concerned(reply, heard):
            if flight.restored_us is not None and heard.received_us <= flight.restored_us:
                return None  # it was heard before this hub started
            if flight.hear(reply, heard, now_s):
                if not reply.qn and reply.kind != "data":
                    self.without_qn += 1
                    flight.note_once(heard.received_us, "matched by MN", "the reply has no QN")
                self._answered(flight.record, heard)
                return flight
        self.unmatched += reply.kind != "data"
        return None
