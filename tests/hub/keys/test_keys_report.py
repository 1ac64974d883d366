"""The report: one state a device, and what all come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from keys_rig import KEY, MN, START

from hj212d.hub.keys.report import Facts, history_row, row, summary
from hj212d.hub.keys.rotation import Ring, Use
from hj212d.hub.keys.settings import KeysSettings
from hj212d.hub.keys.tally import Counted
from store.registry.records import KeyRecord

DAY = timedelta(days=1)
OLD = KeyRecord(MN, b"o" * 16, "previous", START - 100 * DAY, START)
CURRENT = KeyRecord(MN, KEY, "current", START - 10 * DAY, START)
PENDING = KeyRecord(MN, b"p" * 16, "pending", START - DAY)
UNPROVEN = KeyRecord(MN, KEY, "current", START - 10 * DAY)
# Keys have whole seconds: the unreadable frame came half a second into that of this one.
JUST_SET = KeyRecord(MN, KEY, "current", START - timedelta(seconds=0.5))
SET_BEFORE = KeyRecord(MN, KEY, "current", START - timedelta(seconds=1))
DUE = KeyRecord(MN, KEY, "current", START - 91 * DAY, START)
NOW_US = round(START.timestamp() * 1e6)
UNREADABLE = Counted(unreadable=3, last_unreadable_us=NOW_US, last_encrypted_us=1)


def facts(*keys: KeyRecord, **more) -> Facts:
    given = {
        "declared": "2025", "encrypt": "auto", "station": {"name": "West", "version": "2025"},
        "use": None, "counted": None, "changing": None, "says": "", **more,
    }  # fmt: skip
    return Facts(mn=MN, ring=Ring.of(keys), **given)


@pytest.mark.parametrize(
    ("state", "given"),
    [
        ("none", facts()),
        ("missing", facts(counted=UNREADABLE)),
        ("wrong", facts(CURRENT, counted=UNREADABLE, says="20250101080000")),
        ("current", facts(CURRENT, counted=Counted(1, 1, 3, NOW_US - 1, NOW_US))),
        ("current", facts(CURRENT, counted=Counted(0, 0, 3, NOW_US - 20 * 86_400_000_000))),
        ("current", facts(OLD, CURRENT, use=Use(KEY, 3))),
        ("old in use", facts(OLD, CURRENT, use=Use(OLD.key, 1))),
        ("changing", facts(CURRENT, PENDING, changing=12)),
        ("pending", facts(CURRENT, PENDING)),
        ("unproven", facts(UNPROVEN)),
        ("unproven", facts(JUST_SET, counted=UNREADABLE)),
        ("wrong", facts(SET_BEFORE, counted=UNREADABLE)),
        ("due", facts(DUE)),
    ],
)
def test_the_state_of_a_devices_keys(state: str, given: Facts):
    """In a word; what wants somebody's hand comes first."""
    assert row(given, START, KeysSettings())["state"] == state


def test_a_row_says_what_is_encrypted_and_how_old_the_key_is():
    """And never what the key is."""
    station = {"name": "West", "version": "2025", "reasons": {"key_wrong": 4, "junk": 1}}
    found = row(facts(CURRENT, counted=Counted(8, 6), station=station), START, KeysSettings())
    assert found["encrypted_share"] == 0.75
    assert found["key_age_days"] == 10
    assert found["due_at"] == START + 80 * DAY
    assert found["undecryptable_total"] == 4
    assert KEY.decode() not in str(found)
    assert KEY.decode() not in str(history_row(CURRENT))


def test_the_summary_counts_by_version_encryption_age_and_state():
    """Of all devices, also of those without keys."""
    settings = KeysSettings()
    rows = [
        row(facts(CURRENT, counted=Counted(5, 5)), START, settings),
        row(facts(DUE, counted=Counted(5, 1)), START, settings),
        row(facts(counted=Counted(5, 0)), START, settings),
        row(facts(declared="", station={"version": "2017"}), START, settings),
        row(facts(counted=UNREADABLE), START, settings),
    ]
    found = summary(rows)
    assert found["devices"] == 5
    assert found["by_version"] == {"2025": 4, "2017": 1}
    assert found["by_encryption"] == {
        "encrypted": 1, "mixed": 1, "plain": 1, "no data of 2025 today": 1, "unreadable": 1
    }  # fmt: skip
    assert found["by_age"] == {"below 30 days": 1, "90 days and more": 1, "no key": 3}
    assert found["by_state"] == {"current": 1, "due": 1, "none": 2, "missing": 1}
