"""The check at :00 and :30 tells what is wrong twice in a row, and once."""

from __future__ import annotations

from datetime import UTC, datetime

from alerts.signals import Signal
from hj212d.hub.alerts.checks import MINUTE_US, Checks, Finding
from hj212d.hub.alerts.moments import aware, microseconds
from store.registry.alert_records import AlarmRecord

NOON = microseconds(datetime(2026, 6, 1, 12, tzinfo=UTC))
HALF = 30 * MINUTE_US
JUDGED = {"few": 2}
FEW = Finding(rule="few", kind="completeness", subject="mn:A", value=0.5, limit=0.75)


def told(signals: list[Signal]) -> list[tuple[str, str, datetime]]:
    """What is said of whom, and since when."""
    return [(one.what, one.subject, one.began) for one in signals]


def test_when_a_check_is_due() -> None:
    """At the full and the half hour of Beijing, once, and soon after or not at all."""
    checks = Checks()
    assert checks.due(NOON - 1, 30) is None
    assert checks.due(NOON, 30) == NOON
    assert checks.due(NOON + 5 * MINUTE_US, 30) == NOON
    assert checks.due(NOON + 5 * MINUTE_US + 1, 30) is None
    checks.found(NOON, [], JUDGED, NOON)
    assert checks.due(NOON, 30) is None
    assert checks.due(NOON + HALF - 1, 30) is None
    assert checks.due(NOON + HALF + 1, 30) == NOON + HALF


def test_the_day_begins_in_beijing() -> None:
    """Steps that do not fill an hour are counted from midnight."""
    midnight = microseconds(datetime(2026, 6, 1, 16, tzinfo=UTC))
    assert Checks().due(midnight + 45 * MINUTE_US, 45) == midnight + 45 * MINUTE_US
    assert Checks().due(midnight + 60 * MINUTE_US, 45) is None


def test_two_in_a_row() -> None:
    """The first says nothing, the second names the first, the third is a change, then it ends."""
    checks = Checks()
    assert checks.found(NOON, [FEW], JUDGED, NOON) == []
    second = checks.found(NOON + HALF, [FEW], JUDGED, NOON + HALF + 3)
    assert told(second) == [("raised", "mn:A", aware(NOON))]
    assert (second[0].value, second[0].limit, second[0].detail) == (0.5, 0.75, {"checks": 2})
    third = checks.found(NOON + 2 * HALF, [FEW], JUDGED, NOON + 2 * HALF)
    assert told(third) == [("changed", "mn:A", aware(NOON))]
    fourth = checks.found(NOON + 3 * HALF, [], JUDGED, NOON + 3 * HALF)
    assert told(fourth) == [("cleared", "mn:A", aware(NOON))]
    assert fourth[0].at == aware(NOON + 3 * HALF)
    assert checks.found(NOON + 4 * HALF, [FEW], JUDGED, NOON + 4 * HALF) == []


def test_one_good_check_begins_anew() -> None:
    """Two that are not in a row are no alarm."""
    checks = Checks()
    for number, findings in enumerate(([FEW], [], [FEW])):
        assert checks.found(NOON + number * HALF, findings, JUDGED, NOON) == []


def test_a_check_that_could_not_be_made() -> None:
    """Counts stay as they were: neither the store's pause nor the hub's counts."""
    checks = Checks()
    checks.found(NOON, [FEW], JUDGED, NOON)
    assert checks.found(NOON + HALF, [], {}, NOON + HALF) == []
    assert told(checks.found(NOON + 5 * HALF, [FEW], JUDGED, NOON)) == [
        ("raised", "mn:A", aware(NOON))
    ]


def test_counts_outlast_the_process() -> None:
    """A hub that was started again goes on counting."""
    checks, again = Checks(), Checks()
    checks.found(NOON, [FEW], JUDGED, NOON)
    again.restore(checks.snapshot())
    assert again.due(NOON + 1, 30) is None
    assert told(again.found(NOON + HALF, [FEW], JUDGED, NOON + HALF)) == [
        ("raised", "mn:A", aware(NOON))
    ]


def test_what_the_registry_knows_is_ended() -> None:
    """An alarm that was raised and not kept here ends all the same, under its own name."""
    alarm = AlarmRecord(
        rule="few", kind="completeness", subject="mn:A", began=aware(NOON), seen_at=aware(NOON)
    )
    checks = Checks()
    checks.adopt([alarm])
    assert told(checks.found(NOON + HALF, [], JUDGED, NOON)) == [("cleared", "mn:A", aware(NOON))]
    checks.adopt([alarm])
    checks.keep_only(["other"])
    assert checks.found(NOON + 2 * HALF, [], JUDGED, NOON) == []
