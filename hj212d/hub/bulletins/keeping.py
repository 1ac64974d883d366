"""Bulletins into the registry's book: what stands already stays, what changed is a correction.

Functions for the registry's thread; each is one transaction. Done again after a crash, they do
nothing. Tests: tests/hub/bulletins/test_keeping.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hj212d.hub.bulletins.drafting import Draft
from hj212d.hub.bulletins.due import Span
from store.registry.open import Registry

AT_ONCE = 100  # bulletins in one call: others who wait for the registry's thread hardly notice

Standing = dict[tuple[str, datetime], str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = 1_000_000


class Published(NamedTuple):
    """How many bulletins were new, and how many corrected one that stood."""

    first: int = 0
    corrections: int = 0

    def plus(self, other: Published) -> Published:
        """Both together."""
        return Published(self.first + other.first, self.corrections + other.corrections)


def standing(registry: Registry, span: Span) -> Standing:
    """The digests of what stands for a span, by place and start."""
    found = registry.bulletins.list(
        kind=span.kind,
        start=_EPOCH + timedelta(microseconds=span.start),
        end=_EPOCH + timedelta(microseconds=span.end),
        newest_only=True,
        limit=_ALL,
    )
    return {(one.place, one.start): one.digest for one in found}


def different(drafts: Sequence[Draft], stand: Standing) -> list[Draft]:
    """Those that stand nowhere, or otherwise."""
    return [
        draft
        for draft in drafts
        if stand.get((draft.record.place, draft.record.start)) != draft.record.digest
    ]


def publish(registry: Registry, drafts: Sequence[Draft]) -> Published:
    """Put them into the book. One in which nothing was measured is published only where there
    is something to be missed: of a place that was published for an earlier period."""
    first = corrections = 0
    for draft in drafts:
        record = draft.record
        if draft.empty and not _missed(registry, draft):
            continue
        kept = registry.bulletins.publish(record)
        if kept is not None:
            first += not kept.correction
            corrections += kept.correction
    return Published(first, corrections)


def _missed(registry: Registry, draft: Draft) -> bool:
    record = draft.record
    behind = record.start + timedelta(microseconds=1)
    return bool(registry.bulletins.list(record.kind, record.place, end=behind, limit=1))
