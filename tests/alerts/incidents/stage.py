"""A stage for incidents: a real registry, a clock that tests turn, some regions with stations, and
people who are told. Not a test itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.incidents import deeds
from alerts.incidents.terms import Taken, Telling, Terms, Ticked
from alerts.notify.message import Message
from alerts.rules.book import Rule, rules_in_force
from alerts.rules.regions import holds
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from store.registry.alert_records import (
    ContactRecord,
    IncidentRecord,
    MessageRecord,
    RuleRecord,
    SiteContactRecord,
    SubscriptionRecord,
)
from store.registry.open import Registry, open_registry

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
SECOND = timedelta(seconds=1)
MOST_TICKS = 2_000


def station(region: str, number: int) -> str:
    """The MN of a station: its region stands in it."""
    return f"{region}-{number:05d}"


class Places:
    """Regions with so many stations each."""

    def __init__(self, regions: dict[str, int]) -> None:
        self.regions = regions

    def name(self, mn: str) -> str:
        return f"station {mn}"

    def region(self, mn: str) -> str:
        return mn.partition("-")[0] if "-" in mn else ""

    def stations_in(self, region: str) -> int:
        return sum(many for code, many in self.regions.items() if holds(region, code))

    def region_name(self, code: str) -> str:
        return f"region {code}"

    def position(self, _: str) -> tuple[float, float] | None:
        return None

    def stations(self, region: str) -> list[str]:
        return [
            station(code, number)
            for code, many in self.regions.items()
            if holds(region, code)
            for number in range(many)
        ]


def words(telling: Telling) -> Message:
    """Words that say just enough to be looked at."""
    incident = telling.incident
    text = f"{incident.place} {telling.step} {incident.active}/{incident.count} {telling.why}"
    return Message(subject=f"{incident.rule} {telling.step}", text=text.strip())


class Stage:
    """Deeds at the hand of a test. ``now`` is turned by it."""

    def __init__(
        self,
        registry: Registry,
        regions: dict[str, int] | None = None,
        rules: Sequence[RuleRecord] = (),
        **settings: Any,
    ) -> None:
        self.registry = registry
        self.now = START
        self.places = Places(regions or {"330106": 40, "330108": 40, "330203": 40})
        self.rules: dict[str, Rule] = {rule.key: rule for rule in rules_in_force(rules)}
        self.settings = AlertsSettings(**settings)
        self.on_case: Any = None
        self.next_at: datetime | None = None

    @property
    def terms(self) -> Terms:
        return Terms(
            now=self.now,
            rules=self.rules,
            settings=self.settings,
            places=self.places,
            render=words,
            on_case=self.on_case,
        )

    # People.

    def person(self, name: str = "Li", **subscription: Any) -> int:
        """Somebody with one subscription."""
        contact = self.registry.contacts.put(
            ContactRecord(name=name, ways={"email": f"{name}@example.org"}), "test"
        )
        self.registry.subscriptions.put(
            SubscriptionRecord(contact_id=contact.id, channels=["email"], **subscription), "test"
        )
        return contact.id

    def answers_for(self, place: str, role: Any = "owner", name: str = "Wang") -> int:
        """Somebody who answers for a place."""
        contact = self.registry.contacts.put(
            ContactRecord(name=name, ways={"email": f"{name}@example.org"}), "test"
        )
        self.registry.site_contacts.put(
            SiteContactRecord(place=place, contact_id=contact.id, role=role), "test"
        )
        return contact.id

    # The clock.

    def later(self, seconds: float = 0, **more: float) -> Stage:
        self.now += timedelta(seconds=seconds, **more)
        return self

    # Signals.

    def signal(self, mn: str, what: Any, **more: Any) -> Signal:
        given = {
            "rule": "offline",
            "kind": "offline",
            "subject": f"mn:{mn}" if mn else "hub",
            "what": what,
            "began": self.now,
            "at": self.now,
            "seen_at": self.now,
        }
        return Signal(**(given | more))

    def take(self, signals: Iterable[Signal]) -> Taken:
        return deeds.take(self.registry, list(signals), self.terms)

    def silent(self, *mns: str, **more: Any) -> datetime:
        """Stations fall silent; when, which names the alarm."""
        self.take(self.signal(mn, "raised", **more) for mn in mns)
        return self.now

    def back(self, began: datetime, *mns: str, **more: Any) -> Taken:
        """Stations are back that fell silent at a moment."""
        return self.take(self.signal(mn, "cleared", began=began, **more) for mn in mns)

    def tick(self) -> Ticked:
        ticked = deeds.tick(self.registry, self.terms)
        self.next_at = ticked.next_at
        return ticked

    def until(self, end: datetime) -> Stage:
        """Jump from one moment at which there is something to do to the next, up to an end."""
        for _ in range(MOST_TICKS):
            ticked = self.tick()
            if ticked.next_at is None or ticked.next_at > end:
                break
            # What is due at a moment that has gone is done a second later, as in the hub.
            self.now = max(ticked.next_at, self.now + SECOND)
            if self.now > end:
                break
        else:
            raise AssertionError(f"the clock is asked to look again and again: {ticked}")
        self.now = end
        self.tick()
        return self

    def run(self, seconds: float = 0, **more: float) -> Stage:
        return self.until(self.now + timedelta(seconds=seconds, **more))

    # What came of it.

    def incidents(self) -> list[IncidentRecord]:
        """All, the oldest first."""
        return self.registry.incidents.list(limit=None)[::-1]

    def incident(self) -> IncidentRecord:
        """The only one."""
        (found,) = self.incidents()
        return found

    def messages(self) -> list[MessageRecord]:
        return self.registry.outbox.find(limit=None)[::-1]

    def steps(self, contact: int | None = None) -> list[str]:
        """The steps that were told, in order."""
        return [
            one.step for one in self.messages() if contact is None or one.contact_id == contact
        ]

    def log(self, incident: IncidentRecord | None = None) -> list[str]:
        found = incident or self.incident()
        return [entry.event for entry in self.registry.incidents.entries(found.id)]


def outcome(stage: Stage) -> list[tuple[Any, ...]]:
    """All messages as they would be told, without numbers that depend on attempts."""
    keep = ("about", "step", "contact_id", "channel", "severity", "subject", "text", "state")
    rows = [tuple(getattr(one, name) for name in keep) for one in stage.messages()]
    return sorted(rows)


def sqlite_registry(folder: Path) -> Registry:
    """A registry in a folder; opened again it is the same. It waits for no disk: nothing here
    pulls a plug."""
    opened = open_registry(f"sqlite:///{folder / 'registry.db'}", folder / "registry.key")
    engine = opened._shelf.database.engine
    engine.dispose()
    sa.event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
    return opened


def changed(stage: Stage, **settings: Any) -> None:
    """Other settings from now on."""
    stage.settings = msgspec.structs.replace(stage.settings, **settings)
