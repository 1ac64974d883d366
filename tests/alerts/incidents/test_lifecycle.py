"""alerts.incidents.lifecycle, standing: states, what leads from one to the other, and when."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.incidents.lifecycle import (
    EVENTS,
    STATES,
    TABLE,
    NotInThisState,
    Row,
    check_table,
    moved,
)
from alerts.incidents.standing import is_back, is_group
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
SETTINGS = AlertsSettings()


def incident(**more: Any) -> IncidentRecord:
    """One on a silent station."""
    given = {"rule": "offline", "kind": "offline", "place": "mn:A", "mn": "A", "no": "A1"}
    return IncidentRecord(**(given | {"began": NOW, "opened_at": NOW} | more))


LEADS = {
    ("open", "acknowledge"): "acknowledged",
    ("open", "silence"): "silenced",
    ("open", "recover"): "recovered",
    ("open", "merge"): "closed",
    ("acknowledged", "acknowledge"): "acknowledged",
    ("acknowledged", "silence"): "silenced",
    ("acknowledged", "recover"): "recovered",
    ("silenced", "acknowledge"): "silenced",
    ("silenced", "silence"): "silenced",
    ("silenced", "unsilence"): "open",
    ("silenced", "recover"): "recovered",
    ("recovered", "acknowledge"): "recovered",
    ("recovered", "reopen"): "open",
    ("recovered", "close"): "closed",
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(STATES, EVENTS)])
def test_what_each_event_leads_to(state: Any, event: Any) -> None:
    """All that is not in the table is refused with one sentence that names the incident."""
    one = incident(state=state, active=0)
    if (state, event) in LEADS:
        assert moved(one, event, NOW, SETTINGS) == LEADS[state, event]
    else:
        with pytest.raises(NotInThisState, match=f"incident A1 is {state}: no {event} now"):
            moved(one, event, NOW, SETTINGS)


def test_what_lasts_does_not_recover() -> None:
    """The sentence says how much of it does."""
    with pytest.raises(NotInThisState, match="A1 is not over, 2 of 3 last"):
        moved(incident(active=2, count=3), "recover", NOW, SETTINGS)


def test_what_somebody_takes_care_of_stays_so() -> None:
    """After a silence and when it is back: nobody acknowledges twice."""
    for state, event in (("silenced", "unsilence"), ("recovered", "reopen")):
        one = incident(state=state, acknowledged_at=NOW)
        assert moved(one, event, NOW, SETTINGS) == "acknowledged"  # type: ignore[arg-type]


def test_what_is_back_within_its_silence_is_still_silenced() -> None:
    """Up to its end, that moment not included."""
    one = incident(state="recovered", silenced_until=NOW, acknowledged_at=NOW)
    assert moved(one, "reopen", NOW - timedelta(seconds=1), SETTINGS) == "silenced"
    assert moved(one, "reopen", NOW, SETTINGS) == "acknowledged"


def without(*rows: tuple[str, str]) -> list[Row]:
    """The table without some rows."""
    return [row for row in TABLE if (row.state, row.event) not in rows]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (without(("recovered", "close"), ("open", "merge")), "no way leads to the state closed"),
        (
            [row for row in TABLE if row.to != "silenced"],
            "no way leads to the state silenced",
        ),
        (
            without(("acknowledged", "silence"), ("acknowledged", "recover")),
            "no way leads out of the state acknowledged",
        ),
        ([*TABLE, Row("closed", "reopen", "open")], "nothing happens after closed"),
        ([*TABLE, Row("open", "silence", "open", "over")], "never holds"),
        ([*TABLE, Row("open", "close", "closed", "odd")], "no such guard"),
    ],
)
def test_a_table_with_a_hole_is_refused(table: list[Row], why: str) -> None:
    """As it is when the module is imported."""
    with pytest.raises(ValueError, match=why):
        check_table(table)


@pytest.mark.parametrize(
    ("place", "told", "count", "group"),
    [
        ("mn:A", 3, 3, False),
        ("many", 21, 21, True),
        ("region:330100", 5, 5, True),
        ("region:330100", 1, 1, False),  # a warning by the forecast
        ("hub", 900, 900, True),
        ("hub", 1, 1, False),  # a disk
        ("forward:city", 1, 1, False),
    ],
)
def test_what_is_a_group(place: str, told: int, count: int, group: bool) -> None:
    """By its place and by how many it was told of."""
    assert is_group(incident(place=place, told=told, count=count)) == group


@pytest.mark.parametrize(
    ("told", "active", "back"),
    [(100, 0, True), (100, 5, True), (100, 6, False), (5, 1, False), (20, 1, True)],
)
def test_a_group_is_back_when_nearly_all_are(told: int, active: int, back: bool) -> None:
    """95 % of those of which people were told, however often single ones came and went."""
    one = incident(place="region:330100", told=told, count=10 * told, active=active)
    assert is_back(one, SETTINGS) == back


def test_a_station_is_back_when_nothing_of_it_lasts() -> None:
    """However many factors there were."""
    assert not is_back(incident(count=40, told=40, active=1), SETTINGS)
    assert is_back(incident(count=40, told=40, active=0), SETTINGS)
