"""A deed is one transaction; done anew when somebody else changed an incident meanwhile.

Tests: tests/alerts/incidents/test_by_hand.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from store.registry.errors import Conflict
from store.registry.open import Registry

T = TypeVar("T")

TRIES = 5


def in_one(registry: Registry, deed: Callable[[], T]) -> T:
    """What a deed answers, all of it kept or nothing. It reads what it changes, so that it can be
    done again. Conflict when others were quicker each time."""
    for _ in range(TRIES - 1):
        try:
            with registry.at_once():
                return deed()
        except Conflict:
            continue
    with registry.at_once():
        return deed()
