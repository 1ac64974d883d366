"""The wait before a new connection grows while nothing comes of it."""

from __future__ import annotations

from hj212d.hub.forward.backoff import Backoff


def waits(backoff: Backoff, count: int) -> list[float]:
    """The next so many."""
    return [backoff(0) for _ in range(count)]


def test_waits_double_up_to_the_last() -> None:
    """However often the other side accepts and closes again."""
    assert waits(Backoff(1.0, 60.0, lambda: 0.5), 8) == [1, 2, 4, 8, 16, 32, 60, 60]


def test_chance_spreads_them_by_a_quarter() -> None:
    """Both ways."""
    assert waits(Backoff(1.0, 60.0, lambda: 0.0), 1) == [0.75]
    assert waits(Backoff(1.0, 60.0, lambda: 1.0), 1) == [1.25]


def test_a_connection_that_brought_something_is_soon_followed() -> None:
    """Once; then it begins anew."""
    backoff = Backoff(1.0, 60.0, lambda: 0.5)
    waits(backoff, 5)
    backoff.gained()
    assert waits(backoff, 3) == [0.1, 1, 2]
