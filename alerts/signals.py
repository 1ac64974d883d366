"""What detectors tell the keepers of incidents: something began, changed, or is over.

A signal names its alarm by (rule, subject, factor, began): told twice it is the same alarm, so
that whoever evaluates again what was evaluated before repeats nothing.
Tests: tests/alerts/test_signals.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

What = Literal["raised", "changed", "cleared"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one alarm. Moments are aware, UTC.

    ``rule``: key of the rule. ``subject``: "mn:MN", "region:CODE", "forward:NAME", "key:MN" or
    "hub". ``factor``: "" where the rule is not about one. ``began``: when the alarm began, by
    data time where values are judged, else by the receiving clock; it stays with the alarm.
    ``at``: when this change happened; ``seen_at``: when the platform noticed it. ``severity``:
    "" for the rule's own. ``value``, ``limit``, ``unit``: what is told about it. ``detail``: the
    evidence: data window, numbers of samples, lane and position of the frame, what the link did.
    """

    rule: str
    kind: str
    subject: str
    factor: str = ""
    what: What
    began: datetime
    at: datetime
    seen_at: datetime
    severity: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    detail: dict[str, Any] = {}

    @property
    def mn(self) -> str:
        """The MN that it is about, "" for none."""
        return self.subject[3:] if self.subject.startswith("mn:") else ""
