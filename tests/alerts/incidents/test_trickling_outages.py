"""Outages whose stations are missed one by one, as slowly as they report, are one incident."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from stage import SECOND, Stage, station

from alerts.incidents import deeds
from store.registry.alert_records import MaintenanceRecord

CITY = {f"3301{one:02d}": 100 for one in range(1, 7)}
OTHERS = {f"33{city:02d}{one:02d}": 1000 for city in range(2, 8) for one in range(1, 6)}
NETWORK = CITY | OTHERS
Began = dict[str, datetime]


def trickle(stage: Stage, mns: list[str], spread_s: float, what: Any, began: Began) -> None:
    """One after another within a time, the clock ticking each five seconds."""
    chance = random.Random(212)
    start, coming = stage.now, sorted((chance.uniform(0, spread_s), mn) for mn in mns)
    while coming:
        stage.later(5)
        gone_s = (stage.now - start).total_seconds()
        now = [mn for at, mn in coming if at <= gone_s]
        coming = coming[len(now) :]
        if what == "raised":
            began.update((mn, stage.now + index * SECOND / 1e6) for index, mn in enumerate(now))
        stage.take(stage.signal(mn, what, began=began[mn]) for mn in now)
        stage.tick()


def letters(stage: Stage, contact: int) -> list[str]:
    """Steps that somebody was told by e-mail."""
    found = stage.messages()
    return [one.step for one in found if (one.contact_id, one.channel) == (contact, "email")]


def lasting(stage: Stage) -> list[str]:
    """Places of what is not over."""
    return [one.place for one in stage.incidents() if one.state not in ("recovered", "closed")]


@pytest.mark.parametrize(
    ("many", "spread_s", "most_before"),
    [(40, 300, 0), (40, 900, 8), (300, 900, 0), (40, 3600, 10)],
)
def test_an_outage_that_trickles_in_is_one_incident(
    stage: Stage, many: int, spread_s: float, most_before: int
) -> None:
    """Some singles before it is seen go into it; it is over once, though stations come back over
    twenty minutes. Each person is told a handful of times."""
    stage.places.regions = NETWORK
    person, answers = stage.person(), stage.answers_for("region:330100")
    mns = random.Random(1).sample(stage.places.stations("330100"), many)
    began: Began = {}
    trickle(stage, mns, spread_s, "raised", began)
    stage.run(minutes=10)
    assert lasting(stage) == ["region:330100"]
    (one,) = stage.registry.incidents.list(states=("open",))
    assert (one.count, one.active) == (many, many)
    merged = [one for one in stage.incidents() if one.state == "closed"]
    assert len(merged) <= most_before
    trickle(stage, mns, 1200, "cleared", began)
    stage.run(minutes=10)
    assert lasting(stage) == []
    for contact in (person, answers):
        steps = Counter(step.partition(":")[0] for step in letters(stage, contact))
        assert steps["opened"] == 1 + len(merged)
        assert steps["recovered"] == 1
        assert steps["grown"] <= 5


def first_singles(stage: Stage, mns: list[str], began: Began) -> None:
    """Those of a county that are told one by one, 100 seconds apart."""
    for mn in mns:
        began[mn] = stage.silent(mn)
        stage.run(100)


COUNTY = [station("330101", number) for number in range(100)]


def test_what_goes_into_an_outage_says_so_and_is_told_of_no_more(stage: Stage) -> None:
    """In both logs; its owner hears once of the outage and once that it is over."""
    stage.places.regions = NETWORK
    person, owner = stage.person(), stage.answers_for(f"mn:{COUNTY[0]}")
    began: Began = {}
    first_singles(stage, COUNTY[:2], began)
    assert letters(stage, owner) == ["opened"]
    began |= dict.fromkeys(COUNTY[2:12], stage.silent(*COUNTY[2:12]))
    stage.run(minutes=2)
    single, _, group = stage.incidents()
    assert (single.state, single.active, group.place) == ("closed", 0, "region:330101")
    assert stage.log(single)[-1] == "merged"
    assert stage.registry.incidents.entries(single.id)[-1].text == f"into {group.no}"
    assert stage.log(group).count("merged") == 2
    assert stage.registry.alarms.count(single.id) == (0, 0)
    assert stage.registry.alarms.count(group.id) == (group.count, group.active) == (12, 12)
    stage.run(hours=3)
    stage.take(stage.signal(mn, "cleared", began=at) for mn, at in began.items())
    stage.run(minutes=5)
    assert letters(stage, owner) == ["opened", "opened", "recovered"]
    told = Counter(one.about for one in stage.messages() if one.contact_id == person)
    assert told[f"incident:{single.id}"] == 1


def test_what_waits_of_a_merged_incident_is_not_sent(stage: Stage) -> None:
    """The message of the outage takes its place."""
    stage.places.regions = NETWORK
    stage.person()
    first_singles(stage, COUNTY[:1], {})
    stage.silent(*COUNTY[1:11])
    stage.run(minutes=2)
    assert [(one.step, one.state) for one in stage.messages()] == [
        ("opened", "withheld"),
        ("opened", "waiting"),
    ]


def test_who_no_longer_wants_to_hear_of_a_station_does_not_hear_of_its_outage(
    stage: Stage,
) -> None:
    """Nor that it is over."""
    stage.places.regions = NETWORK
    owner = stage.person(mns=[COUNTY[0]])
    first_singles(stage, COUNTY[:1], {})
    assert letters(stage, owner) == ["opened"]
    (wanted,) = stage.registry.subscriptions.of(owner)
    stage.registry.subscriptions.remove(wanted.id, "test")
    stage.silent(*COUNTY[1:11])
    stage.run(minutes=2)
    assert letters(stage, owner) == ["opened"]


def test_what_somebody_has_in_hand_stays_by_itself(stage: Stage) -> None:
    """Acknowledged or silenced: a person decided."""
    stage.places.regions = NETWORK
    first_singles(stage, COUNTY[:2], {})
    first, second = stage.incidents()
    deeds.acknowledge(stage.registry, first.no, "li", "", stage.terms)
    until = stage.now + timedelta(days=1)
    deeds.silence(stage.registry, second.no, "li", "", stage.terms, until)
    stage.silent(*COUNTY[2:12])
    stage.run(minutes=2)
    assert [one.state for one in stage.incidents()] == ["acknowledged", "silenced", "open"]


def test_outages_of_two_counties_go_into_that_of_their_city(stage: Stage) -> None:
    """As it spreads; the city's is over once."""
    stage.places.regions = NETWORK
    person = stage.person()
    began: Began = {}
    for county in ("330101", "330102", "330103", "330104"):
        gone = stage.places.stations(county)[:60]
        began |= dict.fromkeys(gone, stage.silent(*gone))
        stage.run(minutes=3)
    assert lasting(stage) == ["region:330100"]
    (one,) = stage.registry.incidents.list(states=("open",))
    assert (one.count, one.active) == (240, 240)
    stage.take(stage.signal(mn, "cleared", began=at) for mn, at in began.items())
    stage.run(minutes=5)
    steps = letters(stage, person)
    assert steps.count("recovered") == 1
    assert len(steps) <= 6


def test_a_second_outage_an_hour_later_is_another(stage: Stage) -> None:
    """The first is not usual; and what stayed away of it stands for itself."""
    stage.places.regions = NETWORK
    for _ in range(2):
        began = stage.silent(*COUNTY[:40])
        stage.run(minutes=10)
        stage.back(began, *COUNTY[:39])
        stage.run(minutes=70)
        stage.back(began, COUNTY[39])
        stage.run(minutes=5)
    places = [one.place for one in stage.incidents()]
    assert places == ["region:330101", f"mn:{COUNTY[39]}"] * 2


def test_what_is_left_of_an_outage_is_no_outage_again(stage: Stage) -> None:
    """Twelve of 300 stay away: twelve incidents, each for its owner."""
    stage.places.regions = NETWORK
    mns = random.Random(1).sample(stage.places.stations("330100"), 300)
    began = stage.silent(*mns)
    stage.run(minutes=10)
    stage.back(began, *mns[12:])
    stage.run(minutes=10)
    assert [one.state for one in stage.incidents()] == ["recovered"] + ["open"] * 12
    assert all(one.place.startswith("mn:") for one in stage.incidents()[1:])


def test_what_is_being_maintained_makes_no_outage_of_others(stage: Stage) -> None:
    """Forty stations of a county in a window and one beside: one incident, of that one."""
    stage.places.regions = NETWORK
    stage.registry.maintenance.add(
        MaintenanceRecord(mns=COUNTY[:40], start=stage.now, end=stage.now + timedelta(hours=2)),
        "li",
    )
    stage.silent(*COUNTY[:41])
    stage.run(hours=1)
    assert [one.place for one in stage.incidents()] == [f"mn:{COUNTY[40]}"]
    stage.run(hours=1, minutes=5)
    assert [one.place for one in stage.incidents()][1:] == ["region:330101"]


def test_a_region_of_three_stations_has_no_outage(stage: Stage) -> None:
    """They are three; with those of its neighbours they are the city's."""
    stage.places.regions = {"330101": 3, "330102": 3, "330103": 3, **OTHERS}
    stage.silent(*stage.places.stations("330101"))
    stage.run(minutes=2)
    assert Counter(lasting(stage)) == Counter(f"mn:{mn}" for mn in stage.places.stations("330101"))
    stage.silent(*stage.places.stations("330102"))
    stage.run(minutes=2)
    assert lasting(stage) == ["region:330100"]


def test_who_fails_by_himself_is_told_of_within_a_minute(stage: Stage) -> None:
    """Also where a group stands that has not spread for long, and where ten a day are usual."""
    stage.places.regions = NETWORK
    stage.silent(*COUNTY[:12])
    stage.run(hours=1)
    owner = stage.answers_for(f"mn:{COUNTY[50]}")
    stage.silent(COUNTY[50])
    stage.run(60)
    assert letters(stage, owner) == ["opened"]
