"""Records of cases as alerting opens them: the case, and its log, a chain of entries.

States, events and who may do what are the case engine's; what telemetry reports is reported,
commented on and, before it is filed, voided. Tests: tests/store/registry/test_cases_book.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

OPEN_STATES = ("reported", "accepted", "verifying", "verified", "filed", "dispatched", "received")
ENDED_STATES = ("closed", "archived", "voided", "rejected", "duplicate")


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One case. ``case_no``: "HJ20261121-0001", by the Beijing day. ``source``: "telemetry" or
    "person". At most one case of one ``mn``, ``factor`` and ``alert_kind`` is open at a time."""

    id: int = 0
    case_no: str = ""
    profile: str = "dcm7"
    source: str = "telemetry"
    class_code: str = ""
    title: str
    text: str = ""
    mn: str = ""
    factor: str = ""
    alert_kind: str = ""
    region: str = ""
    longitude: float | None = None
    latitude: float | None = None
    state: str = "reported"
    incident_id: int | None = None
    reported_at: datetime
    ended_at: datetime | None = None
    version: int = 0


class CaseEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a case's log. ``event``: "report", "comment", "recovered", "void". ``hash``:
    SHA-256 over ``prev_hash`` and the line, so that a changed line shows."""

    id: int = 0
    case_id: int
    at: datetime
    event: str
    from_state: str = ""
    to_state: str = ""
    who: str = ""
    text: str = ""
    payload: dict[str, Any] = {}
    prev_hash: str = ""
    hash: str = ""
