"""What is done to incidents, each deed one transaction of the registry; nothing is remembered
between them. Killed at any moment and done again, nothing is told twice and nothing is left out.

Tests: tests/alerts/incidents/test_alert_deeds.py, tests/alerts/incidents/test_killed_deeds.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from alerts.incidents import steps
from alerts.incidents.by_hand import acknowledge, close, note, silence, unsilence
from alerts.incidents.due import take_due
from alerts.incidents.keeper import Keeper, raised_again
from alerts.incidents.terms import Places, Render, Taken, Telling, Terms, Ticked
from alerts.incidents.transaction import in_one
from alerts.incidents.waiting import open_waiting
from alerts.signals import Signal
from store.registry.alarms import Changed, Key, key_of
from store.registry.alert_records import (
    OPEN_INCIDENTS,
    SEVERITIES,
    AlarmRecord,
    IncidentRecord,
    Severity,
)
from store.registry.open import Registry

__all__ = [
    "Places",
    "Render",
    "Taken",
    "Telling",
    "Terms",
    "Ticked",
    "acknowledge",
    "close",
    "note",
    "settle_rules",
    "silence",
    "take",
    "tick",
    "unsilence",
]


def take(registry: Registry, signals: Sequence[Signal], terms: Terms) -> Taken:
    """Keep what detectors told, in their order. Told again it changes nothing. Signals of rules
    that are not in force raise nothing. Some thousands at once are fine; who has more takes them
    in pieces."""
    return in_one(registry, lambda: _take(Keeper(registry, terms), signals))


def tick(registry: Registry, terms: Terms) -> Ticked:
    """Make incidents of alarms that waited, and take the steps that are due."""
    return in_one(registry, lambda: _tick(Keeper(registry, terms)))


def settle_rules(registry: Registry, terms: Terms) -> Taken:
    """End the alarms of rules that are no longer in force, or no longer about their stations:
    their incidents recover with that reason. Incidents that a wrong clock put in the future are
    brought back, and those that last are reminded of, escalated and closed by the settings and
    rules of now. To be called at the start, when rules or settings changed, and when the clock
    was set back."""
    return in_one(registry, lambda: _settle_rules(Keeper(registry, terms)))


def _take(keeper: Keeper, signals: Sequence[Signal]) -> Taken:
    signals = _net(signals)
    raised = _raise(keeper, [one for one in signals if one.what == "raised"])
    changed = _change(keeper, [one for one in signals if one.what == "changed"])
    ended = keeper.registry.alarms.end(
        (one.rule, one.subject, one.factor, one.began, max(one.at, one.began))
        for one in signals
        if one.what == "cleared"
    )
    for incident, alarms in _by_incident(keeper, ended):
        keeper.ended(incident, alarms)
    return Taken(
        raised=len(raised),
        changed=len(changed),
        ended=len(ended),
        messages=keeper.crier.messages,
        next_at=keeper.now if raised or changed or ended else None,
    )


def _net(signals: Sequence[Signal]) -> list[Signal]:
    """Without ends that a later signal of the same alarm takes back."""
    last = {_key(one): place for place, one in enumerate(signals) if one.what == "raised"}
    return [
        one
        for place, one in enumerate(signals)
        if one.what != "cleared" or last.get(_key(one), -1) < place
    ]


def _key(signal: Signal) -> Key:
    return signal.rule, signal.subject, signal.factor, signal.began


def _raise(keeper: Keeper, signals: Sequence[Signal]) -> list[AlarmRecord]:
    """The alarms that are new, or last again."""
    told = {_key(one): one for one in signals if one.rule in keeper.terms.rules}
    if not told:
        return []
    new = keeper.registry.alarms.open(_alarm(keeper, one) for one in told.values())
    if len(new) == len(told):
        return new
    fresh = {key_of(alarm) for alarm in new}
    again: list[Changed] = []
    for alarm in keeper.registry.alarms.named([key for key in told if key not in fresh]):
        changes = raised_again(alarm, told[key_of(alarm)])
        if changes is not None:
            again.append((*key_of(alarm), {**changes, "seen_at": keeper.now}))
    return new + (keeper.registry.alarms.change(again) if again else [])


def _change(keeper: Keeper, signals: Sequence[Signal]) -> list[AlarmRecord]:
    """The alarms that are known."""
    wanted: dict[Key, dict[str, object]] = {}
    for one in signals:
        if one.rule not in keeper.terms.rules:
            continue
        wanted[one.rule, one.subject, one.factor, one.began] = {
            "severity": _severity(keeper, one),
            "value": one.value,
            "limit": one.limit,
            "unit": one.unit,
            "detail": one.detail,
        }
    if not wanted:
        return []
    changed = keeper.registry.alarms.change((*key, some) for key, some in wanted.items())
    for incident, alarms in _by_incident(keeper, changed):
        keeper.changed(incident, alarms)
    return changed


def _alarm(keeper: Keeper, signal: Signal) -> AlarmRecord:
    subject = signal.subject
    mn = subject[4:] if subject.startswith("key:") else signal.mn
    region = subject.removeprefix("region:") if subject.startswith("region:") else ""
    return AlarmRecord(
        rule=signal.rule,
        kind=signal.kind,
        subject=subject,
        factor=signal.factor,
        mn=mn,
        region=keeper.terms.places.region(mn) if mn else region,
        severity=_severity(keeper, signal),
        began=signal.began,
        seen_at=signal.seen_at,
        value=signal.value,
        limit=signal.limit,
        unit=signal.unit,
        detail=signal.detail,
    )


def _severity(keeper: Keeper, signal: Signal) -> Severity:
    if signal.severity in SEVERITIES:
        return signal.severity
    return keeper.terms.rules[signal.rule].severity


def _tick(keeper: Keeper) -> Ticked:
    opened = open_waiting(keeper)
    due = take_due(keeper)
    looks = [at for at in (opened.next_at, due.next_at) if at is not None]
    return Ticked(
        opened=opened.opened,
        joined=opened.joined,
        reopened=opened.reopened,
        recovered=due.recovered,
        closed=due.closed,
        messages=keeper.crier.messages,
        next_at=min(looks, default=None),
    )


def _settle_rules(keeper: Keeper) -> Taken:
    gone = [alarm for alarm in keeper.registry.alarms.active() if not _stands(keeper, alarm)]
    keeper.end_by_rule([alarm for alarm in gone if not alarm.incident_id])
    for incident, alarms in _by_incident(keeper, gone):
        keeper.retire(incident, alarms)
    ahead = keeper.registry.incidents.list(OPEN_INCIDENTS, start=keeper.now, limit=None)
    for incident in ahead:
        settings = keeper.terms.settings_of(incident.rule)
        if changes := steps.rebased(incident, settings, keeper.now):
            keeper.rebase(incident, changes)
    for incident in keeper.registry.incidents.list(OPEN_INCIDENTS, limit=None):
        settings = keeper.terms.settings_of(incident.rule)
        next_at = steps.look_at(incident, incident, settings, keeper.now)
        if next_at != incident.next_at:
            keeper.registry.incidents.change(incident, next_at=next_at)
    return Taken(ended=len(gone), messages=keeper.crier.messages)


def _stands(keeper: Keeper, alarm: AlarmRecord) -> bool:
    """Whether its rule is in force and still about it; of media nothing is known here."""
    rule = keeper.terms.rules.get(alarm.rule)
    if rule is None:
        return False
    anywhere = msgspec.structs.replace(rule, media=())
    return not alarm.mn or anywhere.concerns(alarm.mn, alarm.region, alarm.factor)


def _by_incident(
    keeper: Keeper, alarms: Iterable[AlarmRecord]
) -> list[tuple[IncidentRecord, list[AlarmRecord]]]:
    """The incidents of alarms that have one, each with them."""
    found: dict[int, list[AlarmRecord]] = defaultdict(list)
    for alarm in alarms:
        if alarm.incident_id:
            found[alarm.incident_id].append(alarm)
    incidents = keeper.registry.incidents.some(list(found))
    return [(incident, found[id]) for id, incident in sorted(incidents.items())]
