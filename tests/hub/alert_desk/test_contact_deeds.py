"""Contacts, and who answers for a station."""

from __future__ import annotations

from typing import Any

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk.contact_deeds import (
    ContactGet,
    ContactPut,
    ContactRemove,
    Contacts,
    OwnerPut,
    OwnerRemove,
    Owners,
)
from hj212d.hub.alert_desk.subscription_deeds import SubscriptionAdd, SubscriptionLimit
from hj212d.hub.decisions.deeds import Unknown

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


def test_addresses_are_shown_in_part_only(desk: Desk) -> None:
    """Those of robots are secrets: in answers, and in the notes of changes."""
    ways = {"email": "wang@example.org", "sms": "138 1234 5678", "wecom": KEY, "app": ""}
    kept = desk(ContactPut, fields={"name": "王工", "ways": ways})["contact"]
    assert kept["ways"]["email"] == "w***@example.org"
    assert kept["ways"]["sms"] == "138****5678"
    answers = [desk(Contacts), desk(ContactGet, contact=1)]
    notes = desk.registry.audit.find()
    assert KEY not in repr(answers) + repr(notes)
    assert desk.registry.contacts.get(1).ways["sms"] == "13812345678"  # type: ignore[union-attr]


def test_a_contact_is_changed_field_by_field(desk: Desk) -> None:
    """An empty address takes a way away; the others stay."""
    desk(ContactPut, fields={"name": "王工", "ways": {"email": "a@b.cn", "sms": "13812345678"}})
    changed = desk(ContactPut, contact="王工", fields={"ways": {"sms": ""}, "language": "en"})
    assert list(changed["contact"]["ways"]) == ["email"]
    assert changed["contact"]["language"] == "en"
    quiet = {"quiet_from": "22:00", "quiet_to": "07:00"}
    assert desk(ContactPut, contact=1, fields=quiet)["contact"]["quiet_to"] == "07:00"
    markup = desk(ContactPut, contact=1, fields={"name": "<script>alert(1)</script>"})
    assert markup["contact"]["name"] == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "name is missing"),
        ({"name": "x" * 81}, "name = "),
        ({"name": "王", "ways": {"pigeon": "coop"}}, "pigeon: there is no such way"),
        ({"name": "王", "ways": {"email": "nowhere"}}, "email: expected an address"),
        ({"name": "王", "ways": ["email"]}, "ways: expected an address for each channel"),
        ({"name": "王", "ways": {"email": 7}}, "email = 7: expected a text"),
        ({"name": "王", "quiet_from": "22:00"}, "quiet_to is missing"),
        ({"name": "王", "language": "fr"}, 'language = "fr": expected one of zh, en'),
        ({"name": "王", "on": "yes"}, 'on = "yes": expected true or false'),
        ({"name": "王", "id": 3}, "id: a contact has no such field"),
    ],
)
def test_what_is_wrong_with_a_contact(desk: Desk, fields: dict[str, Any], sentence: str) -> None:
    """One sentence with the field; nothing is kept."""
    assert desk.refusal(ContactPut, fields=fields).startswith(sentence)
    assert desk(Contacts)["contacts"] == []


def test_who_answers_for_a_station(desk: Desk) -> None:
    """All or none; said again it stands already; a region with its word."""
    desk(ContactPut, fields={"name": "王工"})
    lines = [
        {"place": "A", "contact": "王工"},
        {"place": "region:3301", "contact": "1", "role": "chief"},
    ]
    first = desk(OwnerPut, owners=lines)
    assert (first["added"], first["warnings"]) == (2, [])
    assert desk(OwnerPut, owners=lines)["added"] == 0
    assert desk(OwnerPut, owners=[{"place": "Z", "contact": 1}])["warnings"] == [
        "nobody knows Z yet"
    ]
    listed = [(one["place"], one["role"], one["contact"]) for one in desk(Owners)["owners"]]
    assert listed == [
        ("mn:A", "owner", "王工"),
        ("mn:Z", "owner", "王工"),
        ("region:3301", "chief", "王工"),
    ]
    assert len(desk(Owners, place="A")["owners"]) == 1
    with pytest.raises(Unknown, match="number 2: there is no contact nobody"):
        desk(OwnerPut, owners=[lines[0], {"place": "B", "contact": "nobody"}])
    wrong = [{"place": "A", "contact": 1, "role": "boss"}]
    assert desk.refusal(OwnerPut, owners=wrong).startswith('role = "boss": expected one of')
    with pytest.raises(Unknown):
        desk(OwnerRemove, ids=[1, 99])
    assert len(desk(Owners)["owners"]) == 3
    assert desk(OwnerRemove, ids=[1, 2])["removed"] == 2


def test_who_goes_takes_its_subscriptions_along(desk: Desk) -> None:
    """But not while a rule is its own."""
    desk(ContactPut, fields={"name": "王工"})
    desk(OwnerPut, owners=[{"place": "A", "contact": 1}])
    desk(SubscriptionAdd, contact=1)
    desk(SubscriptionLimit, contact=1, mn="A", factor="PM2.5", high=75.0)
    (rule,) = desk.registry.rules.all()
    assert desk.refusal(ContactRemove, contact=1) == f"contact = 1: owns the rules {rule.key}"
    desk.registry.rules.remove(rule.key, "test")
    assert desk(ContactRemove, contact=1) == {"removed": 1}
    assert desk(Owners)["owners"] == []
    assert desk.registry.subscriptions.all() == []
