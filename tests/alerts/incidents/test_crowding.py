"""alerts.incidents.crowding: many at once, although no large share."""

from __future__ import annotations

from alerts.incidents.crowding import crowded


def test_the_smallest_region_that_holds_nearly_all_is_taken() -> None:
    """Nine of ten in one county: the county; eight of ten: the city."""
    assert crowded(["330106"] * 18 + ["330108"] * 2, {}, 10) == {"330106": 18}
    assert crowded(["330106"] * 16 + ["330108"] * 4, {}, 10) == {"3301": 20}
    assert crowded(["330106"] * 9, {}, 10) == {}


def test_what_is_usual_counts_for_nothing() -> None:
    """A noisy county stays apart from the crowd of its neighbour."""
    concerned = ["330106"] * 30 + ["330203"] * 8
    assert crowded(concerned, {}, 10) == {"33": 38}
    assert crowded(concerned, {"330203": 8.0}, 10) == {"330106": 30}
    assert crowded(["330203"] * 20, {"330203": 8.0}, 10) == {}


def test_crowds_of_two_provinces_are_two() -> None:
    """Without a region all together are one, whatever else there is."""
    assert crowded(["330106"] * 12 + ["320106"] * 12, {}, 10) == {"330106": 12, "320106": 12}
    assert crowded([""] * 12, {}, 10) == {"": 12}
    assert crowded([f"{number}0101" for number in range(11, 31)], {}, 10) == {"": 20}
