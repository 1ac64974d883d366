"""The records of commands on disk, in the order in which they changed.

A change that cannot be written because the registry is away is kept and written when it is back:
what is under way goes on meanwhile. A new command is not taken then. Blocks nobody: all runs in
the registry's thread. Tests: tests/hub/commands/test_command_weather.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec
from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.clock import SET
from hj212d.hub.commands.patience import SET_TIMEOUTS, Patience, all_set, last_set
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry
from store.registry.records import CommandEvent, CommandRecord, KeyRecord

AGAIN_S = 2.0
UNWRITTEN_MOST = 100_000
RECENT = 500  # that ended before this hub started, remembered for late replies
FINAL = ("done", "refused", "failed", "timeout", "expired", "cancelled")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Left(msgspec.Struct, frozen=True):
    """What hubs before this one left: ``opened``, not ended, oldest first; ``past``, the latest
    that ended; ``patiences``: what the instruments of those under way were set to."""

    opened: list[CommandRecord]
    past: list[CommandRecord]
    patiences: dict[str, Patience | None]


class Told(msgspec.Struct, frozen=True):
    """An event of a record, to be kept."""

    at_us: int
    event: str
    detail: str = ""


class Keeper(Protocol):
    """The registry as the event loop sees it: hub/registry_service.py."""

    def call(self, work: Callable[..., T], *args: Any) -> Deferred[T]:
        """Run ``work(registry, *args)`` in the registry's thread, in order."""


def moment(time_us: int) -> datetime:
    """Microseconds since 1970 as the registry's aware datetime."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds(at: datetime) -> int:
    """The opposite."""
    return (at - _EPOCH) // timedelta(microseconds=1)


class Book:
    """What the service needs of the registry."""

    _log = Logger()

    def __init__(self, reactor: Any, keeper: Keeper) -> None:
        self._reactor = reactor
        self._keeper = keeper
        self._unwritten: list[Callable[[Registry], Any]] = []
        self._again: Any = None
        self.lost = 0

    @property
    def unwritten(self) -> int:
        """Changes that wait for the registry to come back."""
        return len(self._unwritten)

    def add(self, record: CommandRecord, told: Sequence[Told]) -> Deferred[CommandRecord]:
        """A new command, with its number; fails with RegistryUnavailable."""
        return self._keeper.call(_add, record, told)

    def save(self, id_: int, changes: dict[str, Any], told: Sequence[Told]) -> Deferred[Any]:
        """Fields that changed and what happened; fires when that is durable, or kept for later."""
        work = partial(_save, id_, changes, told)
        if self._unwritten:
            self._keep(work)
            return succeed(None)
        return self._keeper.call(work).addErrback(self._not_written, work)

    def must_save(self, id_: int, changes: dict[str, Any], told: Sequence[Told]) -> Deferred[Any]:
        """The same for what nothing may go on without: fails with RegistryUnavailable."""
        if self._unwritten:
            return fail(RegistryUnavailable("changes of commands wait for the registry"))
        return self._keeper.call(partial(_save, id_, changes, told))

    def barrier(self) -> Deferred[Any]:
        """Fires behind all that was asked before; fails with RegistryUnavailable."""
        return self._keeper.call(lambda _: None)

    def get(self, id_: int) -> Deferred[CommandRecord | None]:
        """One record."""
        return self._keeper.call(lambda registry: registry.commands.get(id_))

    def events(self, id_: int) -> Deferred[list[CommandEvent]]:
        """What happened to one."""
        return self._keeper.call(lambda registry: registry.commands.events(id_))

    def find(
        self, mn: str | None, states: Sequence[str] | None, limit: int, before_id: int | None
    ) -> Deferred[list[CommandRecord]]:
        """Records, newest first."""
        return self._keeper.call(
            lambda registry: registry.commands.find(mn, states, limit, before_id)
        )

    def left(self) -> Deferred[Left]:
        """What is open, and what ended of late; fails with RegistryUnavailable."""
        return self._keeper.call(_left)

    def patience(self, mn: str) -> Deferred[Patience | None]:
        """What an instrument was set to; fails with RegistryUnavailable."""
        return self._keeper.call(last_set, mn)

    def clock_set_us(self, mn: str) -> Deferred[int]:
        """When a 1012 last went to an MN, 0: it never did."""
        return self._keeper.call(_clock_set_us, mn)

    def forget(self, before_us: int) -> Deferred[int]:
        """Remove commands that ended before then; how many. What an instrument was set to is
        not forgotten."""
        return self._keeper.call(
            lambda registry: registry.commands.forget(moment(before_us), (SET_TIMEOUTS,))
        )

    def keys(self, mn: str) -> Deferred[list[KeyRecord]]:
        """The SM4 keys of a device."""
        return self._keeper.call(lambda registry: registry.keys.of(mn))

    def _keep(self, work: Callable[[Registry], Any]) -> None:
        if len(self._unwritten) >= UNWRITTEN_MOST:
            self.lost += 1
            return
        self._unwritten.append(work)
        if self._again is None:
            self._again = self._reactor.callLater(AGAIN_S, self._write_kept)

    def _not_written(self, failure: Failure, work: Callable[[Registry], Any]) -> None:
        if failure.check(RegistryUnavailable):
            self._keep(work)
        else:
            self.lost += 1
            self._log.failure("a change of a command could not be written", failure)

    def _write_kept(self) -> None:
        self._again = None
        kept, self._unwritten = self._unwritten, []
        for work in kept:
            self._keeper.call(work).addErrback(self._not_written, work)

    def stop(self) -> None:
        """Try no more."""
        if self._again is not None:
            self._again.cancel()
            self._again = None


def _add(registry: Registry, record: CommandRecord, told: Sequence[Told]) -> CommandRecord:
    kept = registry.commands.add(record)
    _save(kept.id, {}, told, registry)
    return kept


def _save(id_: int, changes: dict[str, Any], told: Sequence[Told], registry: Registry) -> None:
    if changes:
        registry.commands.update(id_, **changes)
    for one in told:
        registry.commands.event(id_, moment(one.at_us), one.event, one.detail)


def _left(registry: Registry) -> Left:
    opened = registry.commands.open()
    mns = {one.mn for one in opened if one.state != "queued"}
    return Left(opened, registry.commands.find(None, FINAL, RECENT), all_set(registry, mns))


def _clock_set_us(registry: Registry, mn: str) -> int:
    records = registry.commands.find(mn, cn=SET, limit=20)
    return max((microseconds(one.sent_at) for one in records if one.sent_at), default=0)
