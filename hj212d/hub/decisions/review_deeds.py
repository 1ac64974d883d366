"""Marks on readings: added, revoked, listed.

A mark is on data_time, from its start to its end, that not included; without an end it is on one
reading. It may not lie ahead farther than the settings allow. The same mark is not kept twice.
Tests: tests/hub/decisions/test_deeds.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from aqi.factors import POLLUTANTS, code_of
from hj212d.hub.decisions.deeds import (
    Answer,
    Deed,
    Fields,
    Terms,
    Unknown,
    moment,
    one_of,
    only,
    row,
    shown,
    text,
)
from hj212d.hub.device_changes import mn_of
from store.registry.decisions import ReviewPeriod, ReviewRecord, Verdict
from store.registry.open import Registry

FIELDS = ("mn", "factor", "period", "start", "end", "verdict", "reason", "note")
ONE_READING = timedelta(seconds=1)  # DataTime has whole seconds
MOST_NOTE = 1000
_AT_ONCE = 500  # MNs in one question

_CODE = re.compile(r"[A-Za-z0-9]{1,12}")


class ReviewAdd(Deed, tag="review_add", kw_only=True):
    """Add marks, all or none; one that stands already stays as it is."""

    reviews: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=100_000)]

    def do(self, registry: Registry, terms: Terms) -> Answer:
        """ "reviews": the marks as they stand; "added": how many of them are new."""
        marks = marks_of(self.reviews, terms)
        with registry.together():
            standing = _standing(registry, marks)
            new = list(
                {_what(mark): mark for mark in marks if _what(mark) not in standing}.values()
            )
            standing |= {_what(mark): mark for mark in registry.reviews.add_all(new, self.who)}
        rows = [row(standing[_what(mark)]) for mark in marks]
        return {"reviews": rows, "added": len(new)}


class ReviewRevoke(Deed, tag="review_revoke", kw_only=True):
    """Let marks count no more, all or none."""

    ids: Annotated[list[int], Meta(min_length=1)]

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "reviews": the marks as they stand now."""
        with registry.together():
            try:
                gone = [registry.reviews.revoke(number, self.who) for number in self.ids]
            except KeyError as missing:
                raise Unknown(str(missing.args[0])) from None
        return {"reviews": [row(mark) for mark in gone]}


class Reviews(Deed, tag="reviews", kw_only=True):
    """Marks that touch the time from ``start`` to ``end``, in the order they were made; those that
    count, those that were revoked, or all. ``change``: those that changed behind this number, in
    the order of their changes."""

    mn: str | None = None
    start: str | None = None
    end: str | None = None
    state: Literal["active", "revoked", "all"] = "active"
    change: int | None = None
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000

    def do(self, registry: Registry, terms: Terms) -> Answer:  # noqa: ARG002
        """ "reviews", and "change": the number of the last change of all."""
        if self.change is not None:
            found = registry.reviews.since(self.change, self.limit)
        else:
            found = registry.reviews.find(
                self.mn,
                None if self.start is None else moment("start", self.start),
                None if self.end is None else moment("end", self.end),
                {"active": True, "revoked": False, "all": None}[self.state],
                self.limit,
            )
        return {
            "reviews": [row(mark) for mark in found],
            "change": registry.reviews.last_change(),
        }


DEEDS: tuple[type[Deed], ...] = (ReviewAdd, ReviewRevoke, Reviews)


def marks_of(wanted: Sequence[Fields], terms: Terms) -> list[ReviewRecord]:
    """Marks of fields as people write them; ValueError names the first that is wrong."""
    marks = []
    for number, fields in enumerate(wanted, 1):
        try:
            marks.append(mark_of(fields, terms))
        except ValueError as problem:
            where = f"number {number}: " if len(wanted) > 1 else ""
            raise ValueError(f"{where}{problem}") from problem
    return marks


def mark_of(fields: Fields, terms: Terms) -> ReviewRecord:
    """One mark; ValueError, one sentence that names field and value."""
    only(fields, FIELDS, "a mark")
    start = moment("start", fields.get("start") or "")
    end = moment("end", fields["end"]) if fields.get("end") else start + ONE_READING
    if end <= start:
        raise ValueError(f"end = {shown(fields['end'])}: a mark ends after it begins")
    _check_future(start, end, terms)
    reason = text("reason", fields.get("reason") or "")
    if reason not in terms.review.reasons:
        raise ValueError(
            f"reason = {shown(reason)}: expected one of {', '.join(terms.review.reasons)}"
        )
    return ReviewRecord(
        mn=mn_of(fields.get("mn")),
        factor=factor_of(fields.get("factor") or ""),
        period=one_of("period", fields.get("period") or "", get_args(ReviewPeriod)),  # type: ignore[arg-type]
        start=start,
        end=end,
        verdict=one_of("verdict", fields.get("verdict") or "invalid", get_args(Verdict)),  # type: ignore[arg-type]
        reason=reason,
        note=text("note", fields.get("note") or "", MOST_NOTE),
    )


def factor_of(wanted: Any) -> str:
    """The code of a factor: itself, or that of a pollutant such as PM2.5; ValueError when it can
    be none. Codes of vendors are taken, too."""
    if wanted in POLLUTANTS:
        return code_of(wanted)
    if wanted and not (isinstance(wanted, str) and _CODE.fullmatch(wanted)):
        raise ValueError(
            f"factor = {shown(wanted)}: expected a code such as a34004, or one of "
            f"{', '.join(POLLUTANTS)}"
        )
    return str(wanted)


def _check_future(start: datetime, end: datetime, terms: Terms) -> None:
    """A mark on what is not measured yet would hide it unseen."""
    ahead = timedelta(hours=terms.review.future_h)
    # What is under way is marked to the end of its second.
    if end > terms.now + max(ahead, ONE_READING):
        name, when = ("start", start) if start > terms.now + ahead else ("end", end)
        raise ValueError(
            f"{name} = {shown(when)}: lies ahead, and [review] future_h allows "
            f"{terms.review.future_h:g} hours"
        )


def _standing(
    registry: Registry, marks: Sequence[ReviewRecord]
) -> dict[tuple[Any, ...], ReviewRecord]:
    """The active marks of the same MNs and times."""
    if not marks:
        return {}
    first, last = min(mark.start for mark in marks), max(mark.end for mark in marks)
    mns = sorted({mark.mn for mark in marks})
    found = registry.reviews.find(mns if len(mns) <= _AT_ONCE else None, first, last)
    return {_what(mark): mark for mark in found}


def _what(mark: ReviewRecord) -> tuple[Any, ...]:
    named = ("mn", "factor", "period", "start", "end", "verdict")
    return tuple(msgspec.structs.asdict(mark)[name] for name in named)
