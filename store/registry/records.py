"""What the registry keeps, as frozen records; their fields are the columns of tables.py.

Values only: nothing here is read or written. Moments are aware UTC datetimes, ids are given by the
registry (0: not kept yet). Tests: tests/store/registry/test_commands_book.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Encrypt = Literal["never", "auto", "always"]
PositionSource = Literal["", "manual", "reported"]
KeyState = Literal["pending", "current", "previous", "retired"]
CommandState = Literal[
    "queued",
    "sent",
    "accepted",
    "done",
    "refused",
    "failed",
    "timeout",
    "expired",
    "cancelled",
]
ActivationState = Literal["waiting", "activated", "dismissed"]
PositionState = Literal["waiting", "approved", "rejected"]
Period = Literal["minute", "hour", "day"]
GapState = Literal["open", "asked", "filled", "unavailable", "given_up"]
DeadLetterState = Literal["dead", "sent again"]

OPEN_COMMANDS = ("queued", "sent", "accepted")  # all other states are final
ACTIVE_KEYS = ("pending", "current", "previous")  # a frame may be encrypted with one of them
OPEN_GAPS = ("open", "asked")


class DeviceRecord(msgspec.Struct, frozen=True):
    """What people know of one device. An empty field says nothing: the configuration's word or
    the default holds.

    ``medium``: transport of the standard's table of timeouts ("GPRS", "ADSL", "NB-IoT", ...; "":
    GPRS). ``encrypt``: "auto" encrypts for a device of 2025 whose key is proven. ``longitude``
    and ``latitude`` in degrees (WGS 84); a "manual" position is not overwritten by reported ones.
    A device that is not ``enabled`` is treated as unknown.
    """

    mn: str
    name: str = ""
    st: str = ""
    version: str = ""
    password: str = ""
    region: str = ""
    tolerate: list[str] = []
    refuse: list[str] = []
    allow: list[str] = []
    rtd_interval_s: int | None = None
    minute_interval_min: int | None = None
    medium: str = ""
    encrypt: Encrypt = "auto"
    longitude: float | None = None
    latitude: float | None = None
    position_source: PositionSource = ""
    enabled: bool = True
    created_at: datetime | None = None
    changed_at: datetime | None = None


class KeyRecord(msgspec.Struct, frozen=True):
    """One SM4 key of a device: 16 bytes. ``created_at`` goes on the wire as SKCreateTime, in
    whole seconds; together with the MN it names the key."""

    mn: str
    key: bytes
    state: KeyState
    created_at: datetime
    proven_at: datetime | None = None
    why: str = ""


class KeyReport(msgspec.Struct, frozen=True):
    """A device and the age of its keys, without the keys. Moments are None where there is no key
    of that state."""

    mn: str
    name: str
    version: str
    encrypt: Encrypt
    current_at: datetime | None
    proven_at: datetime | None
    pending_at: datetime | None
    previous_at: datetime | None


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One request to an instrument, from the wish to its end.

    ``name``: slug of the request; ``args``: as asked, secrets shown as "***", which stand in
    ``secret_args`` (sealed at rest, never shown); ``raw``: the frame as sent, sealed at rest;
    ``origin``: "cli", "api", "clock", "keys", "fill" or "forward:NAME"; ``priority``: 0 first;
    ``why``: one sentence about a state that is no success; ``answers``: frames that came in
    answer, the first hundred of them in ``data`` as ``{"cn", "qn", "cp"}``.
    """

    id: int = 0
    mn: str
    link: int | None = None
    name: str
    cn: str
    version: str = ""
    st: str = ""
    qn: str = ""
    args: dict[str, Any] = {}
    secret_args: dict[str, Any] = {}
    raw: bytes = b""
    origin: str = ""
    who: str = ""
    priority: int = 5
    created_at: datetime
    expires_at: datetime
    state: CommandState = "queued"
    attempts: int = 0
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    qn_rtn: int | None = None
    exe_rtn: int | None = None
    finished_at: datetime | None = None
    why: str = ""
    answers: int = 0
    data: list[dict[str, Any]] = []


class CommandEvent(msgspec.Struct, frozen=True):
    """Something that happened to a command."""

    id: int  # of the command
    at: datetime
    event: str
    detail: str = ""


class ActivationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument that asks for its MN (HJ 212-2025, 1001). ``serials``: its numbers by code
    (i23005, ...); ``mn``: as sent, may be empty; ``new_mn``: what it was given."""

    id: int = 0
    serials: dict[str, str]
    mn: str = ""
    link: int
    peer: str = ""
    first_seen: datetime
    last_seen: datetime
    state: ActivationState = "waiting"
    new_mn: str = ""
    who: str = ""


class PositionReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where a device says it is, in degrees; ``source``: the fields it said it in."""

    id: int = 0
    mn: str
    longitude: float
    latitude: float
    seen_at: datetime
    source: str = ""
    state: PositionState = "waiting"
    who: str = ""
    decided_at: datetime | None = None


class GapRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Missing data of one MN and period, ``end`` not included; (mn, period, start) names it.
    ``missing``: how many are missing."""

    id: int = 0
    mn: str
    period: Period
    start: datetime
    end: datetime
    missing: int
    state: GapState = "open"
    attempts: int = 0
    found_at: datetime
    asked_at: datetime | None = None
    closed_at: datetime | None = None
    why: str = ""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that a forward target refused for good; ``position``: behind its journal record."""

    id: int = 0
    forward: str
    lane: str
    position: int
    mn: str
    cn: str
    raw: bytes
    why: str
    tries: int
    at: datetime
    state: DeadLetterState = "dead"


class AuditRecord(msgspec.Struct, frozen=True):
    """Who changed what, and when. Secrets are shown as "***"; ``before`` and ``after`` hold only
    the fields that differ."""

    id: int
    at: datetime
    who: str
    what: str
    mn: str
    before: dict[str, Any]
    after: dict[str, Any]
