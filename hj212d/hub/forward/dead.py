"""Dead letters: frames that a target does not take, kept in the registry.

Bounded: a target with too many of them is held up instead, and says so.
Tests: tests/hub/forward/test_dead.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import Deferred, fail

from hj212d.hub.forward.bale import Parcel
from store.registry.open import Registry
from store.registry.records import DeadLetter

MOST_PER_TARGET = 10_000
MOST_AT_ONCE = 1000  # sent again or listed


Letters = list[DeadLetter]


class Full(Exception):
    """A target has as many dead letters as it may."""


class Calls(Protocol):
    """The registry's service, as far as it is needed here."""

    def call(self, work: Any, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """``work(registry, ...)`` in the registry's thread."""


class DeadLetters:
    """The dead letters of all targets. All Deferreds fail with RegistryUnavailable."""

    def __init__(
        self, registry: Calls, now_us: Callable[[], int], most: int = MOST_PER_TARGET
    ) -> None:
        self._registry = registry
        self._now_us = now_us
        self._most = most
        self._counts: dict[str, int] = {}

    def count(self, forward: str) -> int:
        """How many a target has, as far as is known."""
        return self._counts.get(forward, 0)

    def load(self) -> Deferred[None]:
        """Count what is there; to be called when the registry was opened."""
        return self._registry.call(lambda registry: registry.dead_letters.counts()).addCallback(
            self._counted
        )

    def add(self, forward: str, lane: str, frame: Parcel, why: str, tries: int) -> Deferred[Any]:
        """Keep one; fires when it is durable. Fails with Full, too."""
        if self.count(forward) >= self._most:
            return fail(Full(f"{self._most} dead letters: see hj212d forward dead {forward}"))
        letter = DeadLetter(
            forward=forward,
            lane=lane,
            position=frame.position,
            mn=frame.mn,
            cn=frame.cn,
            raw=frame.raw,
            why=why,
            tries=tries,
            at=datetime.fromtimestamp(self._now_us() / 1e6, UTC),
        )
        self._counts[forward] = self.count(forward) + 1
        kept = self._registry.call(_add, letter)
        return kept.addErrback(self._not_kept, forward)

    def letters(self, forward: str | None, limit: int) -> Deferred[Letters]:
        """Letters, newest first."""
        return self._registry.call(
            lambda registry: registry.dead_letters.list(forward, min(limit, MOST_AT_ONCE))
        )

    def to_send(self, forward: str, id_: int | None) -> Deferred[Letters]:
        """The dead ones of a target, oldest first: one, or as many as go at once."""

        def find(registry: Registry) -> Letters:
            if id_ is not None:
                found = registry.dead_letters.get(id_)
                letters = [found] if found is not None else []
            else:
                letters = registry.dead_letters.list(forward, 10 * MOST_AT_ONCE)
            dead = [one for one in letters if one.state == "dead" and one.forward == forward]
            return sorted(dead, key=lambda one: one.id)[:MOST_AT_ONCE]

        return self._registry.call(find)

    def sent(self, letter: DeadLetter) -> Deferred[Any]:
        """A letter was delivered after all."""
        self._counts[letter.forward] = max(0, self.count(letter.forward) - 1)
        return self._registry.call(
            lambda registry: registry.dead_letters.set_state(letter.id, "sent again")
        )

    def _counted(self, counts: dict[str, int]) -> None:
        self._counts = dict(counts)

    def _not_kept(self, failure: Any, forward: str) -> Any:
        self._counts[forward] = max(0, self.count(forward) - 1)
        return failure


def _add(registry: Registry, letter: DeadLetter) -> None:
    """Keep a letter, unless it is kept: after a crash a frame may be refused a second time."""
    for known in registry.dead_letters.list(letter.forward, MOST_AT_ONCE):
        if known.lane == letter.lane and known.position == letter.position:
            return
    registry.dead_letters.add(msgspec.structs.replace(letter, id=0))
