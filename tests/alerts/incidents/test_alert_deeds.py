"""alerts.incidents.deeds: from signals to incidents and messages, on a clock that tests turn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from stage import SECOND, START, Stage, changed, station

from alerts.incidents import deeds
from alerts.rules.book import rules_in_force
from store.registry.alert_records import MaintenanceRecord, RuleRecord

MN, OTHER = station("330106", 1), station("330203", 2)
COUNTY = [station("330106", number) for number in range(40)]


@pytest.mark.parametrize(("waited_s", "opened"), [(59, 0), (60, 1), (61, 1)])
def test_an_alarm_waits_for_others(stage: Stage, waited_s: float, opened: int) -> None:
    """For a minute, that moment included; the tick says when to come back."""
    stage.person()
    stage.silent(MN)
    assert stage.tick().next_at == START + timedelta(seconds=60)
    assert stage.later(waited_s).tick().opened == opened
    assert len(stage.messages()) == opened


def test_from_the_first_message_to_the_last(either: Stage) -> None:
    """Opened, a reminder each hour, recovered, closed; then nothing is left to look at."""
    person = either.person()
    began = either.silent(MN)
    either.run(hours=2, minutes=30)
    either.back(began, MN)
    either.run(minutes=5)
    assert either.steps(person) == ["opened", "reminder:1", "reminder:2", "recovered"]
    one = either.incident()
    assert (one.no, one.state, one.active, one.mn) == ("A20261121-0001", "recovered", 0, MN)
    assert one.recovered_at == began + timedelta(hours=2, minutes=32)
    either.run(days=1)
    assert either.incident().state == "closed"
    assert either.next_at is None
    assert either.log() == [
        "opened",
        "escalated",
        "reminded",
        "escalated",
        "reminded",
        "recovered",
        "closed",
    ]


def test_what_is_over_before_its_wait_opens_nothing(stage: Stage) -> None:
    """The alarm is kept; it waits no longer."""
    stage.person()
    began = stage.silent(MN)
    stage.later(30).back(began, MN)
    stage.run(minutes=5)
    assert stage.incidents() == stage.messages() == []
    (alarm,) = stage.registry.alarms.find()
    assert (alarm.incident_id, alarm.ended) == (0, began + timedelta(seconds=30))


def test_what_was_wrong_for_long_is_told_though_it_is_over(stage: Stage) -> None:
    """The platform was down and judges what came meanwhile: one message, not two."""
    stage.person()
    began = START - timedelta(hours=3)
    stage.silent(MN, began=began, at=began)
    stage.back(began, MN, at=START - timedelta(hours=1))
    stage.run(minutes=10)
    assert stage.steps() == ["recovered"]


@pytest.mark.parametrize(("after_s", "steps"), [(119, 1), (120, 2), (121, 2)])
def test_what_is_over_must_stay_so(stage: Stage, after_s: float, steps: int) -> None:
    """Two minutes, that moment included."""
    stage.person()
    began = stage.silent(MN)
    stage.run(minutes=10)
    stage.back(began, MN)
    stage.later(after_s).tick()
    assert len(stage.steps()) == steps


def test_back_within_its_hold_is_nothing_new(stage: Stage) -> None:
    """It has not recovered; only the log has a line."""
    stage.person()
    began = stage.silent(MN)
    stage.run(minutes=10)
    stage.back(began, MN)
    stage.later(30).silent(MN)
    stage.run(minutes=20)
    one = stage.incident()
    assert (one.state, one.count, one.active) == ("open", 2, 1)
    assert stage.steps() == ["opened"]


def outages(stage: Stage, times: int, gap_s: float) -> None:
    """Silent for five minutes each time, then back."""
    for _ in range(times):
        began = stage.silent(MN)
        stage.run(minutes=5)
        stage.back(began, MN)
        stage.run(gap_s)


def test_what_comes_back_is_the_same_incident_then_flaps_then_is_calm(stage: Stage) -> None:
    """However often: eight messages, the last when it was calm for half an hour."""
    stage.person()
    outages(stage, 12, gap_s=600)
    assert stage.steps() == [
        "opened",
        "recovered",
        "reopened:1",
        "recovered:1",
        "reopened:2",
        "recovered:2",
        "flapping:3",
    ]
    stage.run(minutes=25)
    assert stage.steps()[-1] == "recovered:3"
    assert len(stage.incidents()) == 1


@pytest.mark.parametrize(("gap_s", "incidents"), [(1799, 1), (1801, 2)])
def test_back_after_half_an_hour_is_a_new_incident(
    stage: Stage, gap_s: float, incidents: int
) -> None:
    """Counted from its recovery; a wait of a minute comes on top."""
    outages(stage, 1, gap_s=120 + gap_s - 60)
    stage.silent(MN)
    stage.run(minutes=5)
    assert len(stage.incidents()) == incidents


def test_what_flapped_and_stays_away_is_reminded_of_again(stage: Stage) -> None:
    """Calm means no change, not that it is back."""
    stage.person()
    outages(stage, 4, gap_s=600)
    stage.silent(MN)
    stage.run(hours=4)
    assert stage.steps()[6] == "flapping:3"
    assert [step.partition(":")[0] for step in stage.steps()[7:]] == ["reminder", "reminder"]
    assert not stage.incident().flapping


def test_an_outage_of_a_region_is_one_incident(either: Stage) -> None:
    """40 stations, one message a person; back are all but two, which stand for themselves."""
    person = either.person(regions=["330100"])
    nobody = either.person("Zhao", regions=["330200"])
    began = either.silent(*COUNTY)
    either.run(minutes=5)
    assert [(one.place, one.count, one.told) for one in either.incidents()] == [
        ("region:330106", 40, 40)
    ]
    assert either.steps() == ["opened"]
    either.back(began, *COUNTY[:37])
    either.run(minutes=10)
    assert either.incident().state == "open"
    either.back(began, COUNTY[37])
    either.run(minutes=10)
    assert [(one.place, one.state, one.active) for one in either.incidents()] == [
        ("region:330106", "recovered", 0),
        (f"mn:{COUNTY[38]}", "open", 1),
        (f"mn:{COUNTY[39]}", "open", 1),
    ]
    assert either.steps(person) == ["opened", "recovered", "opened", "opened"]
    assert either.steps(nobody) == []


def test_stations_that_fall_silent_later_join_the_outage(stage: Stage) -> None:
    """As soon as it is one: a third of the stations. Told again only when it has doubled."""
    stage.person()
    for number in range(40):
        stage.silent(COUNTY[number])
        stage.run(20)
        assert len(stage.incidents()) <= 12
    stage.run(minutes=3)
    group = next(one for one in stage.incidents() if one.place == "region:330106")
    singles = len(stage.incidents()) - 1
    assert group.count == 40 - singles
    grown = [step for step in stage.steps() if step.startswith("grown")]
    assert len(grown) <= 3
    assert len(stage.messages()) <= singles + 1 + len(grown)


def test_many_single_alarms_are_one_incident(stage: Stage) -> None:
    """A few of each province: no region explains them."""
    stage.person()
    stage.places.regions = {f"{number}0101": 100 for number in range(11, 41)}
    stage.silent(*(station(region, 1) for region in stage.places.regions))
    stage.run(minutes=5)
    assert [(one.place, one.count, one.region) for one in stage.incidents()] == [("many", 30, "")]
    assert stage.steps() == ["opened"]


def test_most_stations_at_once_are_the_platform_s_own(stage: Stage) -> None:
    """Whoever subscribed to any of them is told, once."""
    people = [stage.person(), stage.person("Zhao", regions=["330108"])]
    stage.silent(*stage.places.stations("33")[:61])
    stage.run(minutes=5)
    assert [one.place for one in stage.incidents()] == ["hub"]
    assert [stage.steps(one) for one in people] == [["opened"], ["opened"]]


def test_what_lasts_for_days_does_not_make_each_new_alarm_an_outage(stage: Stage) -> None:
    """Stations that are gone for good count no more."""
    for number in range(16):
        stage.silent(COUNTY[number])
        stage.run(minutes=20)
    assert len(stage.incidents()) == 16
    assert {one.place[:3] for one in stage.incidents()} == {"mn:"}


def test_several_factors_of_a_station_are_one_incident(stage: Stage) -> None:
    """An analyser that is off takes three factors with it; later ones join."""
    stage.person(severity="notice")
    for factor in ("a21002", "a21003", "a21004"):
        stage.silent(MN, rule="device-silent", factor=factor)
    stage.run(minutes=5)
    stage.silent(MN, rule="device-silent", factor="a21005")
    stage.run(minutes=5)
    one = stage.incident()
    assert (one.place, one.factor, one.count) == (f"mn:{MN}", "", 4)
    assert stage.steps() == ["opened"]


def over(stage: Stage, what: str, value: float, severity: str = "", **more: Any) -> Any:
    """A signal on an AQI."""
    given = {"rule": "aqi", "kind": "over_limit", "value": value, "limit": 150.0}
    return stage.signal(MN, what, **(given | {"severity": severity, "began": START} | more))


def test_what_becomes_worse_is_told_once_a_severity(stage: Stage) -> None:
    """Up, down and up again: people know; the value is the last."""
    calm, only_severe = stage.person(), stage.person("Zhao", severity="severe")
    stage.take([over(stage, "raised", 160)])
    stage.run(minutes=5)
    for value, severity in ((220, "severe"), (180, "warning"), (230, "severe"), (310, "critical")):
        stage.later(3600).take([over(stage, "changed", value, severity)])
    worse = [step for step in stage.steps(calm) if step.startswith("worse")]
    assert worse == ["worse:2", "worse:3"]
    assert stage.steps(only_severe)[:2] == ["worse:2", "worse:3"]
    assert (stage.incident().severity, stage.incident().value) == ("critical", 310)


def test_a_change_before_anybody_was_told_is_told_with_the_opening(stage: Stage) -> None:
    """The alarm waits with its new severity."""
    stage.person()
    stage.take([over(stage, "raised", 160)])
    stage.take([over(stage, "changed", 310, "critical")])
    stage.run(minutes=5)
    assert stage.steps() == ["opened"]
    assert stage.messages()[0].severity == "critical"


def test_after_five_hours_without_the_platform_there_is_one_reminder(stage: Stage) -> None:
    """And one escalation, to operator and chief at once; nobody gets both."""
    owner = stage.answers_for(f"mn:{MN}")
    operator = stage.answers_for("region:330100", "operator", "Zhao")
    stage.silent(MN)
    stage.later(60).tick()
    stage.later(hours=5).tick()
    assert set(stage.steps(owner)) == {"opened", "reminder:5"}
    assert set(stage.steps(operator)) == {"escalated:2"}
    stage.run(minutes=50)
    assert len(stage.steps(owner)) == 4  # in the pages and by e-mail


@pytest.mark.parametrize("hours", [-5, -1, 5, 24 * 30])
def test_a_clock_that_jumps_repeats_nothing(stage: Stage, hours: int) -> None:
    """Nor does it send a flood: what is due is told once."""
    stage.person()
    stage.silent(MN)
    stage.run(hours=2)
    before = stage.steps()
    stage.later(hours=hours)
    for _ in range(5):
        stage.later(1).tick()
    more = stage.steps()[len(before) :]
    assert len(more) <= 1
    assert len(set(stage.steps())) == len(stage.steps())


def test_alarms_are_not_lost_when_the_clock_is_set_back(stage: Stage) -> None:
    """Those that waited then, and those that come after."""
    stage.person()
    stage.silent(MN)
    stage.later(hours=-3).tick()
    stage.silent(OTHER)
    stage.run(minutes=5)
    assert {one.mn for one in stage.incidents()} == {MN, OTHER}


def test_after_a_clock_of_ten_years_ahead_reminders_go_on(stage: Stage) -> None:
    """`settle_rules`, at the start of the hub, brings them back."""
    stage.person()
    stage.later(days=3650)
    stage.silent(MN)
    stage.run(hours=2, minutes=10)
    stage.later(days=-3650)
    deeds.settle_rules(stage.registry, stage.terms)
    stage.run(hours=2, minutes=10)
    assert stage.steps() == ["opened", "reminder:1", "reminder:2", "reminder:3", "reminder:4"]


def window(**more: Any) -> MaintenanceRecord:
    """Ten minutes from START on."""
    given = {"mns": [MN], "start": START, "end": START + timedelta(minutes=10)}
    return MaintenanceRecord(**(given | more))


def test_what_begins_and_ends_while_it_is_maintained_is_no_incident(stage: Stage) -> None:
    """Others are not concerned."""
    stage.registry.maintenance.add(window(), "test")
    began = stage.silent(MN, OTHER)
    stage.run(minutes=8)
    stage.back(began, MN)
    stage.run(minutes=30)
    assert [one.mn for one in stage.incidents()] == [OTHER]


@pytest.mark.parametrize(("at_s", "opened"), [(599, 0), (600, 1)])
def test_what_outlives_its_window_opens_then(stage: Stage, at_s: float, opened: int) -> None:
    """At its end, not a second before."""
    stage.registry.maintenance.add(window(), "test")
    stage.silent(MN)
    assert stage.later(120).tick().next_at == START + timedelta(minutes=10)
    stage.now = START + at_s * SECOND
    assert stage.tick().opened == opened


def test_what_is_maintained_is_not_reminded_of(stage: Stage) -> None:
    """It opened before; the window is each day from 11:30 to 13:30 in Beijing."""
    stage.person()
    start = START + timedelta(minutes=90)
    daily = window(start=start, end=start + timedelta(hours=2), every="day")
    stage.registry.maintenance.add(daily, "test")
    stage.silent(MN)
    stage.run(hours=5)
    assert stage.steps() == ["opened", "reminder:1", "reminder:3", "reminder:4"]


def test_alarms_of_a_rule_that_is_switched_off_end(stage: Stage) -> None:
    """With that reason, at once; switched on again the same alarm is raised again."""
    stage.person()
    began = stage.silent(MN)
    stage.run(minutes=5)
    stage.silent(OTHER)  # waits
    off = [RuleRecord(key="offline", kind="offline", on=False)]
    stage.rules = {rule.key: rule for rule in rules_in_force(off)}
    assert deeds.settle_rules(stage.registry, stage.terms).ended == 2
    assert stage.incident().state == "recovered"
    assert stage.steps() == ["opened", "recovered"]
    assert "no longer in force" in stage.messages()[-1].text
    stage.silent(MN, began=began)
    assert stage.run(minutes=5).steps() == ["opened", "recovered"]
    stage.rules = {rule.key: rule for rule in rules_in_force([])}
    stage.silent(MN, began=began)
    stage.run(minutes=5)
    assert stage.steps() == ["opened", "recovered", "reopened:1"]


def test_a_rule_that_is_gone_is_noticed_by_the_clock_too(stage: Stage) -> None:
    """Whoever forgot to say so: at the next step that would be due."""
    stage.person()
    stage.silent(MN)
    stage.run(minutes=5)
    stage.rules = {}
    stage.run(hours=1)
    assert stage.steps() == ["opened", "recovered"]


def test_a_personal_rule_tells_its_owner_alone(stage: Stage) -> None:
    """Its incident is one of its own beside everybody's."""
    everybody, me = stage.person(), stage.person("me", topics=["ranking"])
    mine = RuleRecord(key="mine", kind="offline", owner=me, mns=[MN])
    stage.rules = {rule.key: rule for rule in rules_in_force([mine])}
    stage.silent(MN, rule="mine")
    stage.run(minutes=5)
    assert stage.steps(everybody) == []
    assert set(stage.steps(me)) == {"opened"}


def test_signals_told_again_change_nothing(either: Stage) -> None:
    """The journal is judged again after a kill, in whatever pieces."""
    either.person()
    signals = [either.signal(mn, "raised") for mn in COUNTY]
    signals += [either.signal(mn, "cleared", at=START + 90 * SECOND) for mn in COUNTY[:39]]
    either.take(signals[:40])
    either.later(60).tick()
    either.take(signals[40:])
    for piece in (signals[:10], signals[5:45], signals):
        taken = either.take(piece)
        assert (taken.raised, taken.ended) == (0, 0)
    assert either.incident().active == 1
    either.run(minutes=10)
    assert either.steps() == ["opened", "recovered", "opened"]


def test_a_rule_that_waits_for_nobody_opens_at_once(stage: Stage) -> None:
    """A full disk is told by the next tick."""
    stage.person()
    stage.take([stage.signal("", "raised", rule="disk", kind="disk")])
    assert stage.tick().opened == 1
    assert (stage.incident().place, stage.incident().severity) == ("hub", "severe")


def test_cases_are_asked_for_with_each_happening(stage: Stage) -> None:
    """The hook's number stays with the incident."""
    happened: list[str] = []

    def hook(_: Any, happening: str, *__: Any) -> str:
        happened.append(happening)
        return "HJ1"

    stage.on_case = hook
    began = stage.silent(MN)
    stage.run(minutes=5)
    stage.back(began, MN)
    stage.run(minutes=5)
    stage.silent(MN)
    stage.run(minutes=5)
    stage.later(0).silent(MN, began=stage.now - 30 * SECOND)
    stage.run(minutes=5)
    assert happened == ["opened", "recovered", "reopened", "joined"]
    assert stage.incident().case_no == "HJ1"


def test_reminders_of_a_week_grow_sparse(stage: Stage) -> None:
    """Each hour for three days, then each day, where it is set so."""
    stage.person()
    changed(stage, most_reminders=72)
    stage.silent(MN)
    stage.run(days=7)
    assert stage.steps().count("opened") == 1
    assert len(stage.steps()) == 1 + 72 + 3
    changed(stage, most_reminders=0)
    stage.run(hours=5)
    assert len(stage.steps()) == 1 + 72 + 3 + 5


def test_a_rule_says_itself_how_often_it_is_told_again(stage: Stage) -> None:
    """A clock that is off is no news each hour."""
    stage.person(severity="notice")
    stage.take([stage.signal(MN, "raised", rule="clock", kind="clock")])
    stage.run(days=2, minutes=5)
    assert stage.steps() == ["opened", "reminder:1", "reminder:2"]


def test_other_settings_hold_for_what_lasts_already(stage: Stage) -> None:
    """Who shortens reminders does not wait for the one that was due by then."""
    owner = stage.answers_for(f"mn:{MN}")
    stage.silent(MN)
    stage.run(minutes=5)
    changed(stage, remind_every_s=120)
    deeds.settle_rules(stage.registry, stage.terms)
    stage.run(minutes=4)
    reminders = [step for step in stage.steps(owner) if step.startswith("reminder")]
    assert reminders[0] == "reminder:2"
    steps = len(stage.steps(owner))
    changed(stage, remind_every_s=3600)
    deeds.settle_rules(stage.registry, stage.terms)
    stage.run(minutes=30)
    assert len(stage.steps(owner)) == steps


def warning(stage: Stage, what: Any) -> Any:
    """A signal of the forecast of one day, whatever the clock says."""
    return stage.signal(
        "",
        what,
        rule="heavy-pollution",
        kind="heavy_pollution",
        subject="region:330100",
        began=START,
        at=START if what == "raised" else stage.now,
    )


def test_what_late_data_cleared_and_the_same_forecast_raises_lasts_again(stage: Stage) -> None:
    """It has the same name: it is the same incident, back."""
    stage.person()
    for what in ("raised", "cleared", "raised"):
        stage.take([warning(stage, what)])
        stage.run(minutes=10)
    one = stage.incident()
    assert (one.state, one.active) == ("open", 1)
    assert stage.steps() == ["opened", "recovered", "reopened:1"]
    assert stage.registry.alarms.count(one.id) == (1, 1)


def test_an_end_that_is_taken_back_at_once_is_none(stage: Stage) -> None:
    """Cleared and raised in one piece: it lasts, and nobody is told."""
    stage.person()
    stage.take([warning(stage, "raised")])
    stage.run(minutes=10)
    stage.take([warning(stage, "cleared"), warning(stage, "raised")])
    stage.run(minutes=10)
    assert stage.incident().active == 1
    assert stage.steps() == ["opened"]


def test_what_is_judged_from_the_journal_again_does_not_last_again(stage: Stage) -> None:
    """The platform sees it later than it ended: the signal itself is not later."""
    stage.person()
    began = stage.silent(MN)
    stage.run(minutes=10)
    stage.back(began, MN)
    stage.run(minutes=10)
    stage.take([stage.signal(MN, "raised", began=began, at=began)])
    stage.run(minutes=10)
    assert stage.incident().state == "recovered"
    assert stage.registry.alarms.active() == []
