"""The book: one publication a period, corrections as new versions, nothing where nothing is."""

from __future__ import annotations

import msgspec
from bulletins_rig import Desk, beijing, us

from aqi.means.calendar import HOUR_US
from hj212d.hub.bulletins.drafting import Drafting
from hj212d.hub.bulletins.due import Span
from hj212d.hub.bulletins.keeping import different, publish, standing
from hj212d.hub.bulletins.settings import BulletinsSettings
from store.registry.bulletins import Published

HOUR = us(beijing("2026-11-20T11:00"))
SPAN = Span("hour", HOUR, HOUR + HOUR_US)
SETTINGS = BulletinsSettings()


def test_published_once(desk: Desk) -> None:
    """Again is nothing; what stands is told apart before the book is asked."""
    drafts = Drafting(desk.air).drafts(SPAN, SETTINGS)
    assert publish(desk.registry, drafts) == Published(3, 0)
    assert publish(desk.registry, drafts) == Published(0, 0)
    assert different(drafts, standing(desk.registry, SPAN)) == []
    assert [version for _, _, version, _ in desk.book("hour")] == [1, 1, 1]


def test_changed_is_a_correction(desk: Desk) -> None:
    """Version 2, marked; the first one stays as it was."""
    drafts = Drafting(desk.air).drafts(SPAN, SETTINGS)
    publish(desk.registry, drafts)
    desk.air.changed["A", beijing("2026-11-20T11:00")] = (
        {"PM2.5": 99.0},
        beijing("2026-11-20T15:00"),
    )
    again = different(Drafting(desk.air).drafts(SPAN, SETTINGS), standing(desk.registry, SPAN))
    assert publish(desk.registry, again) == Published(0, 1)
    versions = [one for one in desk.book("hour") if one[0] == "A"]
    assert [(version, correction) for _, _, version, correction in versions] == [
        (1, False),
        (2, True),
    ]
    first = desk.registry.bulletins.list("hour", "A")[-1]
    assert msgspec.json.decode(first.content)["aqi"] == 30


def test_nothing_is_published_only_where_something_was(desk: Desk) -> None:
    """A station that never sent has no bulletins; one that falls silent has one with NA."""
    desk.air.since = beijing("2026-11-20T11:00")
    before = Drafting(desk.air).drafts(Span("hour", HOUR - HOUR_US, HOUR), SETTINGS)
    assert all(one.empty for one in before)
    assert publish(desk.registry, before) == Published(0, 0)
    publish(desk.registry, Drafting(desk.air).drafts(SPAN, SETTINGS))
    assert publish(desk.registry, before) == Published(0, 0)
    desk.air.since = beijing("2030-01-01")
    after = Drafting(desk.air).drafts(Span("hour", HOUR + HOUR_US, HOUR + 2 * HOUR_US), SETTINGS)
    assert publish(desk.registry, after) == Published(3, 0)
