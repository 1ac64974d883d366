"""Each line of an assessment says which version of the data it is of, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from media_rig import NOW, assessed, emitted, hours, media, new_store, put, row, utc

from hj212d.hub.site import Site
from store.means import Store

STACK = Site(mn="F1", medium="flue", outlet={"table": "GB13223-2011/coal/new"})
PLANT = Site(mn="W1", medium="wastewater", outlet={"table": "GB18918-2002/1A"})
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def versions(store: Store, site: Site, level: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """Item and statistic -> value, revision and as_of."""
    rows = assessed(media(store, [site]), level)
    return {
        (one["item"], one["stat"]): (one["value"], one["revision"], one["as_of"]) for one in rows
    }


def test_a_conversion_is_of_its_oxygen_too(store: Store) -> None:
    """The oxygen of an hour changes: the converted value is another one, and says so."""
    put(store, hours("F1", {"a19001": [9.0], "a21026": [90.0]}))
    assert versions(store, STACK, "hour")["SO2", "zs"] == (112.5, 1, NOW)
    put(store, [row("F1", "a19001", utc(), 6.0, as_of=LATER)])
    found = versions(store, STACK, "hour")
    assert found["SO2", "zs"] == (90.0, 2, LATER)
    assert found["SO2", "mean"] == (90.0, 1, NOW)
    assert versions(store, STACK, "day")["SO2", "exceedances"][1:] == (2, LATER)


@pytest.mark.parametrize("level", ["day", "month"])
def test_days_of_waste_water_are_of_their_hours(store: Store, level: str) -> None:
    """And of the flow that weighs them; other items stay."""
    values = {"w00000": [10.0] * 24, "w01018": [40.0] * 24, "w01001": [7.0] * 24}
    put(store, hours("W1", values))
    first = versions(store, PLANT, level)
    assert first
    assert {one[1:] for one in first.values()} == {(1, NOW)}
    put(store, [row("W1", "w01018", utc(hour=3), 80.0, as_of=LATER)])
    found = versions(store, PLANT, level)
    for key, one in found.items():
        assert one[1:] == ((2, LATER) if key[0] == "COD" else (1, NOW)), key
    put(store, [row("W1", "w00000", utc(hour=4), 20.0, as_of=LATER + timedelta(hours=1))])
    assert versions(store, PLANT, level)["COD", "mean"][2] == LATER + timedelta(hours=1)


def test_a_line_of_nothing_has_no_version() -> None:
    """What nobody measured is of no data."""
    from hj212d.hub.media.lines import Mean, newest

    assert newest(()) == {"revision": 0, "as_of": None}
    one = Mean(utc(), utc(hour=1), "x", "x", "mean", 1.0, None, None, 1, 1, "", 3, None)
    other = msgspec.structs.replace(one, revision=1, as_of=NOW)
    assert newest((one, None, other)) == {"revision": 3, "as_of": NOW}


def test_emissions_are_of_their_flow(store: Store) -> None:
    """Kilograms change with the flow, and say so; nothing measured, no version."""
    put(store, hours("F1", {"a00000": [10.0] * 24, "a21026": [90.0] * 24, "a21002": [50.0] * 24}))
    put(store, [row("F1", "a21026", utc(hour=3), 80.0, as_of=LATER)])
    rows = {one["item"]: one for one in emitted(media(store, [STACK]))}
    assert (rows["SO2"]["revision"], rows["SO2"]["as_of"]) == (2, LATER)
    assert (rows["NOx"]["revision"], rows["NOx"]["as_of"]) == (1, NOW)
    put(store, [row("F1", "a00000", utc(hour=3), 20.0, as_of=LATER)])
    rows = {one["item"]: one for one in emitted(media(store, [STACK]))}
    assert (rows["NOx"]["revision"], rows["NOx"]["as_of"]) == (2, LATER)
