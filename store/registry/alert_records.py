"""Records of alerting: rules, alarms, incidents, whom to tell, and what is told. Moments are
aware, UTC.

Tests: tests/store/registry/test_alert_books.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Severity = Literal["notice", "warning", "severe", "critical"]
SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "severe", "critical")
RuleKind = Literal[
    "over_limit",  # a value above its limit, or an AQI above a level
    "offline",  # nothing of a station; params.scope: station, device (a factor), link
    "stuck",  # a value that does not change
    "swing",  # a value far from the station's own past and from its neighbours
    "drift",  # a value that leaves its neighbours slowly
    "clock",  # an instrument's clock is wrong
    "completeness",  # too few of the data of a day
    "bad_frames",  # more refused frames than usual
    "forward",  # a target of forwarding is behind
    "store_lag",  # the store is behind the journal
    "disk",  # a disk fills up
    "key_age",  # a key is too old
    "heavy_pollution",  # a warning level by the forecast
]
IncidentState = Literal["open", "acknowledged", "silenced", "recovered", "closed"]
OPEN_INCIDENTS: tuple[IncidentState, ...] = ("open", "acknowledged", "silenced", "recovered")
CaseMode = Literal["none", "suggest", "open"]
Channel = Literal["app", "email", "sms", "wecom", "dingtalk", "feishu", "webhook", "apprise"]
CHANNELS: tuple[Channel, ...] = (
    "app",
    "email",
    "sms",
    "wecom",
    "dingtalk",
    "feishu",
    "webhook",
    "apprise",
)
MessageState = Literal["waiting", "sending", "handed", "failed", "withheld", "merged"]
OPEN_MESSAGES: tuple[MessageState, ...] = ("waiting", "sending")
ContactRole = Literal["owner", "operator", "chief"]
PlanState = Literal["draft", "in_force", "withdrawn"]


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as a person set it; the product's own rules stand in alerts/data, a record of the
    same key takes the place of one.

    ``way`` "live": judged with each frame; "check": by the check every 30 minutes, two in a row.
    ``params``: by kind, read and checked by alerts/rules. ``regions`` (codes, each with all
    below), ``mns``, ``factors``, ``media``: whom it is about, empty: all. ``owner``: number of
    the contact whose own rule it is, who alone hears of it; 0: everybody's. ``case_class``:
    class of the cases that come of it, "" for the kind's own.
    """

    key: str
    kind: RuleKind
    on: bool = True
    severity: Severity = "warning"
    way: Literal["live", "check"] = "live"
    params: dict[str, Any] = {}
    regions: list[str] = []
    mns: list[str] = []
    factors: list[str] = []
    media: list[str] = []
    owner: int = 0
    case: CaseMode = "none"
    case_class: str = ""
    note: str = ""
    who: str = ""
    changed_at: datetime | None = None


class AlarmRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is or was wrong with one subject: UNIQUE(rule, subject, factor, began).

    ``ended`` None: it still is. ``incident_id`` None: not yet grouped; 0: set aside, no incident
    came of it. ``detail``: the evidence.
    """

    id: int = 0
    rule: str
    kind: str
    subject: str
    factor: str = ""
    mn: str = ""
    region: str = ""
    severity: Severity = "warning"
    began: datetime
    ended: datetime | None = None
    seen_at: datetime
    incident_id: int | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    detail: dict[str, Any] = {}


class IncidentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What people are told of and handle: one alarm, or all those of an outage.

    ``no``: "A20261121-0001", by the Beijing day. ``place``: "mn:MN", "region:CODE",
    "forward:NAME", "hub", or "many". ``count``: alarms that ever joined; ``active``: those not
    ended. ``level``: how far it was escalated; ``reminded``: reminders so far; ``flaps``: how
    often it came back. ``next_at``: when the clock has to look at it again, None for never.
    ``told``: alarms of which people were told. ``version`` grows with each change: who changes
    an old one is refused.
    """

    id: int = 0
    no: str = ""
    rule: str
    kind: str
    place: str
    region: str = ""
    mn: str = ""
    factor: str = ""
    severity: Severity = "warning"
    state: IncidentState = "open"
    began: datetime
    opened_at: datetime
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    silenced_by: str = ""
    silenced_until: datetime | None = None
    recovered_at: datetime | None = None
    closed_by: str = ""
    closed_at: datetime | None = None
    count: int = 1
    active: int = 1
    told: int = 1
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    flaps: int = 0
    flapping: bool = False
    level: int = 0
    reminded: int = 0
    next_at: datetime | None = None
    case_no: str = ""
    version: int = 0


class IncidentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's log; never changed, kept as long as the incident. ``event``:
    "opened", "joined", "left", "worse", "acknowledged", "silenced", "unsilenced", "reminded",
    "escalated", "flapping", "recovered", "reopened", "merged", "closed", "note", "case",
    "plan"."""

    id: int = 0
    incident_id: int
    at: datetime
    event: str
    who: str = ""
    text: str = ""
    detail: dict[str, Any] = {}


class ContactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be told. ``ways``: channel -> address (sealed in the registry: robots'
    addresses are secrets); DingTalk's and Feishu's signing secret under "dingtalk_secret",
    "feishu_secret", a webhook's token under "webhook_token". ``login``: the account it belongs to.

    Quiet hours are Beijing time, ``quiet_from`` to ``quiet_to`` ("22:00", "07:00"; "" for none);
    what is at least ``quiet_breaks`` comes through.
    """

    id: int = 0
    name: str
    login: str = ""
    language: Literal["zh", "en"] = "zh"
    ways: dict[str, str] = {}
    quiet_from: str = ""
    quiet_to: str = ""
    quiet_breaks: Severity = "critical"
    on: bool = True
    changed_at: datetime | None = None


class SubscriptionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a contact wants to hear of, and how. Empty lists: all. ``channels`` empty: all ways
    that the contact has. ``topics``: "incidents", "ranking", "summary", "plans", "warnings".
    ``summary_every``: "", "hour", "6h", "12h", "day"."""

    id: int = 0
    contact_id: int
    topics: list[str] = msgspec.field(default_factory=lambda: ["incidents"])
    kinds: list[str] = []
    rules: list[str] = []
    severity: Severity = "warning"
    regions: list[str] = []
    mns: list[str] = []
    channels: list[str] = []
    summary_every: str = ""
    on: bool = True


class SiteContactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a station or a region: ``place`` "mn:MN" or "region:CODE". The owner is told
    first; operator and chief when an incident is escalated."""

    id: int = 0
    place: str
    contact_id: int
    role: ContactRole = "owner"


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person by one channel, UNIQUE(about, step, contact_id, channel).

    ``about``: "incident:12", "ranking:2026-11-20", "summary:hour:2026-11-20T08", "plan:CODE",
    "test:TOKEN". ``step``: "opened", "reminder:3", "escalated:2", "recovered", "reopened:1", ...
    or "sent". ``state``: "handed" means that the channel took it (an SMS gateway, a mail
    server), not that somebody read it. ``next_at``: not before. ``token``: the same in every
    attempt, so that who gets it twice can tell (Message-ID, Idempotency-Key). ``merged_into``:
    the digest it went in. ``claimed_at``, ``claimed_by``: when somebody last set about sending it,
    and which hub.
    """

    id: int = 0
    about: str
    step: str
    contact_id: int
    channel: Channel
    severity: Severity = "notice"
    subject: str
    text: str
    facts: dict[str, Any] = {}
    state: MessageState = "waiting"
    token: str = ""
    attempts: int = 0
    created_at: datetime | None = None
    next_at: datetime | None = None
    expires_at: datetime | None = None
    claimed_at: datetime | None = None
    claimed_by: str = ""
    settled_at: datetime | None = None
    receipt: str = ""
    error: str = ""
    merged_into: int | None = None
    read_at: datetime | None = None


class MaintenanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A window in which alarms of some stations open no incident. ``every``: "" once, "day",
    "week" or "month": the same window again. Empty lists: all; at least one of ``mns``,
    ``regions``, ``kinds`` is given."""

    id: int = 0
    mns: list[str] = []
    regions: list[str] = []
    factors: list[str] = []
    kinds: list[str] = []
    start: datetime
    end: datetime
    every: Literal["", "day", "week", "month"] = ""
    reason: str = ""
    who: str = ""
    at: datetime | None = None
    cancelled_by: str = ""
    cancelled_at: datetime | None = None


class PlanRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency plan (应急预案). ``code``: "YA-330100-2026-0001", given by the registry from
    region and year; ``level``: "I" (red) to "IV" (blue), or "" for all. ``kinds``, ``factors``,
    ``severity``: of the incidents for which it is suggested. ``review_days``: how often somebody
    must look at it."""

    id: int = 0
    code: str = ""
    title: str
    region: str = ""
    level: Literal["", "I", "II", "III", "IV"] = ""
    kinds: list[str] = []
    factors: list[str] = []
    mns: list[str] = []
    severity: Severity = "severe"
    text: str = ""
    keywords: list[str] = []
    contact_ids: list[int] = []
    review_days: int = 365
    reviewed_at: datetime | None = None
    state: PlanState = "in_force"
    who: str = ""
    changed_at: datetime | None = None


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule's run for a period, UNIQUE(schedule, period): done once, not done again."""

    schedule: str
    period: str
    at: datetime
    messages: int = 0
    note: str = ""
