"""A clock that stands until it is turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 4, 5, 6, 789_012, tzinfo=UTC)


class TurnedClock:
    """Called, it tells the time."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> datetime:
        """Let time pass; the time then."""
        self.now += timedelta(seconds=seconds)
        return self.now
