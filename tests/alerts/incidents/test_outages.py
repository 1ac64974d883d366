"""Outages in numbers: of a region with 5,000 stations, and of a small network for a year."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

from stage import START, Stage, station

YEAR = timedelta(days=365)


def test_an_outage_of_5000_stations_is_a_handful_of_messages(stage: Stage) -> None:
    """Of 35,000 stations those of a city are gone within a minute, and back within five."""
    stage.places.regions = {
        f"33{city:02d}{one:02d}": 1000 for city in range(1, 8) for one in range(1, 6)
    }
    people = [stage.person(), stage.answers_for("region:330100")]
    stage.person("Zhao", regions=["330200"])
    mns = stage.places.stations("330100")
    assert len(mns) == 5000
    began: dict[str, Any] = {}
    pieces = [mns[start : start + 625] for start in range(0, 5000, 625)]
    for some in pieces:
        began |= dict.fromkeys(some, stage.silent(*some))
        stage.later(6).tick()
    stage.run(hours=2)
    (one,) = stage.incidents()
    assert (one.place, one.count, one.active, one.told) == ("region:330100", 5000, 5000, 5000)
    for some in pieces:
        stage.take(stage.signal(mn, "cleared", began=began[mn]) for mn in some)
        stage.later(35).tick()
    stage.run(minutes=30)
    assert stage.incident().state == "recovered"
    by_person = Counter(one.contact_id for one in stage.messages() if one.channel == "email")
    assert by_person == dict.fromkeys(people, 4)
    assert set(stage.steps()) == {"opened", "reminder:1", "reminder:2", "recovered"}


def test_a_year_of_a_small_network(stage: Stage) -> None:
    """200 stations with outages of their own and of their counties, a restart of the platform a
    week: one "opened" and one end of each, reminders by the hour, nothing left over."""
    chance = random.Random(212)
    stage.places.regions = {f"33010{one}": 40 for one in range(1, 6)}
    stage.person()
    mns = stage.places.stations("33")
    happenings: list[tuple[float, str, str, float]] = []
    for mn in mns:
        at = chance.uniform(0, 365)
        while at < 365:
            length = chance.choice([0.0004, 0.005, 0.01, 0.03, 0.2])
            happenings += [(at, "raised", mn, at), (at + length, "cleared", mn, at)]
            at += length + chance.expovariate(1 / 500)
    for _ in range(8):
        at, county = chance.uniform(0, 360), chance.choice(list(stage.places.regions))
        for number in range(40):
            mn = station(county, number)
            happenings += [(at, "raised", mn, -at), (at + 0.1, "cleared", mn, -at)]
    happenings += [(float(week * 7), "down", "", 0.0) for week in range(1, 52)]
    happenings.sort()
    for day, what, mn, name in happenings:
        at = START + timedelta(days=day)
        if what == "down":
            stage.later(hours=3)
            continue
        if at > stage.now:
            stage.until(at)
        stage.take([stage.signal(mn, what, began=began_of(name))])
    stage.until(max(stage.now, START + YEAR) + timedelta(days=40))
    check_year(stage, len(happenings))


def began_of(name: float) -> Any:
    """A moment that names an outage: those of counties a microsecond beside others."""
    return START + timedelta(days=abs(name), microseconds=1 if name < 0 else 0)


def check_year(stage: Stage, many: int) -> None:
    """What holds when all is over."""
    incidents = stage.incidents()
    assert {one.state for one in incidents} == {"closed"}
    assert len(incidents) < many / 2
    outages = [one for one in incidents if one.place.startswith("region:")]
    assert 5 <= len(outages) <= 9
    assert all(one.count >= 35 for one in outages)
    steps = Counter((one.about, one.step.partition(":")[0]) for one in stage.messages())
    for one in incidents:
        about = f"incident:{one.id}"
        if one.recovered_at is None:  # it went into the outage of its county
            assert stage.log(one)[-1] == "merged"
            assert steps[about, "recovered"] == one.flaps
            continue
        assert steps[about, "opened"] == (1 if one.told else 0)  # 0: over when first judged
        ends = 1 + one.flaps
        assert steps[about, "recovered"] == ends
        hours = (one.recovered_at - one.opened_at).total_seconds() / 3600
        assert steps[about, "reminder"] <= hours
    assert stage.next_at is None
    assert stage.registry.alarms.active() == []
