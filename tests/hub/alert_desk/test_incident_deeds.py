"""Incidents at the desk: listed, shown, taken in hand, silenced, closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_rig import NOW, Desk

from hj212d.hub.alert_desk.contact_deeds import ContactPut
from hj212d.hub.alert_desk.incident_deeds import (
    IncidentAck,
    IncidentClose,
    IncidentGet,
    IncidentNote,
    Incidents,
    IncidentSilence,
    IncidentUnsilence,
)
from hj212d.hub.alert_desk.subscription_deeds import SubscriptionAdd
from hj212d.hub.decisions.deeds import Unknown


def test_an_incident_is_shown_with_all_that_is_known(desk: Desk) -> None:
    """Its log, its alarm with the place of the raw frame, the message of it."""
    desk(ContactPut, fields={"name": "王工", "ways": {"app": ""}})
    desk(SubscriptionAdd, contact=1)
    no = desk.incident("A", detail={"lane": "w0", "position": 4096})
    shown = desk(IncidentGet, no=no.lower())
    assert (shown["incident"]["place"], shown["incident"]["place_name"]) == ("mn:A", "站A")
    assert shown["log"][0]["event"] == "opened"
    assert [alarm["mn"] for alarm in shown["alarms"]] == ["A"]
    assert shown["frames"] == ["w0:4096"]
    assert [(one["step"], one["contact"]) for one in shown["messages"]] == [("opened", "王工")]
    assert (shown["case"], shown["plans"]) == (None, [])
    with pytest.raises(Unknown, match="there is no incident A1"):
        desk(IncidentGet, no="A1")


def test_lists_are_filtered_and_paged(desk: Desk) -> None:
    """Newest first; a page says where the next begins."""
    for mn in ("A", "B", "C"):
        desk.incident(mn)
        desk.later(hours=1)
    first = desk(Incidents, limit=2)
    assert [one["mn"] for one in first["incidents"]] == ["C", "B"]
    second = desk(Incidents, limit=2, before=first["next"])
    assert [one["mn"] for one in second["incidents"]] == ["A"]
    assert "next" not in second
    assert [one["mn"] for one in desk(Incidents, mn="B")["incidents"]] == ["B"]
    assert len(desk(Incidents, region="3301")["incidents"]) == 3
    assert desk(Incidents, region="44")["incidents"] == []
    assert desk(Incidents, kind=["stuck"])["incidents"] == []
    assert desk(Incidents, end=NOW.isoformat())["incidents"] == []
    assert 'start = "soon"' in desk.refusal(Incidents, start="soon")


def test_somebody_takes_it_in_hand(desk: Desk) -> None:
    """Who and when stand in it, with a note in its log."""
    no = desk.incident()
    done = desk(IncidentAck, no=no, text="在路上")["incident"]
    assert (done["state"], done["acknowledged_by"]) == ("acknowledged", "anna")
    desk(IncidentNote, no=no, text="换了电源 <b>")
    log = desk(IncidentGet, no=no)["log"]
    assert [(one["event"], one["who"], one["text"]) for one in log[-2:]] == [
        ("acknowledged", "anna", "在路上"),
        ("note", "anna", "换了电源 <b>"),
    ]


def test_silence_lies_ahead_and_ends(desk: Desk) -> None:
    """For a span or until a moment; not in the past, not for months."""
    no = desk.incident()
    done = desk(IncidentSilence, no=no, span="2h")["incident"]
    assert done["state"] == "silenced"
    until = (desk.now + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert done["silenced_until"] == until
    assert desk(IncidentUnsilence, no=no)["incident"]["state"] == "open"
    past = (desk.now - timedelta(seconds=1)).isoformat()
    assert "lies in the past" in desk.refusal(IncidentSilence, no=no, until=past)
    assert "lies in the past" in desk.refusal(IncidentSilence, no=no, until=desk.now.isoformat())
    assert "31 days at the most" in desk.refusal(IncidentSilence, no=no, span="32d")
    assert "one of the two" in desk.refusal(IncidentSilence, no=no)
    assert "one of the two" in desk.refusal(IncidentSilence, no=no, until=past, span="1h")


def test_only_what_is_over_is_closed(desk: Desk) -> None:
    """What stands would be told of again at once."""
    no = desk.incident()
    assert no in desk.refusal(IncidentClose, no=no) or desk.refusal(IncidentClose, no=no)
    began = desk.registry.incidents.by_no(no).began  # type: ignore[union-attr]
    desk.tells("A", "cleared", began=began)
    desk.later(minutes=10)
    assert desk(IncidentClose, no=no)["incident"]["state"] == "closed"
    assert desk(Incidents)["incidents"] == []
    assert len(desk(Incidents, state=["closed"])["incidents"]) == 1
    with pytest.raises(Unknown):
        desk(IncidentAck, no="A20000101-0001")
