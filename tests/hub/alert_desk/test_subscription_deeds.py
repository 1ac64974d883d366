"""What contacts hear of, and limits of their own."""

from __future__ import annotations

from typing import Any

import pytest
from desk_rig import Desk

from alerts.rules.book import rules_in_force
from hj212d.hub.alert_desk.contact_deeds import ContactPut
from hj212d.hub.alert_desk.subscription_deeds import (
    SubscriptionAdd,
    SubscriptionLimit,
    SubscriptionRemove,
    Subscriptions,
)
from hj212d.hub.decisions.deeds import Unknown


@pytest.fixture(autouse=True)
def contact(desk: Desk) -> None:
    """Somebody with a mailbox."""
    desk(ContactPut, fields={"name": "王工", "ways": {"email": "a@b.cn"}})


def test_subscriptions_are_added_listed_and_ended(desk: Desk) -> None:
    """What is not said is the record's own; ended all or none."""
    first = desk(
        SubscriptionAdd, contact=1, fields={"regions": ["3301"], "kinds": "offline,stuck"}
    )
    assert first["warnings"] == []
    assert first["subscription"]["topics"] == ["incidents"]
    assert first["subscription"]["kinds"] == ["offline", "stuck"]
    second = desk(
        SubscriptionAdd, contact="王工", fields={"topics": ["summary"], "summary_every": "day"}
    )
    assert second["subscription"]["id"] == 2
    assert [one["contact"] for one in desk(Subscriptions)["subscriptions"]] == ["王工", "王工"]
    with pytest.raises(Unknown, match="there is no subscription 9"):
        desk(SubscriptionRemove, ids=[1, 9])
    assert len(desk(Subscriptions, contact=1)["subscriptions"]) == 2
    assert desk(SubscriptionRemove, ids=[1, 2]) == {"removed": 2}


def test_what_will_not_be_heard_is_said(desk: Desk) -> None:
    """A way the contact has not, a rule, a station or a region that there is not yet."""
    said = {"channels": ["sms"], "rules": ["none"], "mns": ["Z"], "regions": ["44"]}
    assert desk(SubscriptionAdd, contact=1, fields=said)["warnings"] == [
        "nobody knows Z yet",
        "no station is in region 44 yet",
        "there is no rule none yet",
        "王工 has no sms",
    ]
    desk(ContactPut, fields={"name": "李工"})
    assert desk(SubscriptionAdd, contact=2)["warnings"] == ["李工 has no way to be told"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"topics": ["weather"]}, 'topics = "weather": expected one of incidents'),
        ({"topics": []}, "topics is missing"),
        ({"topics": ["summary"]}, "summary_every is missing"),
        ({"kinds": ["flood"]}, 'kinds = "flood": expected one of over_limit'),
        ({"severity": "bad"}, 'severity = "bad": expected one of notice'),
        ({"channels": ["pigeon"]}, 'channels = "pigeon": expected one of app'),
        ({"summary_every": "week"}, 'summary_every = "week": expected one of hour'),
        ({"regions": ["x"]}, 'regions = "x": expected the code'),
        ({"colour": "red"}, "colour: a subscription has no such field"),
    ],
)
def test_what_is_wrong_with_a_subscription(
    desk: Desk, fields: dict[str, Any], sentence: str
) -> None:
    """One sentence with the field and the value."""
    assert desk.refusal(SubscriptionAdd, contact=1, fields=fields).startswith(sentence)


def test_a_limit_of_ones_own(desk: Desk) -> None:
    """A rule in force that one contact owns; said again, the new figure holds."""
    said = {"contact": 1, "mn": "A", "factor": "PM2.5"}
    first = desk(SubscriptionLimit, **said, high=75.0)["rule"]
    desk(SubscriptionLimit, **said, high=50.0, low=1.0)
    (rule,) = [one for one in rules_in_force(desk.registry.rules.all()) if one.owner]
    assert (rule.key, rule.owner, rule.factors) == (first["key"], 1, ("a34004",))
    assert (rule.params.high, rule.params.low) == (50.0, 1.0)  # type: ignore[union-attr]
    assert desk(SubscriptionLimit, **{**said, "mn": "a"}, high=1.0)["rule"]["key"] != rule.key
    assert desk(SubscriptionLimit, **{**said, "mn": "Z" * 64}, high=1.0)["warnings"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "high is missing"),
        ({"high": 1.0, "low": 2.0}, "params of over_limit: low = 2 is above high"),
        ({"high": 1.0, "factor": ""}, "factor is missing"),
        ({"high": 1.0, "mn": "A;B"}, 'mn = "A;B"'),
        ({"high": 1.0, "period": "week"}, 'period = "week": invalid enum value'),
    ],
)
def test_what_is_wrong_with_a_limit(desk: Desk, said: dict[str, Any], sentence: str) -> None:
    """One sentence."""
    said = {"contact": 1, "mn": "A", "factor": "PM2.5", **said}
    assert desk.refusal(SubscriptionLimit, **said).startswith(sentence)
