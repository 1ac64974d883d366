"""alerts.incidents.damping: the same incident again, a new one, or one that flaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.incidents.damping import back, flaps
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
SETTINGS = AlertsSettings()


def incident(**more: Any) -> IncidentRecord:
    """One on a silent station."""
    given = {"rule": "offline", "kind": "offline", "place": "mn:A", "mn": "A"}
    return IncidentRecord(**(given | {"began": NOW, "opened_at": NOW} | more))


@pytest.mark.parametrize(
    ("gone_s", "what"),
    [(-3600, "reopen"), (0, "reopen"), (1800, "reopen"), (1800.001, "new"), (9999, "new")],
)
def test_what_is_back_within_half_an_hour_is_the_same(gone_s: float, what: str) -> None:
    """Exactly half an hour included; a clock that was set back makes nothing new of it."""
    one = incident(state="recovered", recovered_at=NOW)
    assert back(one, SETTINGS, NOW + timedelta(seconds=gone_s)) == what


def test_what_lasts_is_joined_and_what_was_closed_is_over() -> None:
    """Whoever closed it wants to hear when it comes again."""
    assert back(None, SETTINGS, NOW) == "new"
    for state in ("open", "acknowledged", "silenced"):
        assert back(incident(state=state), SETTINGS, NOW) == "join"
    closed = incident(state="closed", recovered_at=NOW, closed_at=NOW)
    assert back(closed, SETTINGS, NOW) == "new"


def test_the_third_time_is_flapping() -> None:
    """As the settings say."""
    assert [flaps(times, SETTINGS) for times in (1, 2, 3, 4)] == [False, False, True, True]
