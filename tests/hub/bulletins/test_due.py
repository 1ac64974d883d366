"""Which periods may be published at a moment."""

from __future__ import annotations

import pytest
from bulletins_rig import beijing, us

from aqi.means.calendar import DAY_US, HOUR_US
from hj212d.hub.bulletins.due import Span, due, whole
from hj212d.hub.bulletins.settings import BulletinsSettings
from store.registry.decisions import BulletinKind

SETTINGS = BulletinsSettings(hour_corrections_h=6, day_corrections_days=3)


@pytest.mark.parametrize(
    ("kind", "now", "closed", "end"),
    [
        ("hour", "2026-11-20T12:05", "2026-11-20T12:00", "2026-11-20T11:00"),
        ("hour", "2026-11-20T12:06", "2026-11-20T12:00", "2026-11-20T12:00"),
        ("hour", "2026-11-20T12:30", "2026-11-20T11:00", "2026-11-20T11:00"),
        ("day", "2026-11-20T07:59", "2026-11-20T07:00", "2026-11-19T00:00"),
        ("day", "2026-11-20T08:00", "2026-11-20T08:00", "2026-11-20T00:00"),
        ("day", "2026-11-20T09:00", "2026-11-19T23:00", "2026-11-19T00:00"),
        ("ranking", "2026-11-20T08:14", "2026-11-20T08:00", "2026-11-19T00:00"),
        ("ranking", "2026-11-20T08:15", "2026-11-20T08:00", "2026-11-20T00:00"),
    ],
)
def test_over_made_and_at_its_hour(kind: BulletinKind, now: str, closed: str, end: str) -> None:
    """The last period that may be published."""
    found = due(kind, us(beijing(now)), us(beijing(closed)), SETTINGS)
    assert found is not None
    assert found.end == us(beijing(end))


def test_not_too_old() -> None:
    """Six hours back, three days back."""
    now, closed = us(beijing("2026-11-20T12:30")), us(beijing("2026-11-20T12:00"))
    hours = due("hour", now, closed, SETTINGS)
    days = due("day", now, closed, SETTINGS)
    assert hours == Span("hour", closed - 6 * HOUR_US, closed)
    assert days is not None
    assert days.start == us(beijing("2026-11-17T00:00"))


def test_nothing_is_made_yet() -> None:
    """Means that are behind by more than the window leave nothing."""
    now = us(beijing("2026-11-20T12:30"))
    assert due("hour", now, now - 10 * HOUR_US, SETTINGS) is None


@pytest.mark.parametrize(("places", "pieces"), [(0, 4), (1, 4), (10_000, 5), (36_000, 20)])
def test_pieces_are_the_whole(places: int, pieces: int) -> None:
    """Each period once, in order; fewer at once where many places have bulletins."""
    start = us(beijing("2026-11-20T00:00"))
    span = Span("hour", start, start + 20 * HOUR_US)
    found = list(span.pieces(places))
    assert len(found) == pieces
    assert [one for piece in found for one in piece.periods()] == list(span.periods())
    assert not list(Span("day", start, start).pieces())


def test_whole_periods_of_a_span() -> None:
    """Those that begin in it and are over and made."""
    start = us(beijing("2026-11-18T07:00"))
    closed = us(beijing("2026-11-20T12:00"))
    found = whole("day", start, us(beijing("2026-12-01T00:00")), closed)
    assert found == Span("day", us(beijing("2026-11-19T00:00")), us(beijing("2026-11-20T00:00")))
    assert whole("day", closed, closed + DAY_US, closed) is None
