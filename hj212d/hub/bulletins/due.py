"""Which periods may be published now, and in which pieces that is done. Pure.

Moments are UTC microseconds, a period is named by its start.
Tests: tests/hub/bulletins/test_due.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aqi.means.calendar import DAY_US, HOUR_US, Level, start
from hj212d.hub.bulletins.settings import BulletinsSettings
from store.registry.decisions import BulletinKind

KINDS: tuple[BulletinKind, ...] = ("hour", "day", "ranking")
LENGTH_US = {"hour": HOUR_US, "day": DAY_US, "ranking": DAY_US}
_GRID: dict[str, Level] = {"hour": "hour", "day": "day", "ranking": "day"}
# Periods that are drawn up together, and bulletins: one of a place and an hour takes some 2 KB.
_AT_ONCE = {"hour": 6, "day": 4, "ranking": 1}
_BULLETINS_AT_ONCE = 40_000


class Span(NamedTuple):
    """Periods of one kind from ``start`` to before ``end``, whole ones."""

    kind: BulletinKind
    start: int
    end: int

    def pieces(self, places: int = 1) -> Iterator[Span]:
        """Runs of few periods, in order; of fewer the more places there are."""
        most = max(1, _BULLETINS_AT_ONCE // max(1, places))
        step = min(_AT_ONCE[self.kind], most) * LENGTH_US[self.kind]
        for begun in range(self.start, self.end, step):
            yield Span(self.kind, begun, min(begun + step, self.end))

    def periods(self) -> range:
        """The start of each."""
        return range(self.start, self.end, LENGTH_US[self.kind])


def due(
    kind: BulletinKind, now_us: int, closed_us: int, settings: BulletinsSettings
) -> Span | None:
    """The periods that are over, made and at their hour, and not too old; None for none.

    ``closed_us``: means of all hours before were made.
    """
    length = LENGTH_US[kind]
    grid = _GRID[kind]
    hours = settings.hour_corrections_h
    back = hours * HOUR_US if kind == "hour" else settings.day_corrections_days * DAY_US
    behind = start(grid, min(closed_us, now_us - _wait_us(kind, settings)))
    first = start(grid, now_us - back)
    return Span(kind, first, behind) if behind - first >= length else None


def whole(kind: BulletinKind, start_us: int, end_us: int, closed_us: int) -> Span | None:
    """The periods within a span that are over and made, whatever the time of day."""
    grid = _GRID[kind]
    first = start(grid, start_us + LENGTH_US[kind] - 1)
    behind = start(grid, min(end_us, closed_us))
    return Span(kind, first, behind) if behind > first else None


def _wait_us(kind: BulletinKind, settings: BulletinsSettings) -> int:
    """From the end of a period until it may be published."""
    if kind == "hour":
        return settings.hour_minute * HOUR_US // 60
    hour, minute = map(int, (settings.day_at if kind == "day" else settings.ranking_at).split(":"))
    return (hour * 60 + minute) * HOUR_US // 60
