"""The county of the simulated fleet: places, regions and what a site is."""

from __future__ import annotations

import csv

from bench.instruments import county, roster
from hj212d.hub.decisions.site_changes import apply
from store.registry.decisions import SiteRecord

STATIONS = roster.make(255, 1)
ROWS = list(county.sites(STATIONS))


def test_every_station_has_a_place_of_its_own() -> None:
    """In one county of some 50 km, in the region of its town, the same each time."""
    places = {(float(row["longitude"]), float(row["latitude"])) for row in ROWS}
    assert len(places) == len(STATIONS)
    assert all(116.1 < east < 116.9 and 31.4 < north < 32.0 for east, north in places)
    assert {row["region"] for row in ROWS} == {f"341599{town}" for town in range(100, 117)}
    assert list(county.sites(STATIONS)) == ROWS


def test_the_towns_are_those_of_the_fleet() -> None:
    """Each name begins with one."""
    assert set(county.TOWNS) == set(roster._TOWNS)


def test_all_of_it_can_be_imported() -> None:
    """By the rules of `hj212d site import`; every kind has what judging needs."""
    made = [apply(SiteRecord(mn=row["mn"]), row) for row in ROWS]
    assert {site.role for site in made} == {"", "assessed", "control", "other"}
    assert {site.noise_zone for site in made} == {"", "1", "2", "4b"}
    stacks = [site for site, station in zip(made, STATIONS, strict=True) if station.kind == "flue"]
    assert all(site.reference_o2 and site.stack_area_m2 for site in stacks)


def test_the_file_has_a_row_a_station() -> None:
    """With a header of all fields that any of them has."""
    read = list(csv.DictReader(county.as_csv(STATIONS).splitlines()))
    assert [row["mn"] for row in read] == [station.mn for station in STATIONS]
    assert set(read[0]) == {name for row in ROWS for name in row}


def test_regions_of_the_sites_have_names() -> None:
    """Each town, by the code that its sites carry."""
    names = dict(county.regions())
    assert names["341599"] == "云溪县"
    found = {site["region"] for site in county.sites(roster.make(85, 1))}
    assert found <= set(names)
    assert names["341599110"] == "东湖镇"
