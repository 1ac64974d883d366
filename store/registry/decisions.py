"""What people decide about readings, as frozen records; their fields are the columns of tables.py.

Sites, reviews, events, limits, and the bulletins that were published. Values only. Moments are
aware UTC datetimes, ids are given by the registry (0: not kept yet).
Tests: tests/store/registry/test_reviews_book.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

Medium = Literal["", "air", "flue", "wastewater", "water", "noise", "dust"]
Role = Literal["", "assessed", "control", "other"]
Stamp = Literal["", "start", "end"]
ReviewPeriod = Literal["", "realtime", "minute", "hour", "day"]
Verdict = Literal["invalid", "valid"]
EventKind = Literal["dust", "exceptional"]
EventState = Literal["proposed", "approved", "rejected"]
LimitOp = Literal["le", "ge", "between"]
BulletinKind = Literal["hour", "day", "ranking"]


class SiteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a monitoring site is, as far as judging its readings needs it. An empty field says
    nothing: the configuration's word or the default holds. Name, region and coordinates stand
    with the device of the same MN.

    ``role``: "assessed" counts in the values of its region, "control" (对照) and "other" do not.
    ``air_class``: 1 or 2 (GB 3095), 0 says nothing. ``programme``: the pollutants that are
    measured here ("PM2.5", ...); empty: all six. ``units``: factor code -> unit in which the
    instrument sends it. ``stamp``: which end of its period an instrument writes into DataTime.
    ``hour_from``: the sources of hour rows in order of preference. ``reference_o2``: percent;
    ``stack_area_m2``: cross-section of the duct. ``outlet``, ``water``: words for the table of
    limits that applies. ``since``, ``until``: Beijing days on which the site begins and ends, the
    last one not included.
    """

    mn: str
    medium: Medium = ""
    role: Role = ""
    air_class: int = 0
    programme: list[str] = []
    units: dict[str, str] = {}
    stamp: Stamp = ""
    hour_from: list[str] = []
    reference_o2: float | None = None
    stack_area_m2: float | None = None
    outlet: dict[str, Any] = {}
    water: dict[str, Any] = {}
    noise_zone: str = ""
    since: date | None = None
    until: date | None = None
    changed_at: datetime | None = None


class ReviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A person's mark on readings: those of an MN whose data_time lies in [start, end).

    ``factor`` "": all, ``period`` "": all. "invalid" takes readings out of every derived number,
    "valid" lifts the instrument's own flag. Where both touch a reading, "invalid" counts; a
    revoked mark counts for nothing. ``reason``: a word of the list in the settings; ``note``: free
    text. ``change``: grows with each mark and each revocation, over the whole registry; the mark
    bears that of its last change. The reading itself is never touched.
    """

    id: int = 0
    mn: str
    factor: str = ""
    period: ReviewPeriod = ""
    start: datetime
    end: datetime
    verdict: Verdict = "invalid"
    reason: str = ""
    note: str = ""
    who: str = ""
    at: datetime | None = None
    revoked_by: str = ""
    revoked_at: datetime | None = None
    change: int = 0


class EventRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Time and area for which statistics are made with and without the readings: dust, or another
    exceptional event (HJ 663-2026 asks for such; the procedure is background knowledge).

    ``area``: region codes, each with all below it, or MNs; ``pollutants`` empty: all. Only an
    approved event counts.
    """

    id: int = 0
    kind: EventKind
    area: list[str]
    start: datetime
    end: datetime
    pollutants: list[str] = []
    evidence: str = ""
    state: EventState = "proposed"
    who: str = ""
    decided_by: str = ""
    at: datetime | None = None
    decided_at: datetime | None = None


class LimitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of one outlet or site beyond the national tables: of a permit, a local standard.

    ``stat``: which derived value ("mean", "zs", "total", "leq", ...). "le": at most ``high``;
    "ge": at least ``low``; "between": both. ``since``, ``until``: Beijing days, the last one not
    included. ``source``: number of the permit or standard. ``decimals``: those it is written
    with, where they are more than its number has by itself (1.0); None: those of the number.
    """

    id: int = 0
    mn: str
    factor: str
    period: str
    stat: str = "mean"
    op: LimitOp = "le"
    low: float | None = None
    high: float | None = None
    unit: str
    since: date | None = None
    until: date | None = None
    source: str = ""
    who: str = ""
    at: datetime | None = None
    decimals: int | None = None


class BulletinRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was published for a place and a period, word for word.

    ``place``: "region:CODE" or an MN; ``start``: of the period; ``version``: 1, 2 and so on are
    corrections; ``digest``: of the content; ``as_of``: what was received and reviewed before this
    moment was considered.
    """

    id: int = 0
    kind: BulletinKind
    place: str
    start: datetime
    version: int = 0
    correction: bool = False
    content: str
    digest: str = ""
    as_of: datetime
    published_at: datetime | None = None
