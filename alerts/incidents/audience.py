"""Who is told of a step, and by which channels. Pure.

Rules of a person's own are told to that person alone. Else subscriptions say who hears of what;
who answers for a station or a region is told too, the owner first, operator and chief once an
incident was escalated to them. Tests: tests/alerts/incidents/test_audience.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from alerts.incidents.standing import is_group, rank
from alerts.rules.book import Rule
from alerts.rules.regions import chain, holds, stem, written
from alerts.settings import AlertsSettings
from store.registry.alert_records import (
    CHANNELS,
    Channel,
    ContactRecord,
    ContactRole,
    IncidentRecord,
    SiteContactRecord,
    SubscriptionRecord,
)

TOPIC = "incidents"
# Of some kinds one may hear alone.
TOPICS_OF_KINDS: Mapping[str, str] = {"heavy_pollution": "warnings"}
APP: Channel = "app"
# How far an incident is escalated when they are told.
LEVELS: Mapping[ContactRole, int] = {"owner": 0, "operator": 1, "chief": 2}


class Concern(msgspec.Struct, frozen=True):
    """Whom an incident is about: the MNs and the codes of regions of its alarms."""

    mns: frozenset[str]
    regions: frozenset[str]


def hearers(
    step: str,
    incident: IncidentRecord,
    rule: Rule | None,
    concern: Concern,
    subscriptions: Sequence[SubscriptionRecord],
    site_contacts: Sequence[SiteContactRecord],
    settings: AlertsSettings,
    level_before: int = 0,
) -> dict[int, frozenset[str]]:
    """Contact -> channels that were chosen, an empty set for all that the contact has.

    ``site_contacts``: those of `places_of`. Of an escalation nobody hears but those whom it
    reaches now, above ``level_before``.
    """
    if rule is not None and rule.owner:
        return {rule.owner: frozenset()}
    found: dict[int, frozenset[str]] = {}
    kind = step.partition(":")[0]
    if kind != "escalated":
        for wanted in subscriptions:
            if covers(wanted, incident, concern, settings):
                _add(found, wanted.contact_id, wanted.channels)
    for one in answerable(incident, concern, site_contacts, settings):
        level = LEVELS[one.role]
        if kind == "escalated" and level <= level_before:
            continue
        if level <= incident.level:
            _add(found, one.contact_id, ())
    return found


def covers(
    wanted: SubscriptionRecord,
    incident: IncidentRecord,
    concern: Concern,
    settings: AlertsSettings,
) -> bool:
    """Whether somebody wants to hear of an incident. Who chose single stations hears of a group
    only where owners do; of what is no station's, who chose neither stations nor regions."""
    if not wanted.on or {TOPIC, TOPICS_OF_KINDS.get(incident.kind)}.isdisjoint(wanted.topics):
        return False
    if wanted.kinds and incident.kind not in wanted.kinds:
        return False
    if wanted.rules and incident.rule not in wanted.rules:
        return False
    if rank(incident.severity) < rank(wanted.severity):
        return False
    if not wanted.mns and not wanted.regions:
        return True
    if incident.mn in wanted.mns and incident.mn:
        return True
    of_group = is_group(incident) and settings.tell_owners_of_groups
    if of_group and not concern.mns.isdisjoint(wanted.mns):
        return True
    return any(_touches(region, incident, concern) for region in wanted.regions)


def answerable(
    incident: IncidentRecord,
    concern: Concern,
    site_contacts: Iterable[SiteContactRecord],
    settings: AlertsSettings,
) -> list[SiteContactRecord]:
    """Those of some contacts of stations and regions who answer for an incident."""
    if rank(incident.severity) < rank(settings.owner_least):
        return []
    places = set(places_of(incident, concern, settings))
    return [one for one in site_contacts if one.place in places]


def places_of(incident: IncidentRecord, concern: Concern, settings: AlertsSettings) -> list[str]:
    """The places whose people answer for an incident: its station, its regions as they may be
    written, and those above them; all stations of a group only where owners are told of groups."""
    found: dict[str, None] = {}
    if incident.mn:
        found[f"mn:{incident.mn}"] = None
    elif settings.tell_owners_of_groups:
        found |= dict.fromkeys(f"mn:{mn}" for mn in sorted(concern.mns))
    for code in sorted({incident.region, *concern.regions}):
        for one in (code, *chain(code)):
            if one:
                found |= dict.fromkeys((f"region:{one}", f"region:{written(stem(one))}"))
    return list(found)


def channels_of(contact: ContactRecord, chosen: Collection[str]) -> tuple[Channel, ...]:
    """By which channels somebody is told: what was chosen, as far as there is an address, else all
    that there are; in the pages always when nothing else is left."""
    has = [one for one in CHANNELS if one == APP or contact.ways.get(one)]
    fit = [one for one in has if not chosen or one in chosen]
    return tuple(fit) or (APP,)


def _touches(region: str, incident: IncidentRecord, concern: Concern) -> bool:
    """Whether a region that somebody chose has stations of it, or is the group's or in it."""
    code = incident.region
    return (
        any(holds(region, one) for one in concern.regions)
        or (bool(code) and holds(region, code))
        or (bool(code) and is_group(incident) and holds(code, region))
    )


def _add(found: dict[int, frozenset[str]], contact: int, channels: Iterable[str]) -> None:
    """All channels, an empty set, go before some."""
    chosen = frozenset(channels)
    before = found.get(contact)
    if before is None:
        found[contact] = chosen
    elif not before or not chosen:
        found[contact] = frozenset()
    else:
        found[contact] = before | chosen
