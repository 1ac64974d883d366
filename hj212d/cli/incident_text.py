"""Incidents as people read them. Pure. Tests: tests/cli/test_incident_command.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hj212d.cli.tables import aligned, harmless
from hj212d.cli.times import show_iso

Row = dict[str, Any]
_FRAMES = 20
_ALARMS = 50


def cells(incident: Row) -> list[object]:
    """Of the list of incidents."""
    return [
        incident["no"],
        "flapping" if incident["flapping"] else incident["state"],
        incident["severity"],
        incident["kind"],
        where(incident),
        incident["factor"],
        show_iso(incident["began"]),
        incident["count"],
        incident["case_no"],
        incident["id"],
    ]


def where(incident: Row) -> str:
    """A place with its name."""
    place, name = incident["place"], incident.get("place_name") or ""
    bare = place.partition(":")[2] or place
    return place if name in ("", bare, place) else f"{name} ({place})"


def lines(answer: Row) -> Iterator[str]:
    """All that is known of one."""
    yield from map(harmless, _head(answer["incident"]))
    if case := answer["case"]:
        yield harmless(f"  case      {case['case_no']} {case['state']}: {case['title']}")
    for plan in answer["plans"]:
        level = f" ({plan['level']})" if plan["level"] else ""
        yield harmless(f"  plan      {plan['code']}{level} {plan['title']}")
    if frames := answer["frames"]:
        more = f" and {len(frames) - _FRAMES} more" if len(frames) > _FRAMES else ""
        yield harmless(f"  frames    {' '.join(frames[:_FRAMES])}{more}")
    yield from _part(
        "log", ([show_iso(e["at"]), e["event"], e["who"], e["text"]] for e in answer["log"])
    )
    alarms = answer["alarms"]
    yield from _part("alarms", map(_alarm, alarms[:_ALARMS]))
    if (count := answer["incident"]["count"]) > min(len(alarms), _ALARMS):
        yield f"  of {count}"
    yield from _part("messages", map(_message, answer["messages"]))


def _head(incident: Row) -> Iterator[str]:
    factor = f" {incident['factor']}" if incident["factor"] else ""
    flapping = ", flapping" if incident["flapping"] else ""
    yield f"{incident['no']}  {incident['kind']}{factor} at {where(incident)}"
    state = f"{incident['state']}{flapping}, {incident['severity']}"
    yield f"  state     {state}, rule {incident['rule']}"
    yield f"  began     {show_iso(incident['began'])}, opened {show_iso(incident['opened_at'])}"
    if incident["value"] is not None:
        limit = "" if incident["limit"] is None else f", limit {incident['limit']:.6g}"
        yield f"  value     {incident['value']:.6g}{limit} {incident['unit']}".rstrip()
    yield f"  alarms    {incident['count']}, of which {incident['active']} stand"
    if incident["acknowledged_by"]:
        at = show_iso(incident["acknowledged_at"])
        yield f"  in hand   of {incident['acknowledged_by']} since {at}"
    if incident["silenced_until"] and incident["state"] == "silenced":
        until = show_iso(incident["silenced_until"])
        yield f"  silent    until {until}, by {incident['silenced_by']}"
    if incident["recovered_at"]:
        yield f"  recovered {show_iso(incident['recovered_at'])}"
    if incident["closed_at"]:
        yield f"  closed    {show_iso(incident['closed_at'])} {incident['closed_by']}".rstrip()
    if incident["reminded"] or incident["level"]:
        level = f"escalated to level {incident['level']}"
        yield f"  told      {incident['reminded']} reminders, {level}"


def _alarm(alarm: Row) -> list[object]:
    value = "" if alarm["value"] is None else f"{alarm['value']:.6g} {alarm['unit']}".rstrip()
    return [
        alarm["subject"],
        alarm["factor"],
        show_iso(alarm["began"]),
        show_iso(alarm["ended"]) or "stands",
        alarm["severity"],
        value,
    ]


def _message(message: Row) -> list[object]:
    return [
        message["id"],
        message["step"],
        message["channel"],
        message["contact"],
        message["state"],
        show_iso(message["settled_at"] or message["next_at"]),
        message["error"] or message["receipt"],
    ]


def _part(name: str, rows: Any) -> Iterator[str]:
    texts = [[harmless(cell) for cell in row] for row in rows]
    if texts:
        yield f"{name}:"
        for line in aligned(texts, set()):
            yield f"  {line}".rstrip()
