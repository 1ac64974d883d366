"""Maintenance windows at the desk."""

from __future__ import annotations

from typing import Any

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk.incident_deeds import Incidents
from hj212d.hub.alert_desk.maintenance_deeds import (
    MaintenanceAdd,
    MaintenanceCancel,
    MaintenanceList,
)
from hj212d.hub.decisions.deeds import Unknown


def test_a_window_keeps_incidents_from_opening(desk: Desk) -> None:
    """As long as it lasts; cancelled it holds no more."""
    said = {"mns": ["A"], "span": "2h", "reason": "标定"}
    kept = desk(MaintenanceAdd, fields=said)["maintenance"]
    assert (kept["start"], kept["end"]) == ("2026-03-02T00:00:00Z", "2026-03-02T02:00:00Z")
    desk.tells("A")
    desk.tells("B")
    desk.later(minutes=5)
    assert [one["mn"] for one in desk(Incidents)["incidents"]] == ["B"]
    (window,) = desk(MaintenanceList)["maintenance"]
    assert window["active"] is True
    assert desk(MaintenanceCancel, id=1)["maintenance"]["cancelled_by"] == "anna"
    assert desk(MaintenanceList)["maintenance"] == []
    assert len(desk(MaintenanceList, state="all")["maintenance"]) == 1
    with pytest.raises(Unknown, match="there is no maintenance 9"):
        desk(MaintenanceCancel, id=9)


def test_a_window_that_comes_again(desk: Desk) -> None:
    """Every day for an hour; now it is not."""
    said = {"kinds": ["offline"], "start": "2026-03-01T03:00", "span": "1h", "every": "day"}
    desk(MaintenanceAdd, fields=said)
    (window,) = desk(MaintenanceList)["maintenance"]
    assert (window["every"], window["active"]) == ("day", False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"span": "1h"}, "mns is missing"),
        ({"mns": ["A"]}, "end: say when a window ends"),
        ({"mns": ["A"], "span": "1h", "end": "2026-03-03"}, "end: say when a window ends"),
        ({"mns": ["A"], "end": "2026-03-01T00:00"}, "end = "),
        ({"mns": ["A"], "start": "2026-02-01", "end": "2026-02-02"}, "end = 2026-02-01T16:00"),
        ({"mns": ["A"], "span": "2d", "every": "day"}, "end = "),
        ({"mns": ["A"], "span": "400d"}, "end = "),
        ({"mns": ["A"], "span": "1h", "every": "hour"}, 'every = "hour": expected one of day'),
        ({"regions": ["x"], "span": "1h"}, 'regions = "x": expected the code'),
        ({"mns": ["A"], "start": "soon", "span": "1h"}, 'start = "soon": expected a time'),
        ({"mns": ["A"], "span": "1h", "why": ""}, "why: a maintenance window has no such field"),
    ],
)
def test_what_is_wrong_with_a_window(desk: Desk, fields: dict[str, Any], sentence: str) -> None:
    """One sentence with the field; nothing is kept."""
    assert desk.refusal(MaintenanceAdd, fields=fields).startswith(sentence)
    assert desk(MaintenanceList, state="all")["maintenance"] == []
