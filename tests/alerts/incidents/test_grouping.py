"""alerts.incidents.grouping: which alarms are one incident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from stage import START, Places, station

from alerts.incidents.grouping import Group, common, grouped, singles
from alerts.settings import AlertsSettings
from store.registry.alert_records import AlarmRecord

PLACES = Places({"330106": 10, "330108": 10, "330110": 10, "330203": 100})
SETTINGS = AlertsSettings()


def alarms(*mns: str, **more: Any) -> list[AlarmRecord]:
    """One of each station, each with a number of its own."""
    given = {"rule": "offline", "kind": "offline", "began": START, "seen_at": START}
    return [
        AlarmRecord(
            **(
                {"id": number, "subject": f"mn:{mn}", "mn": mn, "region": PLACES.region(mn)}
                | given
                | more
            )
        )
        for number, mn in enumerate(mns, 1)
    ]


def stations(region: str, many: int) -> list[str]:
    """The first stations of a region."""
    return [station(region, number) for number in range(many)]


class Around:
    """What stands besides, as a test says it. ``standing``: place -> alarms that last there."""

    def __init__(
        self,
        recent: Iterable[tuple[str, str]] = (),
        standing: dict[str, int] | None = None,
        usual: dict[str, float] | None = None,
        left: Iterable[str] = (),
    ) -> None:
        self._recent = list(recent)
        self._standing = standing or {}
        self._usual = usual or {}
        self._left = set(left)

    def recent(self) -> list[tuple[str, str]]:
        return self._recent

    def usual(self) -> dict[str, float]:
        return self._usual

    def standing(self) -> dict[str, int]:
        return self._standing

    def is_left(self, alarm: AlarmRecord) -> bool:
        return alarm.mn in self._left


def groups(
    waiting: list[AlarmRecord], around: Around | None = None, **settings: Any
) -> list[Group]:
    """What they come to."""
    return grouped(
        waiting,
        around or Around(),
        PLACES.stations_in,
        AlertsSettings(**settings) if settings else SETTINGS,
    )


def shown(found: list[Group]) -> dict[str, int]:
    """Place -> how many alarms."""
    return {group.place: len(group.alarms) for group in found}


@pytest.mark.parametrize(("many", "place"), [(4, None), (5, "region:330106")])
def test_five_stations_of_a_region_are_an_outage(many: int, place: str | None) -> None:
    """Four of ten are four incidents."""
    found = shown(groups(alarms(*stations("330106", many))))
    assert found == ({place: many} if place else {})


@pytest.mark.parametrize(
    ("many", "kind", "found"),
    [
        (9, "offline", {}),
        (10, "offline", {"region:330203": 10}),
        (20, "over_limit", {}),
        (21, "over_limit", {"region:330203": 21}),
    ],
)
def test_so_are_many_at_once(many: int, kind: str, found: dict[str, int]) -> None:
    """Nine of a hundred stations that are gone are nine incidents, ten are one; of what is
    measured it takes 21."""
    assert shown(groups(alarms(*stations("330203", many), kind=kind))) == found


@pytest.mark.parametrize(("usual", "found"), [(3.4, {}), (3.3, {"region:330203": 10})])
def test_many_where_so_many_are_usual_are_none(usual: float, found: dict[str, int]) -> None:
    """Three times what stands for itself on other days."""
    many = alarms(*stations("330203", 10))
    assert shown(groups(many, Around(usual={"330203": usual}))) == found
    share = alarms(*stations("330203", 30))
    assert shown(groups(share, Around(usual={"330203": 90.0}))) == {"region:330203": 30}


def test_what_is_left_of_an_outage_makes_no_other() -> None:
    """Twelve that stay away are twelve incidents; with ten others, the ten are one."""
    waiting = alarms(*stations("330203", 22))
    left = stations("330203", 12)
    assert groups(waiting[:12], Around(left=left)) == []
    (found,) = groups(waiting, Around(left=left[:12]), most_single=30)
    assert found.stations == 10


def test_the_widest_region_is_taken_that_is_concerned_as_a_whole() -> None:
    """Three counties of a city: the city. One of three: the county, although its ten stations are
    a third of the city's."""
    three = alarms(*stations("330106", 6), *stations("330108", 6), *stations("330110", 6))
    assert shown(groups(three)) == {"region:330100": 18}
    assert shown(groups(alarms(*stations("330106", 10)))) == {"region:330106": 10}


def test_two_counties_of_different_cities_are_two_outages() -> None:
    """The province is not what they have in common: too few of its stations."""
    both = alarms(*stations("330106", 8), *stations("330203", 30))
    assert shown(groups(both)) == {"region:330106": 8, "region:330203": 30}


def test_more_than_half_of_all_stations_are_the_platform_s_own_trouble() -> None:
    """65 of 130 are not; what is measured in the air never is."""
    half = [*stations("330203", 65)]
    assert shown(groups(alarms(*half))) == {"region:330203": 65}
    more = [*half, station("330106", 0)]
    assert shown(groups(alarms(*more))) == {"hub": 66}
    smog = alarms(*PLACES.stations("33"), kind="over_limit")
    assert shown(groups(smog)) == {"region:330000": 130}


def test_what_was_noticed_shortly_before_counts_with_the_rest() -> None:
    """An outage that spreads over minutes is recognised; those told before stay where they are."""
    before = [(mn, "330106") for mn in stations("330106", 3)]
    late = alarms(*stations("330106", 10)[3:6])
    (found,) = groups(late, Around(before))
    assert (found.place, len(found.alarms), found.stations) == ("region:330106", 3, 6)


def test_what_belongs_to_an_open_outage_joins_it() -> None:
    """The narrowest one, however few there are, as long as much of it lasts."""
    more = alarms(station("330106", 9), station("330108", 9), station("330203", 9))
    standing = {"region:330100": 9, "region:330106": 3}
    assert shown(groups(more, Around(standing=standing))) == {
        "region:330106": 1,
        "region:330100": 1,
    }
    assert shown(groups(more, Around(standing={"hub": 66}))) == {"hub": 3}


def test_what_fails_by_itself_where_an_outage_is_nearly_over_is_told_of() -> None:
    """Of a hundred stations 14 still last, half of a share no more; unless five more came of
    late."""
    one = alarms(station("330203", 99))
    standing = {"region:330203": 14}
    assert groups(one, Around(standing=standing)) == []
    recent = [(mn, "330203") for mn in stations("330203", 4)]
    assert shown(groups(one, Around(recent, standing))) == {"region:330203": 1}
    assert groups(one, Around(standing={"hub": 32})) == []


def test_many_that_belong_to_no_region_are_one_incident() -> None:
    """Twenty are still twenty, where so many are usual."""
    alike = [*stations("330203", 20)]
    often = Around(usual={"330203": 50.0})
    assert shown(groups(alarms(*alike), often)) == {}
    (found,) = groups(alarms(*alike, station("330106", 0)), often)
    assert (found.place, found.region, len(found.alarms)) == ("many", "330000", 21)


def test_stations_without_a_region_are_none_s_outage() -> None:
    """They are many, or the platform's."""
    lost = alarms(*(f"X{number}" for number in range(30)))
    assert shown(groups(lost)) == {"many": 30}
    assert [group.region for group in groups(lost)] == [""]


def test_what_is_no_station_stays_single() -> None:
    """A target of forwarding belongs to no region."""
    target = alarms("", kind="forward", subject="forward:city")
    assert groups(target) == []
    assert [(one.place, one.factor) for one in singles(target, "forward")] == [
        ("forward:city", "")
    ]


def test_factors_of_a_station_that_fail_together_are_one_trouble() -> None:
    """Those over their limits are each their own, as their cases are."""
    both = [*alarms("A", factor="a34004"), *alarms("A", factor="a34002"), *alarms("B", factor="x")]
    stuck = singles(both, "stuck")
    assert [(one.place, one.factor, len(one.alarms)) for one in stuck] == [
        ("mn:A", "", 2),
        ("mn:B", "x", 1),
    ]
    over = singles(both, "over_limit")
    assert [(one.place, one.factor) for one in over] == [
        ("mn:A", "a34004"),
        ("mn:A", "a34002"),
        ("mn:B", "x"),
    ]


def test_a_key_is_its_station_s() -> None:
    """That is where people look for it."""
    (found,) = singles(alarms("A", kind="key_age", subject="key:A"), "key_age")
    assert found.place == "mn:A"


def test_the_region_that_holds_all() -> None:
    """None of different provinces."""
    assert common(["330106", "330108"]) == "3301"
    assert common(["330106", "330100"]) == "3301"
    assert common(["330106", "320106"]) == ""
    assert common([]) == ""


@pytest.mark.parametrize("many", [1, 5, 29, 31, 131])
def test_no_alarm_is_lost_or_in_two_groups(many: int) -> None:
    """Whatever they come to."""
    every = [*PLACES.stations("33")[:many], "X1", "X2"]
    waiting = alarms(*every)
    found = [alarm.id for group in groups(waiting) for alarm in group.alarms]
    rest = [alarm for alarm in waiting if alarm.id not in found]
    found += [alarm.id for one in singles(rest, "offline") for alarm in one.alarms]
    assert sorted(found) == [alarm.id for alarm in waiting]
