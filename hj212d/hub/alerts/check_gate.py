"""Rules of the check whose kind is judged with each frame: what stands wrong when it is made.

Their signals go no further at once; the check finds what was raised and is not over. Pure.
Tests: tests/hub/alerts/test_check_gate.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from alerts.signals import Signal
from hj212d.hub.alerts.checks import Finding, Key
from hj212d.hub.alerts.moments import microseconds

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Signal])


class CheckGate:
    """What detectors found wrong under rules of the check."""

    def __init__(self) -> None:
        self._standing: dict[Key, Signal] = {}

    def passing(self, signals: Iterable[Signal], rules: Collection[str]) -> list[Signal]:
        """The signals of all other rules. ``rules``: keys of those of the check."""
        passed = []
        for signal in signals:
            if signal.rule not in rules:
                passed.append(signal)
                continue
            key = (signal.rule, signal.subject, signal.factor)
            if signal.what == "cleared":
                self._standing.pop(key, None)
            else:
                self._standing[key] = signal
        return passed

    def findings(self) -> list[Finding]:
        """What stands wrong now."""
        return [
            Finding(
                rule=signal.rule,
                kind=signal.kind,
                subject=signal.subject,
                factor=signal.factor,
                began_us=microseconds(signal.began),
                severity=signal.severity,
                value=signal.value,
                limit=signal.limit,
                unit=signal.unit,
                detail=signal.detail,
            )
            for signal in self._standing.values()
        ]

    def keep_only(self, rules: Collection[str]) -> None:
        """Forget what was found under other rules."""
        self._standing = {key: one for key, one in self._standing.items() if key[0] in rules}

    def snapshot(self) -> bytes:
        """All that stands."""
        return _ENCODER.encode(list(self._standing.values()))

    def restore(self, data: bytes) -> None:
        """As it stood. ValueError when that cannot be read."""
        kept = _DECODER.decode(data)
        self._standing = {(one.rule, one.subject, one.factor): one for one in kept}
