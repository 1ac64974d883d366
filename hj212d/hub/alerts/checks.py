"""The check at :00 and :30: what is found wrong so many times in a row is an alarm.

A check that was missed counts neither for nor against. What is looked at stands in findings.py;
here is only the counting. Pure. Tests: tests/hub/alerts/test_alert_checks.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from alerts.signals import Signal
from hj212d.hub.alerts.moments import aware, microseconds
from hj212d.hub.completeness.expected import day_of
from store.registry.alert_records import AlarmRecord

MINUTE_US = 60_000_000
LATE_US = 5 * MINUTE_US  # so late a check is still made, when the hub comes back

Key = tuple[str, str, str]  # rule, subject, factor


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one check found wrong. ``began_us``: since when, None: since the first check
    that found it."""

    rule: str
    kind: str
    subject: str
    factor: str = ""
    began_us: int | None = None
    severity: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    detail: dict[str, Any] = {}

    @property
    def key(self) -> Key:
        """What is counted."""
        return self.rule, self.subject, self.factor


class _Row(msgspec.Struct, array_like=True):
    """How often in a row, since when, and whether it is an alarm."""

    kind: str
    began_us: int
    times: int
    raised: bool = False


class _Kept(msgspec.Struct, array_like=True):
    done_us: int
    rows: list[tuple[str, str, str, _Row]]


class Checks:
    """The counts of all checks."""

    def __init__(self) -> None:
        self.done_us = 0  # the last check that was made
        self._rows: dict[Key, _Row] = {}

    def set_back(self, now_us: int) -> None:
        """The clock was set back: no check was made later than now."""
        self.done_us = min(self.done_us, now_us)

    def due(self, now_us: int, every_minutes: int) -> int | None:
        """The moment of the check that is to be made now, None when there is none. Those that were
        missed are left out."""
        day = day_of(now_us)
        every_us = every_minutes * MINUTE_US
        slot = day + (now_us - day) // every_us * every_us
        return slot if slot > self.done_us and now_us - slot <= LATE_US else None

    def found(
        self,
        at_us: int,
        findings: Iterable[Finding],
        judged: Mapping[str, int],
        seen_us: int,
    ) -> list[Signal]:
        """What the check of a moment comes to. ``judged``: the keys of the rules that could be
        looked at, and how often in a row makes an alarm; the counts of others stay."""
        self.done_us = max(self.done_us, at_us)
        wrong = {finding.key: finding for finding in findings if finding.rule in judged}
        signals = [
            _cleared(key, row, at_us, seen_us)
            for key, row in self._rows.items()
            if key[0] in judged and key not in wrong and row.raised
        ]
        for key in [key for key in self._rows if key[0] in judged and key not in wrong]:
            del self._rows[key]
        for key, finding in wrong.items():
            begun = at_us if finding.began_us is None else finding.began_us
            row = self._rows.setdefault(key, _Row(finding.kind, begun, 0))
            row.times += 1
            if row.raised or row.times >= judged[key[0]]:
                signals.append(_told(finding, row, at_us, seen_us))
                row.raised = True
        return signals

    def keep_only(self, rules: Collection[str]) -> None:
        """Forget the counts of rules that are not in force any more."""
        self._rows = {key: row for key, row in self._rows.items() if key[0] in rules}

    def adopt(self, alarms: Iterable[AlarmRecord]) -> None:
        """Alarms that the registry knows to be active are ours to end."""
        for alarm in alarms:
            key = (alarm.rule, alarm.subject, alarm.factor)
            row = self._rows.get(key)
            if row is None or not row.raised:
                self._rows[key] = _Row(alarm.kind, microseconds(alarm.began), 1, True)

    def snapshot(self) -> bytes:
        """All counts."""
        rows = [(*key, row) for key, row in self._rows.items()]
        return msgspec.msgpack.encode(_Kept(self.done_us, rows))

    def restore(self, data: bytes) -> None:
        """Counts as they were. ValueError when these are none."""
        kept = msgspec.msgpack.decode(data, type=_Kept)
        self.done_us = kept.done_us
        self._rows = {(rule, subject, factor): row for rule, subject, factor, row in kept.rows}


def _told(finding: Finding, row: _Row, at_us: int, seen_us: int) -> Signal:
    return Signal(
        rule=finding.rule,
        kind=finding.kind,
        subject=finding.subject,
        factor=finding.factor,
        what="changed" if row.raised else "raised",
        began=aware(row.began_us),
        at=aware(at_us),
        seen_at=aware(seen_us),
        severity=finding.severity,
        value=finding.value,
        limit=finding.limit,
        unit=finding.unit,
        detail={**finding.detail, "checks": row.times},
    )


def _cleared(key: Key, row: _Row, at_us: int, seen_us: int) -> Signal:
    rule, subject, factor = key
    return Signal(
        rule=rule,
        kind=row.kind,
        subject=subject,
        factor=factor,
        what="cleared",
        began=aware(row.began_us),
        at=aware(at_us),
        seen_at=aware(seen_us),
    )
