"""Exceptional events: proposed, approved or rejected, listed.

Tests: tests/hub/decisions/test_deeds.py.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from aqi.factors import POLLUTANTS
from hj212d.hub.decisions.deeds import (
    Answer,
    Deed,
    Fields,
    Terms,
    Unknown,
    moment,
    one_of,
    only,
    row,
    shown,
    text,
    texts,
)
from hj212d.hub.device_changes import mn_of
from store.registry.decisions import EventKind, EventRecord, EventState
from store.registry.open import Registry

FIELDS = ("kind", "area", "start", "end", "pollutants", "evidence")
MOST_EVIDENCE = 4000


class EventAdd(Deed, tag="event_add", kw_only=True):
    """Propose an event."""

    event: dict[str, Any]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "event": as it is kept."""
        return {"event": row(registry.events.add(event_of(self.event), self.who))}


class EventDecide(Deed, tag="event_decide", kw_only=True):
    """Approve or reject an event, also one that was decided otherwise."""

    id: int
    state: Literal["approved", "rejected"]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "event": as it stands now."""
        try:
            return {"event": row(registry.events.decide(self.id, self.state, self.who))}
        except KeyError as missing:
            raise Unknown(str(missing.args[0])) from None


class Events(Deed, tag="events", kw_only=True):
    """Events of a state or all that touch the time from ``start`` to ``end``."""

    state: EventState | None = None
    start: str | None = None
    end: str | None = None

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "events" in the order of their beginning."""
        found = registry.events.list(
            self.state,
            None if self.start is None else moment("start", self.start),
            None if self.end is None else moment("end", self.end),
        )
        return {"events": [row(event) for event in found]}


DEEDS: tuple[type[Deed], ...] = (EventAdd, EventDecide, Events)


def event_of(fields: Fields) -> EventRecord:
    """An event of fields as people write them; ValueError names field and value."""
    only(fields, FIELDS, "an event")
    start = moment("start", fields.get("start") or "")
    end = moment("end", fields.get("end") or "")
    if end <= start:
        raise ValueError(f"end = {shown(fields['end'])}: an event ends after it begins")
    area = [mn_of(place) for place in texts("area", fields.get("area") or [])]
    if not area:
        raise ValueError("area = []: expected codes of regions or MNs")
    pollutants = texts("pollutants", fields.get("pollutants") or [])
    for pollutant in pollutants:
        one_of("pollutants", pollutant, POLLUTANTS)
    return EventRecord(
        kind=one_of("kind", fields.get("kind"), get_args(EventKind)),  # type: ignore[arg-type]
        area=area,
        start=start,
        end=end,
        pollutants=pollutants,
        evidence=text("evidence", fields.get("evidence") or "", MOST_EVIDENCE),
    )
