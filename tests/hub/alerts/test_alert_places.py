"""Stations and regions as alerts speak of them."""

from __future__ import annotations

from hj212d.hub.alerts.places import SitePlaces
from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.site_book import SiteBook
from hj212d.wire.settings import DeviceSettings

SITES = [
    SiteSettings("A", region="330106", longitude=120.1, latitude=30.2),
    SiteSettings("B", region="330108"),
    SiteSettings("C", region="330200"),
    SiteSettings("D"),
]


def test_of_a_station() -> None:
    """Name, region and coordinates; the MN stands for a name that nobody gave."""
    book = SiteBook(Devices([DeviceSettings("A", name="西湖")]), SITES)
    places = SitePlaces(book, dict)
    assert (places.name("A"), places.region("A")) == ("西湖", "330106")
    assert places.position("A") == (120.1, 30.2)
    assert (places.name("Z"), places.region("Z"), places.position("Z")) == ("Z", "", None)


def test_stations_of_a_region() -> None:
    """With all below it, and as they are now."""
    book = SiteBook(Devices([]), SITES)
    places = SitePlaces(book, dict)
    assert [places.stations_in(code) for code in ("330106", "330100", "33", "")] == [1, 2, 3, 4]
    book.set(SITES[:1])
    assert [places.stations_in(code) for code in ("330106", "330100", "44")] == [1, 1, 0]


def test_names_of_regions() -> None:
    """By the code as it is written or by its digits; a code nobody named is its own name."""
    places = SitePlaces(SiteBook(Devices([])), lambda: {"330100": "杭州", "33": "浙江"})
    names = [places.region_name(code) for code in ("330100", "3301", "330000", "440000")]
    assert names == ["杭州", "杭州", "浙江", "440000"]
