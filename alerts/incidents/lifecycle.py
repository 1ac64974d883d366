"""The states of an incident: what may happen in each, and what it comes to. Pure, as a table.

Whether the table is whole is checked when it is imported: each state can be reached, and of each
but the last there is a way out. Tests: tests/alerts/incidents/test_lifecycle.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from alerts.incidents.standing import is_back
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord, IncidentState

Event = Literal["acknowledge", "silence", "unsilence", "recover", "reopen", "merge", "close"]
Guard = Literal["", "over", "still_silent", "taken_care_of"]

FIRST: IncidentState = "open"
LAST: IncidentState = "closed"
STATES: tuple[IncidentState, ...] = get_args(IncidentState)
GUARDS: tuple[Guard, ...] = get_args(Guard)
EVENTS: tuple[Event, ...] = get_args(Event)


class Row(NamedTuple):
    """In ``state``, ``event`` leads to ``to``, if the guard holds."""

    state: IncidentState
    event: Event
    to: IncidentState
    guard: Guard = ""


# Of the rows of one state and event the first holds whose guard does.
TABLE: tuple[Row, ...] = (
    Row("open", "acknowledge", "acknowledged"),
    Row("open", "silence", "silenced"),
    Row("open", "recover", "recovered", "over"),
    Row("open", "merge", "closed"),  # its alarms stand in that of their region from now on
    Row("acknowledged", "acknowledge", "acknowledged"),  # by somebody else
    Row("acknowledged", "silence", "silenced"),
    Row("acknowledged", "recover", "recovered", "over"),
    Row("silenced", "acknowledge", "silenced"),
    Row("silenced", "silence", "silenced"),  # longer, or shorter
    Row("silenced", "unsilence", "acknowledged", "taken_care_of"),
    Row("silenced", "unsilence", "open"),
    Row("silenced", "recover", "recovered", "over"),
    Row("recovered", "acknowledge", "recovered"),
    Row("recovered", "reopen", "silenced", "still_silent"),
    Row("recovered", "reopen", "acknowledged", "taken_care_of"),
    Row("recovered", "reopen", "open"),
    Row("recovered", "close", "closed"),
)


class NotInThisState(ValueError):
    """It cannot happen to this incident now; the text is one sentence."""


def moved(
    incident: IncidentRecord, event: Event, now: datetime, settings: AlertsSettings
) -> IncidentState:
    """The state after an event. NotInThisState when it cannot happen now."""
    refused = ""
    for row in TABLE:
        if row.state == incident.state and row.event == event:
            if _holds(row.guard, incident, now, settings):
                return row.to
            refused = row.guard
    if refused == "over":
        raise NotInThisState(
            f"incident {incident.no} is not over, {incident.active} of {incident.count} last"
        )
    raise NotInThisState(f"incident {incident.no} is {incident.state}: no {event} now")


def _holds(
    guard: Guard, incident: IncidentRecord, now: datetime, settings: AlertsSettings
) -> bool:
    match guard:
        case "over":
            return is_back(incident, settings)
        case "still_silent":
            return incident.silenced_until is not None and incident.silenced_until > now
        case "taken_care_of":
            return incident.acknowledged_at is not None
    return True


def check_table(table: Sequence[Row]) -> None:
    """ValueError, one sentence, when a state cannot be reached or left, a row never holds, or a
    guard is unknown."""
    reached, grown = {FIRST}, True
    while grown:
        more = {row.to for row in table if row.state in reached} - reached
        grown = bool(more)
        reached |= more
    if lost := set(STATES) - reached:
        raise ValueError(f"no way leads to the state {min(lost)}")
    for state in STATES:
        out = [row for row in table if row.state == state and row.to != state]
        if state == LAST and out:
            raise ValueError(f"nothing happens after {LAST}")
        if state != LAST and not out:
            raise ValueError(f"no way leads out of the state {state}")
    sure: set[tuple[str, str]] = set()
    for row in table:
        if row.guard not in GUARDS or row.event not in EVENTS:
            raise ValueError(f"{row}: no such guard or event")
        if (row.state, row.event) in sure:
            raise ValueError(f"{row} never holds: a row above it always does")
        if not row.guard:
            sure.add((row.state, row.event))


check_table(TABLE)
