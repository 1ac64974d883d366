"""The rules of a new installation: whole, sourced, and quiet enough for a province."""

from __future__ import annotations

from typing import get_args

import pytest

from alerts.rules.book import checked, rules_in_force
from alerts.rules.defaults import default_rules
from alerts.rules.params import Offline, OverLimit, Stuck
from store.registry.alert_records import RuleKind, RuleRecord

BY_KEY = {one.key: one for one in default_rules()}


@pytest.mark.parametrize("record", default_rules(), ids=lambda record: record.key)
def test_each_rule_can_be_used_and_says_where_its_figures_come_from(record: RuleRecord) -> None:
    """A note names a standard and how sure it is, or says that the choice is ours."""
    checked(record)
    note = record.note
    assert note.endswith(".")
    assert any(word in note.lower() for word in ("ours", "hj ", "gb ", "registry", "requirement"))


def test_each_kind_has_a_rule() -> None:
    """Nothing that can be detected goes unnoticed on day one."""
    assert {one.kind for one in default_rules()} == set(get_args(RuleKind))
    assert len(BY_KEY) == len(default_rules())


def test_what_wakes_nobody_is_a_notice() -> None:
    """Subscriptions begin at warning, so notices stand in the pages alone: whatever is common in a
    fleet of 36,000, or known only the day after."""
    quiet = {"swing", "drift", "clock", "completeness", "bad-frames", "link-flapping", "limit-day"}
    quiet |= {"device-silent", "key-age", "limit-water", "swing-probes", "swing-oxygen"}
    assert {key for key, one in BY_KEY.items() if one.severity == "notice"} == quiet


def test_no_rule_of_the_product_opens_cases_by_itself() -> None:
    """Own limits suggest one; opening is switched on by somebody."""
    assert {one.case for one in default_rules()} == {"none", "suggest"}
    assert {key for key, one in BY_KEY.items() if one.case == "suggest"} == {
        "own-limit",
        "own-limit-day",
    }


def test_silence_is_told_after_fifteen_minutes_and_by_its_place() -> None:
    """Station, device and link are told apart; links alone are off."""
    scopes = {
        key: rule.params.scope
        for key, one in BY_KEY.items()
        if isinstance((rule := checked(one)).params, Offline)
    }
    assert scopes == {
        "offline": "station",
        "device-silent": "device",
        "link-flapping": "link",
        "link-gone": "link",
    }
    station = checked(BY_KEY["offline"]).params
    assert isinstance(station, Offline)
    assert station.after_s == 900
    assert [key for key, one in BY_KEY.items() if not one.on] == ["link-gone"]
    assert len(rules_in_force([])) == len(BY_KEY) - 1


def test_the_categories_of_the_aqi_are_one_rule_that_worsens() -> None:
    """A day that climbs from 4 to 6 is one incident of growing severity."""
    aqi = checked(BY_KEY["aqi"])
    assert isinstance(aqi.params, OverLimit)
    assert [aqi.params.severity_at(level) or aqi.severity for level in (4, 5, 6)] == [
        "warning",
        "severe",
        "critical",
    ]


@pytest.mark.parametrize(
    ("key", "factor", "hours"),
    [
        ("stuck", "a34004", 4),
        ("stuck", "a21026", 3),
        ("stuck", "a05024", 3),
        ("stuck", "a01001", 6),
        ("stuck", "a01006", 12),
        ("stuck", "Leq", 0.5),
        ("stuck", "w01018", 0),
        ("stuck-flue", "a21002", 2),
        ("stuck-water", "w01018", 36),
        ("stuck-water", "w01001", 12),
    ],
)
def test_how_long_a_value_may_stand_still_depends_on_the_factor(
    key: str, factor: str, hours: float
) -> None:
    """A beta gauge repeats itself for an hour, a water analyser for four, a sound level never."""
    params = checked(BY_KEY[key]).params
    assert isinstance(params, Stuck)
    assert params.after_for(factor) == hours * 3600


def test_rules_of_the_check_are_those_that_need_a_long_look() -> None:
    """All others are judged with each frame."""
    assert {key for key, one in BY_KEY.items() if one.way == "check"} == {
        "drift",
        "completeness",
        "key-age",
    }


def test_water_is_judged_by_days_and_days_are_told_again_by_days() -> None:
    """A class of surface water holds for a month: no hour of it wakes anybody."""
    of_water = {
        key
        for key, one in BY_KEY.items()
        if isinstance((rule := checked(one)).params, OverLimit)
        and rule.params.by == "national"
        and rule.concerns("MN", "", "w21011", "water")
    }
    assert of_water == {"limit-water"}
    for rule in map(checked, BY_KEY.values()):
        if isinstance(rule.params, OverLimit) and rule.params.period == "day":
            assert (rule.params.remind_every_s or 0) >= 86_400


@pytest.mark.parametrize(
    ("factor", "medium", "key"),
    [
        ("a34004", "air", "swing"),
        ("a34013", "flue", "swing"),
        ("w21003", "wastewater", "swing"),
        ("w01018", "water", "swing"),
        ("w01001", "water", "swing-probes"),
        ("w01014", "wastewater", "swing-probes"),
        ("a19001", "flue", "swing-oxygen"),
    ],
)
def test_swings_of_a_factor_are_told_by_one_rule(factor: str, medium: str, key: str) -> None:
    """A step of pH is a tenth of its level, one of ammonia half; nobody hears of it twice."""
    told_by = [
        one.key
        for one in map(checked, BY_KEY.values())
        if one.kind == "swing" and one.concerns("MN", "", factor, medium)
    ]
    assert told_by == [key]
