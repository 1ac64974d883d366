"""Looks at a real outbox: what is claimed, merged, held; what a kill leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.notify.delivery import QUIET, Settled
from alerts.notify.outgoing import (
    Looked,
    View,
    look,
    send_left_again,
    send_own_again,
    settle,
)
from alerts.notify.pace import Pace
from alerts.notify.settings import NotifySettings
from alerts.notify.wording import Wording
from store.registry.alert_records import CHANNELS, ContactRecord, MessageRecord
from store.registry.open import Registry

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
DIGEST = Wording().digest


def contact(registry: Registry, **changes: Any) -> ContactRecord:
    """Somebody with several ways."""
    said: dict[str, Any] = {
        "name": "Anna",
        "ways": {
            "email": "anna@example.org",
            "webhook": "https://h/",
            "webhook_token": "shared",
        },
    }
    return registry.contacts.put(ContactRecord(**{**said, **changes}), "test")


def add(registry: Registry, to: ContactRecord, *steps: str, **changes: Any) -> list[MessageRecord]:
    """Messages of incident 1."""
    said: dict[str, Any] = {
        "about": "incident:1",
        "contact_id": to.id,
        "channel": "email",
        "severity": "warning",
        "text": "t",
        "facts": {"short": "in short", "value": 1.5},
        "created_at": NOON,
    }
    messages = [
        MessageRecord(**{"subject": f"S {step}", "step": step, **said, **changes})
        for step in steps
    ]
    return registry.outbox.add(messages)


def view(now: datetime = NOON, **changes: Any) -> View:
    """All threads are free; ``changes``: of the settings."""
    settings = msgspec.structs.replace(NotifySettings(), **changes)
    return View(now, settings, Pace(), frozenset(), dict.fromkeys(CHANNELS, 4))


def looked(registry: Registry, now: datetime = NOON, **changes: Any) -> Looked:
    """One look."""
    return look(registry, view(now, **changes), DIGEST)


def state(registry: Registry, message: MessageRecord) -> str:
    """As it is now."""
    found = registry.outbox.get(message.id)
    assert found is not None
    return found.state


def test_what_is_due_is_claimed(registry: Registry) -> None:
    """With its parcel, once."""
    anna = contact(registry)
    (message,) = add(registry, anna, "opened", channel="webhook")
    found = looked(registry)
    (leaving,) = found.leaving
    assert leaving.message.state == "sending"
    assert leaving.message.attempts == 1
    assert leaving.parcel.token == message.token
    assert leaving.parcel.address == "https://h/"
    assert leaving.parcel.secret == "shared"
    assert leaving.parcel.short == "in short"
    assert leaving.parcel.facts == {"value": 1.5}
    assert leaving.parcel.name == "Anna"
    assert leaving.address == ("webhook", "https://h/")
    assert looked(registry).leaving == []


def test_results_are_noted(registry: Registry) -> None:
    """Receipts, reasons and next attempts."""
    anna = contact(registry)
    first, second, third = add(registry, anna, "opened", "worse:2", "recovered", about="x")
    registry.outbox.claim([first.id, second.id, third.id], NOON)
    again = NOON + timedelta(minutes=1)
    settle(
        registry,
        [
            Settled(first.id, "handed", "250 ok"),
            Settled(second.id, "failed", "550 no"),
            Settled(third.id, "waiting", "451 later", again),
        ],
        NOON,
    )
    found = {one.id: one for one in registry.outbox.find()}
    assert (found[first.id].state, found[first.id].receipt) == ("handed", "250 ok")
    assert found[first.id].error == ""
    assert (found[second.id].state, found[second.id].error) == ("failed", "550 no")
    assert (found[third.id].state, found[third.id].next_at) == ("waiting", again)


def test_over_before_told(registry: Registry) -> None:
    """The row of the beginning says into which it went."""
    anna = contact(registry)
    opened, over = add(registry, anna, "opened", "recovered")
    assert [one.message.id for one in looked(registry).leaving] == [over.id]
    found = registry.outbox.get(opened.id)
    assert found is not None
    assert (found.state, found.merged_into) == ("merged", over.id)


def test_digests_are_messages_of_their_own(registry: Registry) -> None:
    """They wait, go out and are tried again like any other; their parts say where they are."""
    anna = contact(registry)
    many = [add(registry, anna, "opened", about=f"incident:{n}")[0] for n in range(1, 6)]
    found = looked(registry, per_minute={"email": 2.0})
    assert [one.message.id for one in found.leaving] == [many[0].id]
    assert found.merged == 4
    (digest,) = registry.outbox.find(about="digest")
    assert "4" in digest.subject
    assert "S opened" in digest.text
    assert len(digest.facts["messages"]) == 4
    assert {one.merged_into for one in registry.outbox.find(states=["merged"])} == {digest.id}
    # The same look again, as after an undone transaction elsewhere, makes no second one.
    looked(registry, per_minute={"email": 2.0})
    assert len(registry.outbox.find(about="digest")) == 1


def test_a_long_digest_says_how_many_more(registry: Registry) -> None:
    """Some by name."""
    anna = contact(registry)
    for number in range(60):
        add(registry, anna, "opened", about=f"incident:{number}")
    looked(registry, per_minute={"email": 1.0})
    (digest,) = registry.outbox.find(about="digest")
    assert "60" in digest.subject
    assert "另有 30 条" in digest.text


def test_quiet_hours_are_kept(registry: Registry) -> None:
    """And in the morning it is one message."""
    anna = contact(registry, quiet_from="22:00", quiet_to="07:00")
    night = NOON + timedelta(hours=12)
    morning = NOON + timedelta(hours=19)
    for number in range(3):
        add(registry, anna, "opened", about=f"incident:{number}", created_at=night)
    assert looked(registry, night).leaving == []
    assert {one.error for one in registry.outbox.find()} == {QUIET}
    assert {one.next_at for one in registry.outbox.find()} == {morning}
    assert looked(registry, morning - timedelta(seconds=1)).settled == 0
    assert looked(registry, morning).merged == 3
    assert len(looked(registry, morning).leaving) == 1


def test_what_a_kill_leaves(registry: Registry) -> None:
    """It goes out again with the same token."""
    anna = contact(registry)
    (message,) = add(registry, anna, "opened")
    looked(registry)
    assert state(registry, message) == "sending"
    early = NOON - timedelta(days=1)
    assert send_own_again(registry, early) == 1  # the clock was set back meanwhile
    (leaving,) = looked(registry).leaving
    assert leaving.parcel.token == message.token
    assert leaving.message.attempts == 2


def test_what_another_hub_is_sending(registry: Registry) -> None:
    """It stays in its hands, until it has not settled it for an hour."""
    anna = contact(registry)
    (message,) = add(registry, anna, "opened")
    registry.outbox.claim([message.id], NOON, "north")
    later = NOON + timedelta(hours=1)
    assert send_own_again(registry, NOON, "south") == 0
    assert send_left_again(registry, NOON, "south") == 0
    assert state(registry, message) == "sending"
    assert send_left_again(registry, later, "south") == 1
    registry.outbox.claim([message.id], later, "north")
    assert send_own_again(registry, later, "north") == 1


def test_what_left_before(registry: Registry) -> None:
    """A restart does not give an address its limit anew."""
    anna = contact(registry)
    for number in range(5):
        (message,) = add(registry, anna, "opened", about=f"incident:{number}")
        registry.outbox.claim([message.id], NOON)
        registry.outbox.settle(message.id, "handed", now=NOON)
    add(registry, anna, "opened", about="incident:9")
    soon = NOON + timedelta(seconds=5)
    found = looked(registry, soon, per_minute={"email": 5.0})
    assert found.leaving == []
    assert found.before == {("email", "anna@example.org"): (5, 5)}
    assert looked(registry, soon, per_minute={"email": 6.0}).leaving == []
    later = NOON + timedelta(minutes=2)
    assert len(looked(registry, later, per_minute={"email": 6.0}).leaving) == 1


def test_channels_without_a_free_thread_are_not_looked_at(registry: Registry) -> None:
    """Their messages do not fill the list of what is due."""
    anna = contact(registry)
    add(registry, anna, "opened")
    add(registry, anna, "opened", channel="webhook")
    now = msgspec.structs.replace(view(), threads={"email": 0, "webhook": 1})
    assert [one.parcel.channel for one in look(registry, now, DIGEST).leaving] == ["webhook"]
