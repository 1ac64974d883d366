"""Rules about the platform itself: targets that are behind, a store that lags, a full disk,
refused frames that name no station.

Looked at every ten seconds on figures that the hub has anyway; so many looks in a row raise an
alarm, and as many end it. Pure. Tests: tests/hub/alerts/test_system_rules.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from alerts.rules.book import Rule
from alerts.rules.params import BadFrames, Disk, Forward, StoreLag
from alerts.signals import Signal, What
from hj212d.hub.alerts.moments import aware, microseconds
from store.registry.alert_records import AlarmRecord

LOOK_EVERY_S = 10.0
HUB = "hub"
_LOOKS = 2  # in a row, where the rule does not say
_CRITICAL_SHARE = 0.25


class Target(NamedTuple):
    """A target of forwarding; None: not known yet. ``waiting``: frames not acknowledged."""

    name: str
    state: str
    lag_s: float | None
    waiting: int


class Volume(NamedTuple):
    """A folder's disk, in bytes."""

    folder: str
    free: int
    total: int


class Figures(NamedTuple):
    """What is known of the platform now; None: nothing is. ``nobody``: rule -> refused frames that
    name no station and all frames, of its window."""

    targets: Sequence[Target] = ()
    store_lag_s: float | None = None
    store_state: str = "ok"
    volumes: Sequence[Volume] = ()
    journal_state: str = "ok"
    nobody: Mapping[str, tuple[int, int]] = MappingProxyType({})


class _Look(msgspec.Struct, frozen=True):
    """How one subject stands: None for nobody can tell. ``still``: whether an alarm goes on, None:
    as long as it is wrong."""

    subject: str
    wrong: bool | None
    still: bool | None = None
    severity: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    detail: dict[str, Any] = {}


class _Row(msgspec.Struct):
    wrong_since_us: int = 0
    times: int = 0  # looks in a row that are other than what was told
    began_us: int | None = None  # of the alarm
    severity: str = ""


class SystemRules:
    """How often each was found wrong, or right again. Nothing is kept on disk: after a start the
    registry says what is active (`adopt`)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}

    def look(self, rules: Iterable[Rule], figures: Figures, now_us: int) -> list[Signal]:
        """What these figures come to. Rules of other kinds are left alone."""
        signals: list[Signal] = []
        seen: set[tuple[str, str]] = set()
        for rule in rules:
            if not is_system(rule):
                continue
            looks, in_a_row = _LOOKERS[rule.kind](rule, rule.params, figures)
            for one in looks:
                seen.add((rule.key, one.subject))
                signals += self._judged(rule, one, in_a_row, now_us)
        # A target that is no longer configured cannot be behind.
        gone = [key for key in self._rows if key not in seen]
        for key in gone:
            row = self._rows.pop(key)
            rule_of = next((rule for rule in rules if rule.key == key[0]), None)
            if row.began_us is not None and rule_of is not None:
                signals.append(_signal(rule_of, _Look(key[1], False), "cleared", row, now_us))
        return signals

    def adopt(self, alarms: Iterable[AlarmRecord]) -> None:
        """Alarms that the registry knows to be active."""
        for alarm in alarms:
            row = self._rows.setdefault((alarm.rule, alarm.subject), _Row())
            if row.began_us is None:
                row.began_us = microseconds(alarm.began)
                row.severity = alarm.severity
                row.times = 0

    def _judged(self, rule: Rule, look: _Look, in_a_row: int, now_us: int) -> Iterator[Signal]:
        row = self._rows.setdefault((rule.key, look.subject), _Row())
        severity = look.severity or rule.severity
        if look.wrong is None:
            return
        active = row.began_us is not None
        wrong = look.still if active and look.still is not None else look.wrong
        if not wrong:
            row.wrong_since_us = 0
        elif not row.wrong_since_us:
            row.wrong_since_us = now_us
        if wrong == active:
            row.times = 0
            if wrong and severity != row.severity:
                row.severity = severity
                yield _signal(rule, look, "changed", row, now_us)
            return
        row.times += 1
        if row.times < in_a_row:
            return
        row.times = 0
        if wrong:
            row.began_us, row.severity = row.wrong_since_us, severity
            yield _signal(rule, look, "raised", row, now_us)
        else:
            yield _signal(rule, look, "cleared", row, now_us)
            row.began_us = None


def _signal(rule: Rule, look: _Look, what: What, row: _Row, now_us: int) -> Signal:
    assert row.began_us is not None
    now = aware(now_us)
    return Signal(
        rule=rule.key,
        kind=rule.kind,
        subject=look.subject,
        what=what,
        began=aware(row.began_us),
        at=now,
        seen_at=now,
        severity=look.severity or rule.severity,
        value=look.value,
        limit=look.limit,
        unit=look.unit,
        detail=look.detail,
    )


def _targets(_: Rule, params: Forward, figures: Figures) -> tuple[list[_Look], int]:
    looks = []
    for target in figures.targets:
        late = target.lag_s is not None and target.lag_s > params.lag_s
        many = bool(params.behind_frames) and target.waiting > params.behind_frames
        known = target.lag_s is not None or many
        looks.append(
            _Look(
                f"forward:{target.name}",
                (late or many) if known else None,
                value=target.lag_s,
                limit=params.lag_s,
                unit="s",
                detail={"state": target.state, "waiting": target.waiting},
            )
        )
    return looks, params.in_a_row


def _store(_: Rule, params: StoreLag, figures: Figures) -> tuple[list[_Look], int]:
    lag_s = figures.store_lag_s
    look = _Look(
        HUB,
        None if lag_s is None else lag_s > params.lag_s,
        value=lag_s,
        limit=params.lag_s,
        unit="s",
        detail={"state": figures.store_state},
    )
    return [look], params.in_a_row


def _disks(_: Rule, params: Disk, figures: Figures) -> tuple[list[_Look], int]:
    """The fullest of them; a journal that takes nothing more is worse than any figure."""
    if not figures.volumes:
        return [_Look(HUB, None)], _LOOKS
    worst = min(figures.volumes, key=lambda one: one.free / max(one.total, 1))
    share = worst.free / max(worst.total, 1)
    full = figures.journal_state == "full"
    few = share < params.free_share and worst.free < params.free_bytes
    critical = full or (
        share < params.free_share * _CRITICAL_SHARE
        and worst.free < params.free_bytes * _CRITICAL_SHARE
    )
    look = _Look(
        HUB,
        full or few,
        severity="critical" if critical else "",
        value=round(share, 4),
        limit=params.free_share,
        detail={
            "folder": worst.folder,
            "free_bytes": worst.free,
            "total_bytes": worst.total,
            "journal": figures.journal_state,
        },
    )
    return [look], _LOOKS


def _nobody(rule: Rule, params: BadFrames, figures: Figures) -> tuple[list[_Look], int]:
    """Refused frames of nobody: raised above the share, over below half of it."""
    counted = figures.nobody.get(rule.key)
    if counted is None:
        return [_Look(HUB, None)], _LOOKS
    refused, frames = counted
    share = refused / frames if frames else 0.0
    look = _Look(
        HUB,
        refused >= params.least and share > params.share,
        still=share >= params.share / 2,
        value=round(share, 4),
        limit=params.share,
        detail={"refused": refused, "frames": frames, "window_s": params.window_s},
    )
    return [look], _LOOKS


_Looker = Callable[[Rule, Any, Figures], tuple[list[_Look], int]]
_LOOKERS: dict[str, _Looker] = {
    "forward": _targets,
    "store_lag": _store,
    "disk": _disks,
    "bad_frames": _nobody,
}


def is_system(rule: Rule) -> bool:
    """Whether a rule is about the platform itself."""
    if isinstance(rule.params, BadFrames):
        return rule.params.scope == "nobody"
    return rule.kind in _LOOKERS
