"""Dead letters are kept once, counted, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bale_making import bale
from twisted.internet.defer import Deferred, succeed

from hj212d.hub.forward.dead import DeadLetters, Full
from store.registry.open import Registry, open_registry


class Calls:
    """A registry's service that has no thread."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def call(self, work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        """At once."""
        return succeed(work(self.registry, *arguments))


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    """An empty registry, a real one."""
    registry = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path / "key")
    yield Calls(registry)
    registry.close()


def result(deferred: Deferred[Any]) -> Any:
    """What it has fired with."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    return found[0]


def test_a_letter_is_kept_once(calls: Calls) -> None:
    """After a crash the same frame may be refused again."""
    dead = DeadLetters(calls, lambda: 0)
    parcel = bale(3, 1).frame(0)
    for _ in range(2):
        result(dead.add("a", "0", parcel, "no", 3))
    (letter,) = result(dead.letters("a", 10))
    assert (letter.raw, letter.mn, letter.cn) == (parcel.raw, "MN1", "2011")
    assert (letter.position, letter.why, letter.tries) == (4, "no", 3)


def test_counts_are_known_after_a_restart(calls: Calls) -> None:
    """And go down when a letter is delivered after all."""
    dead = DeadLetters(calls, lambda: 0)
    for parcel in bale(0, 3).frames():
        result(dead.add("a", "0", parcel, "no", 3))
    again = DeadLetters(calls, lambda: 0)
    assert again.count("a") == 0
    result(again.load())
    assert again.count("a") == 3
    letters = result(again.to_send("a", None))
    assert [letter.position for letter in letters] == [1, 2, 3]
    result(again.sent(letters[0]))
    assert again.count("a") == 2
    assert [letter.position for letter in result(again.to_send("a", None))] == [2, 3]
    assert result(again.to_send("a", letters[0].id)) == []
    assert result(again.to_send("b", letters[1].id)) == []


def test_a_target_has_no_more_than_it_may(calls: Calls) -> None:
    """The reason tells what to look at."""
    dead = DeadLetters(calls, lambda: 0, most=2)
    first, second, third = bale(0, 3).frames()
    result(dead.add("a", "0", first, "no", 1))
    result(dead.add("a", "0", second, "no", 1))
    failure = result(dead.add("a", "0", third, "no", 1))
    assert failure.check(Full)
    assert failure.getErrorMessage() == "2 dead letters: see hj212d forward dead a"
    result(dead.add("b", "0", third, "no", 1))
