"""Contacts, whose addresses are secrets; what they subscribe to and answer for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from test_outbox_book import message
from turned_clock import TurnedClock

from store.registry.alert_records import ContactRecord, SiteContactRecord, SubscriptionRecord
from store.registry.checking import problems
from store.registry.open import Registry, open_registry

ANNA = ContactRecord(
    name="安娜",
    login="anna",
    language="en",
    ways={"sms": "13800000000", "email": "anna@example.org"},
    quiet_from="22:00",
    quiet_to="07:00",
)


def test_a_contact_is_kept(registry: Registry, clock: TurnedClock) -> None:
    """With its ways, which come back as they were."""
    kept = registry.contacts.put(ANNA, "root")
    assert kept == msgspec.structs.replace(ANNA, id=kept.id, changed_at=clock.now)
    bare = registry.contacts.put(ContactRecord(name="Bert"), "root")
    assert registry.contacts.all() == [kept, bare]
    assert registry.contacts.get(kept.id) == kept
    assert registry.contacts.some([bare.id, 99]) == {bare.id: bare}
    assert registry.contacts.get(99) is None
    clock.turn(60)
    assert registry.contacts.put(kept, "root") == kept
    changed = msgspec.structs.replace(kept, ways={"email": "a@example.org"})
    changed = registry.contacts.put(changed, "root")
    assert (changed.id, changed.changed_at) == (kept.id, clock.now)
    assert registry.contacts.get(kept.id) == changed
    with pytest.raises(KeyError, match="there is no contact 99"):
        registry.contacts.put(msgspec.structs.replace(ANNA, id=99), "root")


def test_addresses_stand_nowhere_in_clear(registry: Registry) -> None:
    """Neither in the table nor in the audit, which says that they changed, and the channels."""
    kept = registry.contacts.put(ANNA, "root")
    ways = {"sms": "13900000000", "dingtalk_secret": "SECabc"}
    registry.contacts.put(msgspec.structs.replace(kept, ways=ways), "root")
    registry.contacts.remove(kept.id, "root")
    removed, changed, made = registry.audit.find()
    assert (made.what, made.after["ways"]) == ("contact put", "***")
    assert made.after["channels"] == ["email", "sms"]
    assert changed.before == {"ways": "***", "channels": ["email", "sms"]}
    assert changed.after == {"ways": "***", "channels": ["dingtalk_secret", "sms"]}
    assert removed.what == "contact removed"
    registry.contacts.put(ANNA, "root")
    with registry._shelf.database.reading() as connection:
        for table in ("contacts", "audit"):
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).all()
            said = " ".join(str(tuple(map(_plain, row))) for row in rows)
            for secret in ("1380000", "1390000", "SECabc", "@example"):
                assert secret not in said


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_the_exchange_of_the_key_covers_addresses(
    registry: Registry, url: str, key_file: Path
) -> None:
    """They are sealed anew, bound to their contact, and a look over the registry opens them."""
    one = registry.contacts.put(ANNA, "root")
    two = registry.contacts.put(msgspec.structs.replace(ANNA, ways={"sms": "1"}), "root")
    assert registry.rekey() == 2
    again = open_registry(url, key_file)
    assert again.contacts.all() == [one, two]
    again.close()
    assert problems(url, key_file) == []
    with registry._shelf.database.writing() as connection:
        connection.execute(
            sa.text(
                "UPDATE contacts SET ways = (SELECT ways FROM contacts WHERE id = :one) "
                "WHERE id = :two"
            ),
            {"one": one.id, "two": two.id},
        )
    (problem,) = problems(url, key_file)
    assert problem.startswith(f"contacts, {two.id}: a secret of the registry was changed")


def test_subscriptions(registry: Registry) -> None:
    """New, changed, gone, and of people who are there."""
    anna = registry.contacts.put(ANNA, "root")
    bert = registry.contacts.put(ContactRecord(name="Bert"), "root")
    book = registry.subscriptions
    wanted = SubscriptionRecord(
        contact_id=anna.id,
        topics=["incidents", "ranking"],
        regions=["3301"],
        channels=["sms"],
        summary_every="6h",
    )
    kept = book.put(wanted, "anna")
    other = book.put(SubscriptionRecord(contact_id=bert.id), "bert")
    assert book.all() == [kept, other]
    assert book.of(anna.id) == [kept] == [book.get(kept.id)]
    changed = book.put(msgspec.structs.replace(kept, on=False), "anna")
    assert book.put(changed, "anna") == changed
    assert book.of(anna.id) == [changed]
    assert book.remove(other.id, "bert") == other
    assert [note.what for note in registry.audit.find(limit=3)] == [
        "subscription removed",
        "subscription put",
        "subscription put",
    ]
    with pytest.raises(KeyError, match="there is no contact 99"):
        book.put(SubscriptionRecord(contact_id=99), "root")
    with pytest.raises(KeyError, match="there is no subscription 99"):
        book.put(msgspec.structs.replace(kept, id=99), "root")
    with pytest.raises(KeyError, match="there is no subscription 99"):
        book.remove(99, "root")


def test_who_answers_for_a_place(registry: Registry) -> None:
    """In one role once; found by place and by person; noted at the MN."""
    anna = registry.contacts.put(ANNA, "root")
    bert = registry.contacts.put(ContactRecord(name="Bert"), "root")
    book = registry.site_contacts
    station = SiteContactRecord(place="mn:A", contact_id=anna.id)
    one = book.put(station, "root")
    assert book.put(station, "root") == one
    two = book.put(msgspec.structs.replace(station, role="chief"), "root")
    region = book.put(SiteContactRecord(place="region:3301", contact_id=bert.id), "root")
    assert book.all() == [one, two, region]
    assert book.of_places(["region:3301", "mn:B"]) == [region]
    assert book.of_places([]) == []
    assert book.of_contact(anna.id) == [one, two]
    assert book.remove(one.id, "root") == one
    assert [note.what for note in registry.audit.find("A")] == [
        "site contact removed",
        "site contact put",
        "site contact put",
    ]
    with pytest.raises(KeyError, match="there is no contact 99"):
        book.put(SiteContactRecord(place="mn:A", contact_id=99), "root")
    with pytest.raises(KeyError, match="of number 99"):
        book.remove(99, "root")


def test_who_leaves_is_told_no_more(registry: Registry) -> None:
    """Subscriptions and places go, what waits is withheld, what was said stays known."""
    anna = registry.contacts.put(ANNA, "root")
    registry.subscriptions.put(SubscriptionRecord(contact_id=anna.id), "root")
    registry.site_contacts.put(SiteContactRecord(place="mn:A", contact_id=anna.id), "root")
    registry.outbox.add([message("a", anna.id), message("a", anna.id + 1)])
    assert registry.contacts.remove(anna.id, "root") == anna
    assert registry.subscriptions.all() == []
    assert registry.site_contacts.all() == []
    (withheld,) = registry.outbox.find(states=["withheld"])
    assert (withheld.contact_id, withheld.error) == (anna.id, "the contact was removed")
    with pytest.raises(KeyError, match="there is no contact"):
        registry.contacts.remove(anna.id, "root")
