"""Bulletins are drawn up of answers about air quality."""

from __future__ import annotations

import msgspec
from bulletins_rig import PLACES, Air, beijing, us

from aqi.means.calendar import DAY_US, HOUR_US
from hj212d.hub.bulletins.drafting import Drafting
from hj212d.hub.bulletins.due import Span
from hj212d.hub.bulletins.settings import BulletinsSettings

HOUR = us(beijing("2026-11-20T11:00"))
DAY = us(beijing("2026-11-19T00:00"))
SETTINGS = BulletinsSettings(hour_places=["region:*", "stations:*"], standard="HJ633-2012")


def test_each_place_and_hour_once() -> None:
    """By the places and the standard of the settings."""
    air = Air()
    drafts = Drafting(air).drafts(Span("hour", HOUR, HOUR + 2 * HOUR_US), SETTINGS)
    assert len(drafts) == 2 * len(PLACES)
    assert all(one.record.digest and not one.empty for one in drafts)
    assert air.asked[0].places == ("region:*", "stations:*")
    assert air.asked[0].standard == "HJ633-2012"
    without = msgspec.structs.replace(SETTINGS, hour_places=[])
    assert Drafting(air).drafts(Span("hour", HOUR, HOUR + HOUR_US), without) == []


def test_same_numbers_same_digest() -> None:
    """When data were considered does not matter, a changed number does."""
    air = Air()
    span = Span("hour", HOUR, HOUR + HOUR_US)
    before = {one.record.place: one.record for one in Drafting(air).drafts(span, SETTINGS)}
    later = beijing("2026-11-20T15:00")
    start = beijing("2026-11-20T11:00")
    clean = {"PM2.5": 20.4, "PM10": 30.0, "SO2": 10.0, "NO2": 15.0, "CO": 0.5, "O3": 60.0}
    air.changed["A", start] = clean, later
    air.changed["B", start] = clean | {"PM2.5": 36.0}, later
    after = {one.record.place: one.record for one in Drafting(air).drafts(span, SETTINGS)}
    assert after["A"].digest == before["A"].digest
    assert after["A"].as_of > before["A"].as_of
    assert after["B"].digest != before["B"].digest


def test_only_what_came_since() -> None:
    """Corrections look at rows that are made of new data."""
    air = Air()
    start = beijing("2026-11-20T11:00")
    later = beijing("2026-11-20T15:00")
    air.changed["B", start] = {"PM2.5": 99.0}, later
    span = Span("hour", HOUR, HOUR + HOUR_US)
    found = Drafting(air).drafts(span, SETTINGS, us(later))
    assert [one.record.place for one in found] == ["B"]


def test_ranking_of_the_day_and_of_the_month() -> None:
    """From the first of the month to that day."""
    air = Air()
    (draft,) = Drafting(air).drafts(Span("ranking", DAY, DAY + DAY_US), BulletinsSettings())
    content = msgspec.json.decode(draft.record.content)
    assert (content["period"], content["by"], content["place"]) == (
        "2026-11-19",
        "index",
        "region:*",
    )
    assert [one["rank"] for one in content["rankings"]["day"]["rows"]] == [1, 2]
    assert content["rankings"]["month"]["period"] == "2026-11-01..2026-11-19"
    assert draft.record.kind == "ranking"
