"""Limits of noise by zone."""

from __future__ import annotations

from datetime import date

import pytest

from aqi.noise.limits import construction, tables


@pytest.mark.parametrize(
    ("zone", "day", "night"),
    [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4a", 70, 55), ("4b", 70, 60)],
)
def test_zones_of_a_town(zone: str, day: float, night: float) -> None:
    """The ladder of GB 3096; those up to 3 are also those of a plant's fence."""
    found = tables()["GB3096-2008"].zone(zone)
    assert found is not None
    assert (found.day, found.night) == (day, night)
    if zone <= "3":
        assert tables()["GB12348-2008"].zone(zone) == found


def test_four_is_four_a() -> None:
    """The two standards name it differently; a zone 7 there is not."""
    assert tables()["GB3096-2008"].zone("4") == tables()["GB12348-2008"].zone("4a")
    assert tables()["GB3096-2008"].zone("7") is None


def test_loudest_moment_of_a_night() -> None:
    """15 above for sporadic events, 10 for frequent ones at a fence."""
    fence = tables()["GB12348-2008"]
    assert fence.most_at_night("2") == 65
    assert fence.most_at_night("2", "frequent") == 60
    assert tables()["GB3096-2008"].most_at_night("2", "frequent") is None
    assert fence.most_at_night("9") is None


def test_building_sites_by_date() -> None:
    """The standard of 2025 is in force from 2026 on."""
    assert construction(date(2025, 12, 31)).standard == "GB 12523-2011"
    new = construction(date(2026, 1, 1))
    assert new.standard == "GB 12523-2025"
    assert new.confidence == "background knowledge"
    zone = new.zone("anything")
    assert zone is not None
    assert (zone.day, zone.night) == (70, 55)
