"""Bulletins into the registry's book: what stands already stays, what changed is a correction.

Functions for the registry's thread; each is one transaction. Done again after a crash, they do
nothing. Tests: tests/hub/bulletins/test_bulletin_keeping.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hj212d.hub.bulletins.drafting import Draft
from hj212d.hub.bulletins.due import Span
from store.registry.bulletins import Published
from store.registry.open import Registry

AT_ONCE = 500  # bulletins in one call: others who wait for the registry's thread hardly notice

Standing = dict[tuple[str, datetime], str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def standing(registry: Registry, span: Span) -> Standing:
    """The digests of what stands for a span, by place and start."""
    start, end = (_EPOCH + timedelta(microseconds=us) for us in (span.start, span.end))
    return registry.bulletins.digests(span.kind, start, end)


def different(drafts: Sequence[Draft], stand: Standing) -> list[Draft]:
    """Those that stand nowhere, or otherwise."""
    return [
        draft
        for draft in drafts
        if stand.get((draft.record.place, draft.record.start)) != draft.record.digest
    ]


def publish(registry: Registry, drafts: Sequence[Draft]) -> Published:
    """Put them, all of one kind, into the book. One in which nothing was measured is published
    only where there is something to be missed: of a place that was published for that period or
    an earlier one."""
    empty = [draft.record.place for draft in drafts if draft.empty]
    began = registry.bulletins.first_starts(drafts[0].record.kind, empty) if empty else {}
    records = [draft.record for draft in drafts if not draft.empty or _missed(draft, began)]
    return registry.bulletins.publish_all(records)


def _missed(draft: Draft, began: dict[str, datetime]) -> bool:
    begun = began.get(draft.record.place)
    return begun is not None and begun <= draft.record.start
