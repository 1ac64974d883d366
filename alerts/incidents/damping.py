"""Something is back: is it the same incident, a new one, or does it flap? Pure.

Tests: tests/alerts/incidents/test_damping.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord

Back = Literal["new", "join", "reopen"]


def back(latest: IncidentRecord | None, settings: AlertsSettings, now: datetime) -> Back:
    """What an alarm is to the newest incident of its rule, place and factor.

    Back exactly ``flap_within_s`` after it recovered it is still the same. What a person closed
    is over: a new one.
    """
    if latest is None or latest.state == "closed":
        return "new"
    if latest.state != "recovered":
        return "join"
    assert latest.recovered_at is not None
    within = timedelta(seconds=settings.flap_within_s)
    return "reopen" if now - latest.recovered_at <= within else "new"


def flaps(times: int, settings: AlertsSettings) -> bool:
    """Whether one that came back so often is told of no more."""
    return times >= settings.flap_times
