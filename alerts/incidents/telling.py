"""One step of one incident becomes messages of the outbox, in the transaction that takes the step.

A message is named by incident, step, contact and channel; written again it is the same one.
Tests: tests/alerts/incidents/test_telling.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from alerts.incidents.audience import APP, Concern, channels_of, hearers, places_of
from alerts.incidents.standing import is_group
from alerts.incidents.steps import together_at
from alerts.incidents.terms import Telling, Terms
from alerts.notify.message import Message
from alerts.plans.matching import suggested
from store.registry.alert_records import (
    AlarmRecord,
    Channel,
    IncidentEntry,
    IncidentRecord,
    MessageRecord,
    PlanRecord,
    SubscriptionRecord,
)
from store.registry.open import Registry

ALARMS_SHOWN = 20  # to the wording; the incident has their count
_LOGGED = {"reminder": "reminded", "grown": "joined"}
_ACTED_ON = ("opened", "reopened", "worse", "escalated")
_PASSING = ("reminder", "escalated")  # who did not get them in time needs them no more


def about(incident: IncidentRecord) -> str:
    """What its messages are about."""
    return f"incident:{incident.id}"


class Crier:
    """Of one transaction. ``messages``: how many it wrote."""

    def __init__(self, registry: Registry, terms: Terms) -> None:
        self.messages = 0
        self._registry = registry
        self._terms = terms

    def tell(
        self,
        incident: IncidentRecord,
        step: str,
        alarms: Sequence[AlarmRecord] | None = None,
        *,
        regions: Collection[str] = (),
        why: str = "",
        level_before: int = 0,
        but: frozenset[int] = frozenset(),
        also: Mapping[int, frozenset[str]] = MappingProxyType({}),
    ) -> frozenset[int]:
        """Write the messages of a step and a line of the log; the contacts it goes to.

        ``incident``: as it is after the step; ``alarms``: all of it where they are at hand.
        ``but``: contacts that are told something of it in this moment anyway. ``also``: contacts
        with their channels that are told besides.
        """
        terms = self._terms
        rule = terms.rules.get(incident.rule)
        known = self._alarms(incident) if alarms is None else alarms
        concern = self._concern(incident, known if alarms is not None else None, regions)
        chosen = self._hearers(step, incident, concern, level_before)
        chosen = {**also, **chosen}
        plans = self._plans_for(incident, step)
        words: dict[str, Message] = {}
        messages: list[MessageRecord] = []
        told: set[int] = set()
        contacts = self._registry.contacts.some([id for id in chosen if id not in but])
        for id, contact in sorted(contacts.items()):
            if not contact.on:
                continue
            told.add(id)
            if contact.language not in words:
                words[contact.language] = terms.render(
                    Telling(
                        step=step,
                        incident=incident,
                        alarms=known[:ALARMS_SHOWN],
                        language=contact.language,
                        places=terms.places,
                        now=terms.now,
                        rule=rule,
                        why=why,
                        plans=plans,
                    )
                )
            message = words[contact.language]
            messages += [
                self._message(incident, step, id, channel, message)
                for channel in channels_of(contact, chosen[id])
            ]
        self.messages += len(self._registry.outbox.add(messages)) if messages else 0
        self.log(incident, step, why, told=len(told | but) if told or but else 0, step=step)
        if plans and step == "opened":
            for plan in plans:
                self.log(incident, "plan", f"{plan.code} {plan.title}", code=plan.code)
        return frozenset(told)

    def told_of(self, ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Contact -> channels, of those who were told of some incidents and would be now."""
        found: dict[int, frozenset[str]] = {}
        for incident in self._registry.incidents.some(ids).values():
            told = {
                message.contact_id
                for message in self._registry.outbox.find(about=about(incident), limit=None)
            }
            if told:
                concern = self._concern(incident, (), ())
                chosen = self._hearers("opened", incident, concern)
                found |= {id: chosen[id] for id in sorted(told & chosen.keys())}
        return found

    def log(
        self, incident: IncidentRecord, event: str, text: str = "", who: str = "", **detail: object
    ) -> None:
        """A line of the incident's log; a step's name stands for its event."""
        kind = event.partition(":")[0]
        if "told" in detail and not detail["told"]:
            text = f"{text}; nobody is told" if text else "nobody is told"
        self._registry.incidents.log(
            IncidentEntry(
                incident_id=incident.id,
                at=self._terms.now,
                event=_LOGGED.get(kind, kind),
                who=who,
                text=text,
                detail=detail,
            )
        )

    def hold_back(self, incident: IncidentRecord, why: str, *kinds: str) -> None:
        """Do not send what still waits of reminders and escalations, or of the kinds named."""
        waiting = self._registry.outbox.find(about=about(incident), states=["waiting"], limit=None)
        wanted = kinds or _PASSING
        steps = sorted({one.step for one in waiting if one.step.partition(":")[0] in wanted})
        if steps:
            self._registry.outbox.withhold(about(incident), steps, why, self._terms.now)

    def _hearers(
        self, step: str, incident: IncidentRecord, concern: Concern, level_before: int = 0
    ) -> dict[int, frozenset[str]]:
        settings = self._terms.settings
        return hearers(
            step,
            incident,
            self._terms.rules.get(incident.rule),
            concern,
            self._subscriptions,
            self._registry.site_contacts.of_places(places_of(incident, concern, settings)),
            settings,
            level_before,
        )

    def _plans_for(self, incident: IncidentRecord, step: str) -> list[PlanRecord]:
        """Emergency plans that fit it, where somebody has to act on the step."""
        if step.partition(":")[0] not in _ACTED_ON:
            return []
        return suggested(self._plans, incident)

    @cached_property
    def _plans(self) -> list[PlanRecord]:
        return self._registry.plans.search(state="in_force")

    @cached_property
    def _subscriptions(self) -> list[SubscriptionRecord]:
        return self._registry.subscriptions.all()

    def _alarms(self, incident: IncidentRecord) -> list[AlarmRecord]:
        """Some, those first that last."""
        book = self._registry.alarms
        if incident.count <= ALARMS_SHOWN:
            every = book.of_incident(incident.id, limit=ALARMS_SHOWN)
            return sorted(every, key=lambda alarm: alarm.ended is not None)
        found = book.of_incident(incident.id, active=True, limit=ALARMS_SHOWN)
        if len(found) < ALARMS_SHOWN:
            found += book.of_incident(incident.id, active=False, limit=ALARMS_SHOWN - len(found))
        return found

    def _concern(
        self,
        incident: IncidentRecord,
        alarms: Sequence[AlarmRecord] | None,
        regions: Collection[str],
    ) -> Concern:
        pairs: Iterable[tuple[str, str]] = [(incident.mn, incident.region)]
        if alarms is not None:
            pairs = chain(pairs, ((alarm.mn, alarm.region) for alarm in alarms))
        elif is_group(incident):
            pairs = chain(pairs, self._registry.alarms.concerned(incident.id))
        mns, codes = set[str](), set(regions)
        for mn, region in pairs:
            mns.add(mn)
            codes.add(region)
        return Concern(frozenset(mns - {""}), frozenset(codes - {""}))

    def _message(
        self, incident: IncidentRecord, step: str, contact: int, channel: Channel, words: Message
    ) -> MessageRecord:
        now = at = self._terms.now
        every = timedelta(seconds=self._terms.settings_of(incident.rule).remind_every_s)
        reminds = step.startswith("reminder")
        if reminds and channel != APP:
            at = together_at(now, every)
        return MessageRecord(
            about=about(incident),
            step=step,
            contact_id=contact,
            channel=channel,
            severity=incident.severity,
            subject=words.subject,
            text=words.text,
            facts=words.facts,
            created_at=now,
            next_at=at,
            expires_at=at + every if reminds else None,
        )
