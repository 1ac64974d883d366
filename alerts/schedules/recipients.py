"""Who gets what the clock tells: one reader a contact, by what he subscribed to and owns. Pure.

Tests: tests/alerts/schedules/test_recipients.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from alerts.incidents.audience import channels_of
from alerts.rules.regions import holds
from store.registry.alert_records import (
    Channel,
    ContactRecord,
    SiteContactRecord,
    SubscriptionRecord,
)


class People(msgspec.Struct, frozen=True):
    """All that the registry keeps of whom to tell."""

    contacts: Sequence[ContactRecord]
    subscriptions: Sequence[SubscriptionRecord]
    site_contacts: Sequence[SiteContactRecord]


class Reader(msgspec.Struct, frozen=True):
    """Who reads about what by which ways. ``everything``: of all stations and regions; else of
    these ``regions`` (codes, each with all below) and these ``mns``."""

    contact: ContactRecord
    channels: tuple[Channel, ...]
    regions: tuple[str, ...] = ()
    mns: tuple[str, ...] = ()
    everything: bool = False

    def covers(self, mn: str, region: str) -> bool:
        """Whether it is about a station, or about a region (``mn`` "")."""
        if self.everything or (mn and mn in self.mns):
            return True
        return any(holds(code, region) for code in self.regions)


def subscribers(people: People, topic: str, every: str = "") -> list[Reader]:
    """Contacts with a subscription to a topic; of summaries, to those of that interval."""
    wanted = [
        one
        for one in people.subscriptions
        if one.on and topic in one.topics and (not every or one.summary_every == every)
    ]
    return _readers(people, wanted, ())


def ranking_readers(people: People, owners: bool) -> list[Reader]:
    """Subscribers of the ranking and, with ``owners``, who owns stations or regions."""
    wanted = [one for one in people.subscriptions if one.on and "ranking" in one.topics]
    owned = [one for one in people.site_contacts if owners and one.role == "owner"]
    return _readers(people, wanted, owned)


def plan_readers(people: People, contact_ids: Iterable[int]) -> list[Reader]:
    """These contacts, as they want to hear of plans, if they say so."""
    ids = set(contact_ids)
    wanted = [
        one
        for one in people.subscriptions
        if one.on and "plans" in one.topics and one.contact_id in ids
    ]
    asked = [SiteContactRecord(place="", contact_id=number) for number in ids]
    return _readers(people, wanted, asked)


def _readers(
    people: People,
    wanted: Sequence[SubscriptionRecord],
    owned: Sequence[SiteContactRecord],
) -> list[Reader]:
    contacts = {one.id: one for one in people.contacts if one.on}
    subscribed: dict[int, list[SubscriptionRecord]] = {}
    owning: dict[int, list[str]] = {}
    for one in wanted:
        subscribed.setdefault(one.contact_id, []).append(one)
    for place in owned:
        owning.setdefault(place.contact_id, []).append(place.place)
    found = []
    for number in sorted({*subscribed, *owning} & contacts.keys()):
        contact = contacts[number]
        some, places = subscribed.get(number, []), owning.get(number, [])
        found.append(
            Reader(
                contact,
                _ways(contact, some),
                _unique(code for one in some for code in one.regions)
                + _unique(one[7:] for one in places if one.startswith("region:")),
                _unique(
                    (
                        *(mn for one in some for mn in one.mns),
                        *(one[3:] for one in places if one.startswith("mn:")),
                    )
                ),
                any(not one.regions and not one.mns for one in some),
            )
        )
    return found


def _ways(contact: ContactRecord, some: Sequence[SubscriptionRecord]) -> tuple[Channel, ...]:
    """Those that subscriptions name; all where one names none, or there is no subscription."""
    if not some or any(not one.channels for one in some):
        return channels_of(contact, ())
    return channels_of(contact, [channel for one in some for channel in one.channels])


def _unique(some: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(some))
