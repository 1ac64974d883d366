"""Deeds on the outbox, in the registry's thread, each one transaction: what is due goes out.

What a look decides, :mod:`alerts.notify.delivery` says; here it is read and kept. Sending is
elsewhere: between a look and its settling a message is "sending", and who is killed in between
finds it so at the next start. Tests: tests/alerts/notify/test_outgoing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from alerts.notify.delivery import (
    DIGEST,
    SECRETS,
    Departure,
    Digest,
    Settled,
    Situation,
    address_of,
    lane_of,
    plan,
)
from alerts.notify.message import Message
from alerts.notify.pace import HOUR, MINUTE, Address, Pace
from alerts.notify.parcel import Parcel
from alerts.notify.settings import NotifySettings
from alerts.notify.superseding import INCIDENT
from store.registry.alert_records import (
    SEVERITIES,
    ContactRecord,
    MessageRecord,
)
from store.registry.open import Registry

MOST_DUE = 200
LEFT_BY_OTHERS = timedelta(hours=1)  # much longer than any channel takes
TOLD_IN_DIGEST = 30
IN_DOUBT = "a kill came between sending and noting it: it may come twice, with the same token"

WriteDigest = Callable[[str, Sequence[str], int], Message]


class View(msgspec.Struct, frozen=True):
    """What the notifier knows at a look, as :class:`Situation`. ``hub``: in whose name."""

    now: datetime
    settings: NotifySettings
    pace: Pace
    waiting_for: frozenset[Address]
    threads: Mapping[str, int]
    hub: str = ""


class Leaving(msgspec.Struct, frozen=True):
    """A message that is claimed, and its parcel."""

    message: MessageRecord
    parcel: Parcel
    address: Address


class Looked(msgspec.Struct):
    """What a look came to. ``before``: address -> how many messages left for it in an earlier
    life of ours, within a minute and within the hour; of addresses that the pace did not know.
    ``more``: there may be more that is due."""

    leaving: list[Leaving] = []
    before: dict[Address, tuple[int, int]] = {}
    settled: int = 0
    merged: int = 0
    more: bool = False


def look(registry: Registry, view: View, write_digest: WriteDigest) -> Looked:
    """Plan what is due and claim what goes out now. ``write_digest``: (language, subjects, how
    many more) -> its words."""
    channels = [channel for channel, many in view.threads.items() if many > 0]
    due = registry.outbox.due(view.now, MOST_DUE, channels)
    looked = Looked()
    if not due:
        return looked
    contacts = registry.contacts.some({one.contact_id for one in due})
    looked.before = _left_before(registry, due, contacts, view)
    pace = view.pace.copy()
    note_before(pace, looked.before, view.now)
    situation = Situation(view.now, view.settings, contacts, pace, view.waiting_for, view.threads)
    made = plan(due, _others(registry, due), situation)
    for one in made.settle:
        _settle(registry, one, view.now)
    looked.settled = len(made.settle)
    for ids, into in made.merge:
        looked.merged += len(registry.outbox.merge(ids, into, view.now))
    for digest in made.digests:
        looked.merged += _keep_digest(registry, digest, write_digest, view.now)
        looked.more = True
    looked.leaving = _claimed(registry, made.send, view)
    moved = looked.settled or looked.merged or looked.leaving
    looked.more = looked.more or (len(due) == MOST_DUE and bool(moved))
    return looked


def settle(registry: Registry, results: Iterable[Settled], now: datetime) -> None:
    """Note what came of messages that were sent; receipts stand in ``error`` of handed ones."""
    for one in results:
        _settle(registry, one, now)


def send_own_again(registry: Registry, now: datetime, hub: str = "") -> int:
    """At a start, when nothing is on its way: let what a kill of ours left between sending and
    settling go out again, whatever the clock says of when that was; how many."""
    return _again(registry, registry.outbox.in_doubt(by=hub), now)


def send_left_again(registry: Registry, now: datetime, hub: str = "") -> int:
    """The same of what another hub claimed and has not settled for long; until then it is in its
    hands."""
    left = registry.outbox.in_doubt(now - LEFT_BY_OTHERS)
    return _again(registry, [one for one in left if one.claimed_by != hub], now)


def _again(registry: Registry, doubtful: Sequence[MessageRecord], now: datetime) -> int:
    for one in doubtful:
        registry.outbox.settle(one.id, "waiting", error=IN_DOUBT, next_at=now, now=now)
    return len(doubtful)


def note_before(pace: Pace, before: Mapping[Address, tuple[int, int]], now: datetime) -> None:
    """Let a pace know what left before it began."""
    for address, (minute, hour) in before.items():
        pace.note(address, now - MINUTE / 2, minute)
        pace.note(address, now - HOUR / 2, max(hour - minute, 0))


def parcel_of(message: MessageRecord, contact: ContactRecord) -> Parcel:
    """What a channel is given of a message."""
    short = message.facts.get("short", "")
    return Parcel(
        token=message.token,
        channel=message.channel,
        address=address_of(contact, message.channel),
        secret=contact.ways.get(SECRETS.get(message.channel, ""), ""),
        name=contact.name,
        subject=message.subject,
        text=message.text,
        short=short if isinstance(short, str) else "",
        facts={name: value for name, value in message.facts.items() if name != "short"},
        severity=message.severity,
        about=message.about,
        step=message.step,
        language=contact.language,
        created_at=message.created_at or datetime.fromtimestamp(0, UTC),
    )


def _others(registry: Registry, due: Sequence[MessageRecord]) -> list[MessageRecord]:
    """What is not settled about the same, and digests of the same lanes."""
    abouts = {one.about for one in due if one.about.startswith(INCIDENT)}
    contacts = {one.contact_id for one in due}
    lanes = {lane_of(one) for one in due}
    found = registry.outbox.unsettled(
        abouts | {DIGEST}, contacts, {channel for _, channel in lanes}
    )
    return [one for one in found if lane_of(one) in lanes]


def _left_before(
    registry: Registry,
    due: Sequence[MessageRecord],
    contacts: Mapping[int, ContactRecord],
    view: View,
) -> dict[Address, tuple[int, int]]:
    found = {}
    for contact_id, channel in {lane_of(one) for one in due}:
        contact = contacts.get(contact_id)
        if contact is None:
            continue
        address = (channel, address_of(contact, channel))
        if address[1] and not view.pace.knows(address):
            found[address] = (
                registry.outbox.sent_since(contact_id, channel, view.now - MINUTE),
                registry.outbox.sent_since(contact_id, channel, view.now - HOUR),
            )
    return found


def _keep_digest(
    registry: Registry, digest: Digest, write_digest: WriteDigest, now: datetime
) -> int:
    """Write one message in the place of many; how many it took the place of."""
    told = digest.messages[:TOLD_IN_DIGEST]
    more = len(digest.messages) - len(told)
    words = write_digest(digest.contact.language, [one.subject for one in told], more)
    ids = sorted(one.id for one in digest.messages)
    items = [
        {"about": one.about, "step": one.step, "severity": one.severity, "subject": one.subject}
        for one in told
    ]
    kept = registry.outbox.add(
        [
            MessageRecord(
                about=DIGEST,
                step=f"{ids[0]}-{ids[-1]}-{len(ids)}",
                contact_id=digest.contact.id,
                channel=digest.messages[0].channel,
                severity=max((one.severity for one in digest.messages), key=SEVERITIES.index),
                subject=words.subject,
                text=words.text,
                facts={**words.facts, "messages": items},
                created_at=now,
                next_at=now,
            )
        ]
    )
    return len(registry.outbox.merge(ids, kept[0].id, now)) if kept else 0


def _claimed(registry: Registry, departures: Sequence[Departure], view: View) -> list[Leaving]:
    if not departures:
        return []
    by_id = {one.message.id: one for one in departures}
    return [
        Leaving(message, parcel_of(message, by_id[message.id].contact), by_id[message.id].address)
        for message in registry.outbox.claim(list(by_id), view.now, view.hub)
    ]


def _settle(registry: Registry, one: Settled, now: datetime) -> None:
    if one.state == "handed":
        registry.outbox.settle(one.id, one.state, receipt=one.error, now=now)
    else:
        registry.outbox.settle(one.id, one.state, error=one.error, next_at=one.next_at, now=now)
