"""The standard index of each item, and the trophic index of a lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from media_rig import assessed, hours, media, new_store, only, put

from hj212d.hub.site import Site
from store.means import Store

LAKE = Site(mn="L1", medium="water", water={"body": "lake", "target": "III"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def test_index_of_a_river_against_its_target(store: Store) -> None:
    """Class III: 1.5 of 1.0 is 1.5; pH 8 is half of the way to 9; 4 mg/L of the 5 of oxygen that
    are wanted is 5 / 4; nitrogen of a river has no limit and no index."""
    values = {"w21003": [1.5], "w01001": [8.0], "w01009": [4.0], "w01010": [20.0], "w21001": [3.0]}
    put(store, hours("R1", values))
    river = Site(mn="R1", medium="water", water={"target": "III"})
    rows = assessed(media(store, [river]))
    found = {each["item"]: each["index"] for each in rows}
    assert (found["NH3-N"], found["pH"], found["DO"]) == (1.5, 0.5, 1.25)
    assert found["TN"] is found["temperature"] is found["class"] is None
    assert only(rows, item="NH3-N")["exceeded"] is True
    free = Site(mn="R1", medium="water")
    assert {each["index"] for each in assessed(media(store, [free]))} == {None}


def test_oxygen_without_temperature_has_no_index(store: Store) -> None:
    """Saturation is not known."""
    put(store, hours("R1", {"w01009": [4.0]}))
    river = Site(mn="R1", medium="water", water={"target": "III"})
    assert only(assessed(media(store, [river])), item="DO")["index"] is None


def test_rivers_are_not_rated_by_nitrogen_and_coliform(store: Store) -> None:
    """Both dreadful; the class is that of ammonia."""
    put(store, hours("R1", {"w21001": [50.0], "w02003": [1e6], "w21003": [0.1]}))
    rows = assessed(media(store, [Site(mn="R1", medium="water")]))
    assert only(rows, item="class")["grade"] == 1


def test_trophic_index_of_a_lake(store: Store) -> None:
    """chla 10 mg/m3, TP 0.05, TN 1, CODMn 4 mg/L, clarity 1 m: 10 (a + b ln x) are 50.006, 45.709,
    54.53, 37.979, 51.18; by their weights 48.02, mesotrophic."""
    values = {
        "w01016": [10.0],
        "w21011": [0.05],
        "w21001": [1.0],
        "w01019": [4.0],
        "w01004": [1.0],
    }
    put(store, hours("L1", values))
    rows = assessed(media(store, [LAKE]))
    found = only(rows, stat="tli")
    assert (found["value"], found["words"], found["n"]) == (48.0, "中营养", 5)
    assert only(rows, item="TN")["index"] == 1.0


def test_no_trophic_index_of_four(store: Store) -> None:
    """Which one is missing is said."""
    put(store, hours("L1", {"w21011": [0.05], "w21001": [1.0], "w01019": [4.0], "w01004": [1.0]}))
    found = only(assessed(media(store, [LAKE])), stat="tli")
    assert (found["value"], found["mark"], found["words"]) == (None, "none", "缺 chla")
    assert not [
        each
        for each in assessed(media(store, [Site(mn="L1", medium="water")]))
        if each["stat"] == "tli"
    ]
