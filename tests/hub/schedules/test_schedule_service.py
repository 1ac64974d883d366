"""Exactly once, whatever is restarted when: at 8:29 and 8:31, over a year, on a clock set back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from schedules_rig import DAY, HOUR, Stage, beijing

from alerts.schedules.settings import SchedulesSettings
from store.registry.alert_records import PlanRecord

TODAY = "2026-11-21"
YESTERDAY = "2026-11-20"


@pytest.mark.parametrize(
    "moments",
    [
        ("08:29", "08:31"),
        ("08:29:59.999999", "08:30", "08:30:00.000001"),
        ("08:30:00", "08:30:30", "08:31"),
        ("11:59:59",),
        ("08:31", "12:00", "12:30"),
    ],
)
def test_restarts_around_the_time(stage: Stage, moments: tuple[str, ...]) -> None:
    """Each moment is a start; one message comes of it."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    for clock in moments:
        stage.now = beijing(f"{TODAY}T{clock}")
        stage.restart()
        stage.look()
    assert [one.step for one in stage.told()] == ["sent"]
    (run,) = stage.registry.runs.of("ranking", beijing(YESTERDAY))
    assert (run.period, run.messages, run.note) == (YESTERDAY, 1, "version 1")


def test_a_clock_that_is_set_back(stage: Stage) -> None:
    """An hour or a day: what was told stays told, and what is due is told."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish("2026-11-19")
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T09:00")
    stage.restart()
    stage.look(f"{TODAY}T08:00")
    stage.look(f"{TODAY}T08:31")
    assert len(stage.told()) == 1
    stage.look(f"{YESTERDAY}T09:00")
    stage.look(f"{TODAY}T09:00")
    abouts = [one.about for one in stage.told()]
    assert abouts == [f"ranking:{YESTERDAY}", "ranking:2026-11-19"]


def test_a_clock_that_was_ahead(stage: Stage) -> None:
    """Said to be missing a day too early, it is told all the same when it is there."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    stage.look("2026-11-22T12:00")
    assert [(one.about, one.step) for one in stage.told()] == [(f"ranking:{TODAY}", "missing")]
    stage.look(f"{TODAY}T08:30")
    stage.publish(TODAY)
    stage.look("2026-11-22T08:30")
    assert [(one.about, one.step) for one in stage.told()][1:] == [
        (f"ranking:{YESTERDAY}", "sent"),
        (f"ranking:{TODAY}", "sent"),
    ]


def test_a_whole_year(stage: Stage) -> None:
    """2028 with its leap day and both ends, a start of the hub each day at another bad moment:
    one message a person a day of each kind."""
    li, ann = stage.person("Li"), stage.person("Ann", "en")
    stage.subscribe(li, "ranking", "summary", summary_every="day")
    stage.subscribe(ann, "ranking")
    plan = PlanRecord(title="P", contact_ids=[ann], review_days=1, severity="warning")
    stage.now = beijing("2027-12-29T12:00")
    code = stage.registry.plans.put(plan, "t").code
    days = [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
    clocks = ("08:29", "08:30", "08:31", "09:00", "11:59:59")
    for number, day in enumerate(days):
        stage.now = beijing(f"{day}T08:15")
        stage.closed = beijing(f"{day}T08:00")
        stage.publish(str(day - timedelta(days=1)))
        for place, clock in enumerate(clocks):
            stage.now = beijing(f"{day}T{clock}")
            if place == number % len(clocks):
                stage.restart()
            stage.look()
    yesterdays = {str(day - timedelta(days=1)) for day in days}
    assert {"2027-12-31", "2028-02-28", "2028-02-29", "2028-12-30"} <= yesterdays
    expected = {(f"ranking:{day}", who, "email") for day in yesterdays for who in (li, ann)}
    expected |= {(f"summary:day:{day}", li, "email") for day in yesterdays}
    counts = stage.counts()
    reviews = {key: counts.pop(key) for key in list(counts) if key[0].startswith("plan:")}
    assert set(counts) == expected
    assert set(counts.values()) == {1}
    for schedule in ("ranking", "summary:day", "plans"):
        assert len(stage.registry.runs.of(schedule, beijing("2027-12-01"))) == 366
    # Overdue since the end of 2027, told each week by both of her ways.
    assert set(reviews) == {(f"plan:{code}", ann, way) for way in ("app", "email")}
    assert set(reviews.values()) == {53}


def test_hours_over_the_ends_of_a_month_and_a_year(stage: Stage) -> None:
    """Every hour, six and twelve hours once, with a start of the hub in each."""
    li = stage.person("Li")
    for every in ("hour", "6h", "12h"):
        stage.subscribe(li, "summary", summary_every=every)
    for begin in ("2028-02-28T12:00", "2028-12-31T12:00"):
        start = beijing(begin)
        for number in range(36):
            stage.closed = start + number * HOUR
            for minute in (11, 12, 13, 59):
                stage.now = stage.closed + timedelta(minutes=minute)
                if minute == 11 + number % 3:
                    stage.restart()
                stage.look()
    counts = stage.counts("summary:")
    assert set(counts.values()) == {1}
    kinds = [about.split(":")[1] for about, _, _ in counts]
    assert {one: kinds.count(one) for one in kinds} == {"hour": 72, "6h": 12, "12h": 6}
    assert ("summary:hour:2028-02-29T00", li, "email") in counts
    assert ("summary:12h:2028-12-31T12", li, "email") in counts


def test_registry_that_is_away(stage: Stage) -> None:
    """It is said, and tried again at the next look; the other schedules have theirs."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    stage.away = "the registry is away"
    stage.look(f"{TODAY}T08:30")
    assert stage.service.status()["error"] == "the registry is away"
    assert stage.service.status()["faults_total"] == 0
    stage.away = ""
    stage.look(f"{TODAY}T08:31")
    assert len(stage.told()) == 1
    assert stage.service.status()["error"] == ""


def test_what_the_calendar_is_asked(stage: Stage) -> None:
    """A look each minute, warnings at their time; off nothing, and on again at once."""
    assert {name: cron for name, (_, cron) in stage.times.jobs.items()} == {
        "schedules": {"minute": "*"},
        "warnings": {"hour": "18", "minute": "00"},
    }
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    stage.restart(on=False)
    stage.look(f"{TODAY}T08:30")
    assert stage.told() == []
    stage.service.configure(SchedulesSettings(warning_at="07:05"))
    assert stage.times.jobs["warnings"][1] == {"hour": "07", "minute": "05"}
    assert len(stage.told()) == 1
    assert stage.woken == 1
    stage.times.jobs["warnings"][0]()
    assert stage.woken == 2


def test_nothing_is_caught_up_with_for_ever(stage: Stage) -> None:
    """After three days only yesterday's is told."""
    stage.subscribe(stage.person("Li"), "ranking", "summary", summary_every="day")
    for day in ("2026-11-18", "2026-11-19", YESTERDAY):
        stage.publish(day)
    stage.closed = beijing(TODAY) + 8 * HOUR
    stage.now = beijing(TODAY) + 9 * HOUR
    stage.restart()
    assert {one.about for one in stage.told()} == {
        f"ranking:{YESTERDAY}",
        f"summary:day:{YESTERDAY}",
    }
    assert stage.told()[0].expires_at == beijing(TODAY) + DAY
