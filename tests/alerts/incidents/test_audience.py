"""alerts.incidents.audience: who is told of what, and by which channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.incidents.audience import Concern, channels_of, hearers, places_of
from alerts.rules.book import checked
from alerts.settings import AlertsSettings
from store.registry.alert_records import (
    ContactRecord,
    IncidentRecord,
    RuleRecord,
    SiteContactRecord,
    SubscriptionRecord,
)

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
SETTINGS = AlertsSettings()
ME = 7


def incident(**more: Any) -> IncidentRecord:
    """One on a silent station."""
    given = {"rule": "offline", "kind": "offline", "place": "mn:A", "mn": "A", "region": "330106"}
    return IncidentRecord(**(given | {"began": NOW, "opened_at": NOW} | more))


def outage(**more: Any) -> IncidentRecord:
    """One of a city."""
    given = {"place": "region:330100", "region": "330100", "mn": "", "count": 9, "told": 9}
    return incident(**(given | more))


HUB = outage(place="hub", region="")
DISK = incident(kind="disk", rule="disk", place="hub", mn="", region="", severity="severe")
CITY = Concern(frozenset({"A", "B"}), frozenset({"330106", "330108"}))
NOWHERE = Concern(frozenset(), frozenset())


def hears(
    wanted: dict[str, Any], what: IncidentRecord, concern: Concern = CITY, **settings: Any
) -> bool:
    """Whether a subscription covers an incident."""
    told = hearers(
        "opened",
        what,
        None,
        concern,
        [SubscriptionRecord(contact_id=ME, **wanted)],
        [],
        AlertsSettings(**settings),
    )
    return ME in told


@pytest.mark.parametrize(
    ("wanted", "what", "told"),
    [
        ({}, incident(), True),
        ({"on": False}, incident(), False),
        ({"topics": ["ranking"]}, incident(), False),
        ({"topics": ["warnings"]}, incident(), False),
        ({"topics": ["warnings"]}, incident(kind="heavy_pollution"), True),
        ({}, incident(kind="heavy_pollution"), True),
        ({"kinds": ["stuck"]}, incident(), False),
        ({"kinds": ["offline", "stuck"]}, incident(), True),
        ({"rules": ["mine"]}, incident(), False),
        ({"severity": "severe"}, incident(), False),
        ({"severity": "severe"}, incident(severity="critical"), True),
        ({}, incident(severity="notice"), False),
        ({"regions": ["330000"]}, incident(), True),
        ({"regions": ["330106"]}, incident(), True),
        ({"regions": ["330200"]}, incident(), False),
        ({"mns": ["A"]}, incident(), True),
        ({"mns": ["B"]}, incident(), False),
        ({"mns": ["B"], "regions": ["330106"]}, incident(), True),
        ({}, outage(), True),
        ({"regions": ["330000"]}, outage(), True),
        ({"regions": ["330108"]}, outage(), True),
        ({"regions": ["330110"]}, outage(), True),  # a county of the city that is out
        ({"regions": ["330200"]}, outage(), False),
        ({"mns": ["A"]}, outage(), False),
        ({}, HUB, True),
        ({"regions": ["330106"]}, HUB, True),
        ({"regions": ["330200"]}, HUB, False),
    ],
)
def test_whom_a_subscription_lets_hear(
    wanted: dict[str, Any], what: IncidentRecord, told: bool
) -> None:
    """Topic, kind, rule, severity, and a place that has to do with it."""
    concern = Concern(frozenset({"A"}), frozenset({"330106"})) if what.mn else CITY
    assert hears(wanted, what, concern) == told


def test_of_the_platform_those_hear_who_chose_no_place() -> None:
    """A disk is nothing for who wants to hear of one county."""
    assert hears({}, DISK, NOWHERE)
    assert not hears({"regions": ["330106"]}, DISK, NOWHERE)
    assert not hears({"mns": ["A"]}, DISK, NOWHERE)


def test_of_a_group_owners_hear_only_where_it_is_said() -> None:
    """5,000 owners are 5,000 messages."""
    assert hears({"mns": ["B"]}, outage(), tell_owners_of_groups=True)
    assert not hears({"mns": ["C"]}, outage(), tell_owners_of_groups=True)
    assert "mn:A" not in places_of(outage(), CITY, SETTINGS)
    assert "mn:A" in places_of(outage(), CITY, AlertsSettings(tell_owners_of_groups=True))


def contact_of(place: str, role: Any, contact: int) -> SiteContactRecord:
    """Who answers for a place."""
    return SiteContactRecord(place=place, contact_id=contact, role=role)


SITE = [
    contact_of("mn:A", "owner", 1),
    contact_of("region:330106", "operator", 2),
    contact_of("region:330100", "chief", 3),
    contact_of("region:330200", "owner", 4),
]


@pytest.mark.parametrize(
    ("step", "level", "before", "told"),
    [
        ("opened", 0, 0, {1}),
        ("escalated:1", 1, 0, {2}),
        ("escalated:2", 2, 1, {3}),
        ("escalated:2", 2, 0, {2, 3}),
        ("reminder:2", 1, 0, {1, 2}),
        ("recovered", 2, 0, {1, 2, 3}),
    ],
)
def test_the_owner_is_told_first_and_others_when_it_is_escalated(
    step: str, level: int, before: int, told: set[int]
) -> None:
    """Who was reached once hears of it until it is over; of an escalation only who is new."""
    one = incident(level=level)
    concern = Concern(frozenset({"A"}), frozenset({"330106"}))
    assert set(hearers(step, one, None, concern, [], SITE, SETTINGS, before)) == told


def test_a_notice_is_nothing_for_owners() -> None:
    """Unless the settings say so."""
    one = incident(severity="notice")
    concern = Concern(frozenset({"A"}), frozenset({"330106"}))
    assert hearers("opened", one, None, concern, [], SITE, SETTINGS) == {}
    told = hearers("opened", one, None, concern, [], SITE, AlertsSettings(owner_least="notice"))
    assert set(told) == {1}


def test_places_are_looked_for_as_people_may_write_them() -> None:
    """A county by its code, a city with zeros or without."""
    found = places_of(incident(), Concern(frozenset({"A"}), frozenset({"330106"})), SETTINGS)
    assert {"mn:A", "region:330106", "region:3301", "region:330100", "region:330000"} <= set(found)


def test_a_personal_rule_is_told_to_its_owner_alone() -> None:
    """Whoever else subscribed to everything."""
    rule = checked(RuleRecord(key="mine", kind="offline", owner=ME))
    everybody = [SubscriptionRecord(contact_id=1)]
    assert hearers("opened", incident(), rule, CITY, everybody, SITE, SETTINGS) == {
        ME: frozenset()
    }


def test_who_is_told_twice_is_told_once_by_all_ways_that_were_chosen() -> None:
    """All ways, where one of the reasons names none."""
    by = [
        SubscriptionRecord(contact_id=ME, channels=["sms"]),
        SubscriptionRecord(contact_id=ME, channels=["email"]),
    ]
    told = hearers("opened", incident(), None, CITY, by, [], SETTINGS)
    assert told == {ME: frozenset({"sms", "email"})}
    site = [contact_of("mn:A", "owner", ME)]
    assert hearers("opened", incident(), None, CITY, by, site, SETTINGS) == {ME: frozenset()}


@pytest.mark.parametrize(
    ("chosen", "channels"),
    [
        ((), ("app", "email", "dingtalk")),
        (("email",), ("email",)),
        (("sms",), ("app",)),  # no number is known: at least in the pages
        (("app",), ("app",)),
    ],
)
def test_only_ways_that_somebody_has(chosen: tuple[str, ...], channels: tuple[str, ...]) -> None:
    """A signing secret is no way."""
    ways = {"email": "li@example.org", "dingtalk": "x", "dingtalk_secret": "y", "sms": ""}
    assert channels_of(ContactRecord(name="Li", ways=ways), chosen) == channels
