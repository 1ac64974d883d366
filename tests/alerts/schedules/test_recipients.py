"""Who is told by the clock, of what and by which ways: one message a person and way."""

from __future__ import annotations

from typing import Any

from alerts.notify.message import Message
from alerts.schedules.messages import records
from alerts.schedules.recipients import (
    People,
    Reader,
    plan_readers,
    ranking_readers,
    subscribers,
)
from store.registry.alert_records import (
    ContactRecord,
    SiteContactRecord,
    SubscriptionRecord,
)


def contact(number: int, **more: Any) -> ContactRecord:
    """Somebody with e-mail and SMS."""
    return ContactRecord(
        id=number, name=f"N{number}", ways={"email": "a@b.cn", "sms": "138"}, **more
    )


def subscription(number: int, *topics: str, **more: Any) -> SubscriptionRecord:
    """Of a contact, to topics."""
    return SubscriptionRecord(contact_id=number, topics=list(topics), **more)


def test_owners_and_subscribers_of_the_ranking() -> None:
    """Each once with all that is his; operators and those who are switched off are not told."""
    people = People(
        [contact(1), contact(2), contact(3), contact(4, on=False)],
        [
            subscription(1, "ranking", regions=["330100"]),
            subscription(2, "incidents"),
            subscription(4, "ranking"),
            subscription(9, "ranking"),
        ],
        [
            SiteContactRecord(place="mn:A", contact_id=1),
            SiteContactRecord(place="region:3302", contact_id=1),
            SiteContactRecord(place="mn:B", contact_id=2),
            SiteContactRecord(place="mn:C", contact_id=3, role="operator"),
            SiteContactRecord(place="mn:D", contact_id=4),
        ],
    )
    found = ranking_readers(people, owners=True)
    assert [(one.contact.id, one.regions, one.mns, one.everything) for one in found] == [
        (1, ("330100", "3302"), ("A",), False),
        (2, (), ("B",), False),
    ]
    assert [one.contact.id for one in ranking_readers(people, owners=False)] == [1]


def test_summaries_of_one_interval() -> None:
    """Several subscriptions of a contact are one reader of all that they name."""
    people = People(
        [contact(1), contact(2)],
        [
            subscription(1, "summary", summary_every="hour", mns=["A"], channels=["sms"]),
            subscription(1, "summary", summary_every="hour", regions=["33"], channels=["email"]),
            subscription(1, "summary", summary_every="day"),
            subscription(2, "summary", summary_every="hour", on=False),
            subscription(2, "summary"),
        ],
        [],
    )
    (hourly,) = subscribers(people, "summary", "hour")
    assert (hourly.regions, hourly.mns, hourly.everything) == (("33",), ("A",), False)
    assert hourly.channels == ("email", "sms")
    (daily,) = subscribers(people, "summary", "day")
    assert daily.everything
    assert subscribers(people, "summary", "6h") == []


def test_ways() -> None:
    """Those named, of those there are; all of an owner; the platform's pages need no address."""
    people = People(
        [contact(1, login="li")],
        [subscription(1, "ranking", channels=["email", "wecom"])],
        [SiteContactRecord(place="mn:A", contact_id=1)],
    )
    (reader,) = ranking_readers(people, owners=True)
    assert reader.channels == ("email",)
    alone = People(people.contacts, [], people.site_contacts)
    (reader,) = ranking_readers(alone, owners=True)
    assert reader.channels == ("app", "email", "sms")
    nowhere = People(people.contacts, [subscription(1, "ranking", channels=["feishu"])], [])
    (reader,) = ranking_readers(nowhere, owners=True)
    assert reader.channels == ("app",)


def test_contacts_of_a_plan() -> None:
    """All of them that are there, by the ways that they want for plans."""
    people = People(
        [contact(1), contact(2), contact(3)],
        [subscription(1, "plans", channels=["email"]), subscription(3, "plans")],
        [],
    )
    found = plan_readers(people, [1, 2, 9])
    assert [(one.contact.id, one.channels) for one in found] == [
        (1, ("email",)),
        (2, ("app", "email", "sms")),
    ]


def test_what_a_reader_covers() -> None:
    """Stations by name or region, regions by code."""
    reader = Reader(contact(1), ("email",), ("330100",), ("X",))
    assert reader.covers("X", "440000")
    assert reader.covers("Y", "330106")
    assert reader.covers("", "330100")
    assert not reader.covers("Y", "330200")
    assert not reader.covers("Y", "")
    assert Reader(contact(1), (), everything=True).covers("Y", "")


def test_records_of_a_message() -> None:
    """One a way, all named alike."""
    reader = Reader(contact(7), ("email", "sms"))
    message = Message(subject="s", text="t", facts={"short": "x"})
    found = records(reader, message, about="ranking:2026-11-20")
    assert [(one.channel, one.contact_id, one.step) for one in found] == [
        ("email", 7, "sent"),
        ("sms", 7, "sent"),
    ]
    assert found[0].facts == {"short": "x"}
