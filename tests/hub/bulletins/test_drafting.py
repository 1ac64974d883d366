"""Bulletins are drawn up of answers about air quality."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest
from bulletins_rig import PLACES, Air, beijing, us

from aqi.means.calendar import DAY_US, HOUR_US
from hj212d.hub.bulletins.assembly import programmes
from hj212d.hub.bulletins.drafting import Drafting
from hj212d.hub.bulletins.due import Span
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.site import Site

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


def test_a_hub_without_stations_of_the_air() -> None:
    """Nothing is known, so nothing is published, and that is no fault."""

    class Nothing(Air):
        def aqi(self, question: AqiQuestion) -> pa.Table:
            raise NoSuchPlace(f"none of {question.places}")

    assert Drafting(Nothing()).drafts(Span("hour", HOUR, HOUR + HOUR_US), SETTINGS) == []


def test_programmes_of_stations_and_regions() -> None:
    """A region is to have what any of its assessed stations measures."""
    sites = {
        mn: Site(mn=mn, region="330106", medium="air", role="assessed", programme=programme)
        for mn, programme in (("A", ("PM2.5",)), ("B", ("PM2.5", "O3")))
    }

    class Book:
        def site(self, mn: str) -> Site:
            return sites[mn]

        def sites(self) -> list[Site]:
            return list(sites.values())

    programme = programmes(Book())
    assert (programme("A"), programme("region:330100")) == (("PM2.5",), ("PM2.5", "O3"))
    assert len(programme("region:zz")) == 6


def test_places_of_the_settings() -> None:
    """Misspelt ones are refused when the configuration is read."""
    for text in ("region:*", "region:33*", "region:330106001", "stations:3301", "A1"):
        msgspec.convert({"hour_places": [text]}, BulletinsSettings)
    for text in ("", "region:", "region:zz", "stations:3301*", "all of them"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"hour_places": [text]}, BulletinsSettings)
