"""The report on keys: a row a device, and what all of them come to. Pure; no key is in it.

Tests: tests/hub/keys/test_keys_report.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from hj212d.hub.keys.rotation import Ring, Use, due_at
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Counted
from store.registry.records import KeyRecord

Row = dict[str, Any]

_AGES = ((30, "below 30 days"), (60, "30 to 60 days"), (90, "60 to 90 days"))


class Facts(msgspec.Struct, frozen=True):
    """What is known of one device. ``station``: its row in the list of stations."""

    mn: str
    declared: str  # version, of the registry
    encrypt: str
    station: Row
    ring: Ring
    use: Use | None
    counted: Counted | None
    changing: int | None
    says: str  # SKCreateTime of a key that it has and nobody here knows


def row(facts: Facts, now: datetime, settings: KeysSettings) -> Row:
    """One device. Moments are aware UTC, ages in days."""
    ring, counted = facts.ring, facts.counted or Counted()
    current, pending = ring.current, ring.pending
    reasons = facts.station.get("reasons") or {}
    due = due_at(ring, settings)
    state, note = _state(facts, now, due)
    return {
        "mn": facts.mn,
        "name": facts.station.get("name", ""),
        "version_declared": facts.declared,
        "version_seen": facts.station.get("version") or "",
        "encrypt": facts.encrypt,
        "frames_today": counted.data,
        "encrypted_today": counted.encrypted,
        "encrypted_share": round(counted.encrypted / counted.data, 4) if counted.data else None,
        "state": state,
        "key_created_at": current.created_at if current else None,
        "key_age_days": _days(now, current),
        "proven_at": current.proven_at if current else None,
        "due_at": due,
        "pending_since": pending.created_at if pending else None,
        "command": facts.changing,
        "undecryptable_today": counted.unreadable,
        "undecryptable_total": reasons.get("key_wrong", 0) + reasons.get("key_missing", 0),
        "note": note,
    }


def summary(rows: Iterable[Row]) -> Row:
    """How many devices by version, by encryption, by age of the key, by state."""
    found = list(rows)
    return {
        "devices": len(found),
        "by_version": dict(
            Counter(one["version_declared"] or one["version_seen"] or "unknown" for one in found)
        ),
        "by_encryption": dict(Counter(_encryption(one) for one in found)),
        "by_age": dict(Counter(_age(one) for one in found)),
        "by_state": dict(Counter(one["state"] for one in found)),
        "undecryptable_today": sum(one["undecryptable_today"] for one in found),
    }


def history_row(key: KeyRecord) -> Row:
    """One key, without what it is."""
    return {
        "created_at": key.created_at,
        "state": key.state,
        "proven_at": key.proven_at,
        "why": key.why,
    }


def _state(facts: Facts, now: datetime, due: datetime | None) -> tuple[str, str]:
    """The state of a device's keys in a word, and a sentence where there is something to do."""
    ring, use, counted = facts.ring, facts.use, facts.counted or Counted()
    current = ring.current
    unreadable = counted.unreadable and counted.last_unreadable_us > counted.last_encrypted_us
    if current is None:
        if unreadable:
            return "missing", "it encrypts and its key is not known: hj212d keys set"
        return "none", ""
    # A key's moment is the second that it was made in: what came in it may have come before.
    known_us = (current.created_at.timestamp() + 1) * 1e6
    if unreadable and counted.last_unreadable_us >= known_us:
        said = f"; it says that its key is of {facts.says}" if facts.says else ""
        return "wrong", f"its frames cannot be read with the keys that are known{said}"
    if use is not None and use.key and any(key.key == use.key for key in ring.previous):
        return "old in use", "its newest encrypted frame needed a key that was changed since"
    if facts.changing is not None:
        return "changing", f"command {facts.changing} is under way" if facts.changing else ""
    if ring.pending is not None:
        return "pending", "a new key was sent, and it is not known whether the device took it"
    if current.proven_at is None:
        return "unproven", (
            "no frame that came since was encrypted with it; for those before: "
            "hj212d replay --reason key_missing"
        )
    if due is not None and due <= now:
        return "due", ""
    return "current", ""


def _days(now: datetime, key: KeyRecord | None) -> float | None:
    return None if key is None else round((now - key.created_at).total_seconds() / 86400, 2)


def _encryption(one: Row) -> str:
    if one["undecryptable_today"] and not one["encrypted_today"]:
        return "unreadable"
    if not one["frames_today"]:
        return "no data of 2025 today"
    share = one["encrypted_share"]
    return "encrypted" if share == 1 else "mixed" if share else "plain"


def _age(one: Row) -> str:
    days = one["key_age_days"]
    if days is None:
        return "no key"
    return next((word for limit, word in _AGES if days < limit), "90 days and more")
