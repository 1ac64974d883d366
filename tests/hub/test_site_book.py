"""What is in force for a site: registry over configuration, device, ST, defaults."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pytest

from hj212d.hub.decisions.settings import SiteSettings, problem
from hj212d.hub.devices import Devices
from hj212d.hub.overlay import Registered
from hj212d.hub.site import Site, medium_of
from hj212d.hub.site_book import SiteBook
from hj212d.wire.settings import DeviceSettings
from store.registry.decisions import SiteRecord
from store.registry.records import DeviceRecord

ALL = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")


def test_nobody_says_anything() -> None:
    """All defaults; nothing is judged where not even the ST is known."""
    book = SiteBook(Devices([]))
    assert book.site("A") == Site(mn="A")
    assert book.sites() == []
    assert (book.name("A"), book.region_of("A"), book.position("A")) == ("A", "", None)


def test_the_st_tells_the_medium() -> None:
    """The device's own word before what was heard; what is heard later counts, too."""
    heard: dict[str, str] = {}
    devices = Devices([])
    book = SiteBook(devices, st_of=lambda mn: heard.get(mn, ""))
    assert book.site("A").medium == ""
    heard["A"] = "22"
    air = book.site("A")
    assert (air.medium, air.role, air.programme, air.air_class) == ("air", "assessed", ALL, 2)
    devices.upsert([Registered("A", DeviceRecord("A", st="31"))])
    flue = book.site("A")
    assert (flue.medium, flue.role, flue.programme) == ("flue", "other", ())
    assert medium_of("99") == ""


def test_the_registry_wins_field_by_field() -> None:
    """Tables are laid over each other, lists and single values exchanged."""
    said = SiteSettings(
        "A",
        region="330100",
        longitude=120.1,
        latitude=30.2,
        medium="air",
        role="control",
        programme=["PM2.5", "O3"],
        units={"a34004": "mg/m3", "a05024": "ppb"},
        stamp="end",
        reference_o2=6.0,
        since="2024-01-01",
    )
    devices = Devices([DeviceSettings("A", name="西湖")])
    book = SiteBook(devices, [said])
    before = book.site("A")
    assert (before.name, before.region, before.position) == ("西湖", "330100", (120.1, 30.2))
    assert (before.role, before.stamp, before.programme) == ("control", "end", ("PM2.5", "O3"))
    assert (before.since, before.origin) == (date(2024, 1, 1), "configuration")
    record = SiteRecord(mn="A", role="assessed", programme=["CO"], units={"a05024": "ug/m3"})
    book.load([record])
    devices.upsert([Registered("A", DeviceRecord("A", region="330106"))])
    after = book.site("A")
    assert (after.role, after.programme, after.region) == ("assessed", ("CO",), "330106")
    assert after.units == {"a34004": "mg/m3", "a05024": "ug/m3"}
    assert (after.stamp, after.reference_o2) == ("end", 6.0)
    assert after.origin == "registry, configuration"
    assert book.record("A") == record


def test_units_of_factors() -> None:
    """By hand, else those of the medium; unknown where there is none."""
    site = Site(mn="A", medium="air", units={"a34004": "mg/m3"})
    assert [site.unit(code) for code in ("a34004", "a34002", "a21005")] == [
        "mg/m3",
        "ug/m3",
        "mg/m3",
    ]
    assert Site(mn="A").unit("a34002") is None


def test_the_days_of_a_site() -> None:
    """The last one is not included."""
    site = Site(mn="A", since=date(2026, 1, 1), until=date(2026, 2, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [site.runs_on(day) for day in days] == [False, True, True, False]
    assert Site(mn="A").runs_on(days[0])


def test_who_listens_hears_of_changes() -> None:
    """Of sites and of their devices; what stays the same is no news."""
    devices = Devices([])
    book = SiteBook(devices)
    heard: list[Collection[str]] = []
    book.changed.append(heard.append)
    book.upsert({"A", "B"}, [SiteRecord(mn="A", role="other")])
    book.upsert({"A"}, [SiteRecord(mn="A", role="other")])
    devices.upsert([Registered("B", DeviceRecord("B", name="乙"))])
    book.upsert({"A"}, [])
    assert heard == [["A"], ["B"], ["A"]]
    assert book.site("A").origin == ""
    assert [site.name for site in book.sites()] == ["乙"]


def test_all_sites_in_order() -> None:
    """Of devices, of the configuration, of the registry."""
    book = SiteBook(Devices([DeviceSettings("C")]), [SiteSettings("B")])
    book.load([SiteRecord(mn="A")])
    assert [site.mn for site in book.sites()] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("site", "key", "why"),
    [
        (SiteSettings("A", region="33010"), "region", "2, 4, 6, 9 or 12 digits"),
        (SiteSettings("A", programme=["PM1"]), "programme", 'programme = "PM1": expected some of'),
        (SiteSettings("A", units={"a34004": "stone"}), "units", "unit 'stone' is not known"),
        (SiteSettings("A", noise_zone="5"), "noise_zone", "0, 1, 2, 3, 4a, 4b"),
        (SiteSettings("A", since="yesterday"), "since", "expected a day such as 2026-01-31"),
        (SiteSettings("A", since="2026-02-01", until="2026-01-01"), "until", "ends after"),
        (SiteSettings("A"), "", ""),
    ],
)
def test_a_site_of_the_configuration_that_cannot_be(
    site: SiteSettings, key: str, why: str
) -> None:
    """The key is named, and why."""
    found = problem(site)
    assert found[0] == key
    assert why in found[1]
