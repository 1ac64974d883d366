"""Who is asked for history next: one request to each device in turn, as many as the minute allows.

What to ask for stands in fill.py. Event loop only. Tests: tests/hub/completeness/test_filling.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.completeness.book import as_asked, noted
from hj212d.hub.completeness.expected import SECOND_US
from hj212d.hub.completeness.fill import ORIGIN, PRIORITY, REQUESTS, Ask, covered, next_ask
from hj212d.hub.completeness.patients import Patient, Patients
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord


class Asking(Protocol):
    """The command service, as far as it is needed here."""

    finished: list[Callable[[CommandRecord], None]]

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """Take a command."""


class Keeping(Protocol):
    """The registry service."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in the registry's thread."""


class Asker:
    """``connected``: whether an instrument can be asked; ``look_in``: look at a device again after
    so many seconds; ``fault``: something of ours failed over a device. ``requests``: how many were
    made."""

    _log = Logger()

    def __init__(
        self,
        patients: Patients,
        *,
        registry: Keeping,
        commands: Asking,
        connected: Callable[[str], bool],
        look_in: Callable[[str, float], None],
        fault: Callable[[Failure, str], None],
        settings: Callable[[], CompletenessSettings],
        now_us: Callable[[], int],
    ) -> None:
        self.requests = 0
        self._patients = patients
        self._registry = registry
        self._commands = commands
        self._connected = connected
        self._look_in = look_in
        self._fault = fault
        self._settings = settings
        self._now_us = now_us
        self._turn: dict[str, None] = {}  # who is asked next, in order
        self._allowed = 0.0

    def line_up(self, mn: str) -> None:
        """A device is to be asked when its turn comes."""
        self._turn.setdefault(mn)

    def give(self, now: int, passed_s: float) -> None:
        """Give as many requests away as the minute allows, one to each device in turn."""
        most = self._settings().requests_per_minute
        self._allowed = min(max(1.0, most / 60), self._allowed + most * passed_s / 60)
        if not self._settings().fill:
            return
        for mn in list(self._turn):
            if self._allowed < 1:
                return
            patient = self._patients.get(mn)
            del self._turn[mn]
            if patient is None or not patient.gaps or not patient.settled:
                continue
            if patient.asking or not self._connected(mn):
                continue
            wanted = next_ask(
                patient.gaps, patient.interval_s, patient.patience, now, self._settings()
            )
            if wanted is not None:
                self._allowed -= 1
                self._submit(patient, wanted)
            elif patient.patience.under_way is None:
                self._look_in(mn, self._pause_s(patient, now))

    def _pause_s(self, patient: Patient, now: int) -> float:
        """How long it makes no sense to look at a device again."""
        waiting = patient.patience
        until = waiting.quiet_until_us
        if until <= now and waiting.in_last_hour < self._settings().requests_per_hour_per_mn:
            until = min(waiting.refused.values(), default=now)
        return max((until - now) / SECOND_US, self._settings().busy_s)

    @inlineCallbacks
    def _submit(self, patient: Patient, wanted: Ask) -> Any:
        """Note the gaps as asked for, then ask."""
        patient.asking = True
        gaps = covered(patient.gaps, wanted)
        try:
            yield self._registry.call(noted, [gap.id for gap in gaps], self._now_us())
            self._patients.take(patient, [as_asked(gap, gaps) for gap in patient.gaps])
            yield self._commands.submit(
                NewCommand(
                    mn=patient.mn,
                    name=REQUESTS[wanted.period],
                    args=wanted.args,
                    origin=ORIGIN,
                    who="completeness",
                    priority=PRIORITY,
                    queue=False,
                    expires_s=self._settings().busy_s,
                )
            )
            self.requests += 1
        except (Refused, RegistryUnavailable) as problem:
            self._log.info("event=not_asked mn={mn} why={why}", mn=patient.mn, why=str(problem))
            self._look_in(patient.mn, self._settings().busy_s)
        except Exception:  # noqa: BLE001 - our fault over one device must not stop the others
            self._fault(Failure(), patient.mn)
            self._look_in(patient.mn, self._settings().busy_s)
        finally:
            patient.asking = False
