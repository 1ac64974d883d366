"""The book of gaps, brought up to date in the registry's thread; what each call hands back.

Tests: tests/hub/completeness/test_filling.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from hj212d.hub.completeness.fill import Patience, asked, moment, patience, reconcile
from hj212d.hub.completeness.reckoning import Missing
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.open import Registry
from store.registry.records import GapRecord

_MOST_GAPS = 20_000  # of one MN that are looked at
_MOST_COMMANDS = 100


class Seen(msgspec.Struct, frozen=True):
    """What the book holds of a device after it was brought up to date."""

    gaps: list[GapRecord]
    patience: Patience
    closed: dict[str, int]


def figures(gaps: Sequence[GapRecord]) -> dict[str, int]:
    """What open gaps of one device add to the status."""
    return {
        "gaps_open": len(gaps),
        "values_missing": sum(gap.missing for gap in gaps),
        "mns_with_gaps": int(bool(gaps)),
        "asked": sum(gap.state == "asked" for gap in gaps),
    }


def as_asked(gap: GapRecord, asked_for: Sequence[GapRecord]) -> GapRecord:
    """The gap as it stands once these were noted as asked for."""
    return msgspec.structs.replace(gap, state="asked") if gap in asked_for else gap


def written(
    registry: Registry,
    mn: str,
    missing: dict[str, Missing],
    since_us: int,
    now_us: int,
    settings: CompletenessSettings,
) -> Seen:
    """In the registry's thread: bring the book of a device up to date."""
    known = registry.gaps.find(mn=mn, start=moment(since_us), limit=_MOST_GAPS)
    known += [gap for gap in registry.gaps.open(mn) if gap.end <= moment(since_us)]
    records = registry.commands.find(mn=mn, limit=_MOST_COMMANDS)
    asks = [ask for ask in map(asked, records) if ask is not None]
    closed: Counter[str] = Counter()
    for period, one in missing.items():
        changes = reconcile(
            mn,
            one.rhythm,
            one.slots,
            [gap for gap in known if gap.period == period],
            [ask for ask in asks if ask.period == period],
            since_us,
            now_us,
            settings,
        )
        registry.gaps.put(changes.put)
        for number, values in changes.update:
            registry.gaps.update(number, **values)
        closed.update(changes.closed)
    return Seen(registry.gaps.open(mn), patience(asks, now_us, settings), dict(closed))


def noted(registry: Registry, numbers: Sequence[int], now_us: int) -> None:
    """In the registry's thread: these gaps are being asked for."""
    for number in numbers:
        registry.gaps.update(number, state="asked", asked_at=moment(now_us))
