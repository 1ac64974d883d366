"""Alarms: known by their names, begun, changed and ended in bulk. On both engines."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from turned_clock import START

from store.registry.alarms import key_of
from store.registry.alert_records import AlarmRecord
from store.registry.open import Registry

SECOND = timedelta(seconds=1)


def alarm(mn: str, seconds: float = 0, **more: object) -> AlarmRecord:
    """A station that fell silent."""
    values = {
        "rule": "offline",
        "kind": "offline",
        "subject": f"mn:{mn}",
        "mn": mn,
        "region": "330106",
        "began": START + seconds * SECOND,
        "seen_at": START + seconds * SECOND,
    }
    return AlarmRecord(**{**values, **more})  # type: ignore[arg-type]


def test_an_alarm_is_kept_once(registry: Registry) -> None:
    """Told again it is no news, also within one telling; the new ones come back with numbers."""
    first = alarm("A", value=3.5, detail={"lane": 2, "为": "何"})
    (kept,) = registry.alarms.open([first, first])
    assert kept == msgspec.structs.replace(first, id=kept.id)
    (other,) = registry.alarms.open([first, alarm("A", factor="a34004")])
    assert (other.factor, other.id > kept.id) == ("a34004", True)
    assert registry.alarms.open([]) == []
    assert registry.alarms.get(kept.id) == kept
    assert registry.alarms.get(999) is None


def test_alarms_end_once(registry: Registry) -> None:
    """Those that are not known or over already are skipped."""
    one, two = registry.alarms.open([alarm("A"), alarm("B")])
    over = START + 60 * SECOND
    ended = registry.alarms.end([(*key_of(one), over), (*key_of(alarm("C")), over)])
    assert ended == [msgspec.structs.replace(one, ended=over)]
    assert registry.alarms.get(one.id) == ended[0]
    assert registry.alarms.end([(*key_of(one), over + SECOND)]) == []
    assert registry.alarms.active() == [two]


def test_alarms_change(registry: Registry) -> None:
    """Each its own fields; one that is over can begin again; its name stays."""
    one, two = registry.alarms.open([alarm("A"), alarm("B")])
    registry.alarms.end([(*key_of(one), START)])
    changed = registry.alarms.change(
        [
            (*key_of(one), {"ended": None}),
            (*key_of(two), {"value": 7.0, "severity": "severe", "detail": {"n": 1}}),
            (*key_of(alarm("C")), {"value": 1.0}),
        ]
    )
    assert changed == registry.alarms.active()
    assert changed[0] == one
    assert (changed[1].value, changed[1].severity, changed[1].detail) == (7.0, "severe", {"n": 1})
    with pytest.raises(ValueError, match="an alarm's began never changes"):
        registry.alarms.change([(*key_of(one), {"began": START})])


def test_who_waits_for_an_incident(registry: Registry) -> None:
    """The longest first, over or not, until it joins one or is set aside."""
    kept = registry.alarms.open([alarm("A", 2), alarm("B", 1), alarm("C", 3)])
    a, b, c = sorted(kept, key=lambda one: one.mn)
    assert registry.alarms.waiting(START + 2 * SECOND) == [b, a]
    assert registry.alarms.waiting(limit=1) == [b]
    (over,) = registry.alarms.end([(*key_of(b), START)])
    assert registry.alarms.waiting() == [over, a, c]
    registry.alarms.join([b.id], 0)
    registry.alarms.join([a.id], 7)
    assert registry.alarms.waiting() == [c]
    assert [one.mn for one in registry.alarms.of_incident(7)] == ["A"]


def test_alarms_of_an_incident(registry: Registry) -> None:
    """All, those that last, those that are over; and how many."""
    kept = registry.alarms.open([alarm(mn, number) for number, mn in enumerate("ABC")])
    registry.alarms.join([one.id for one in kept], 5)
    registry.alarms.end([(*key_of(kept[1]), START)])
    by = registry.alarms.of_incident
    assert [one.mn for one in by(5)] == ["A", "B", "C"]
    assert [one.mn for one in by(5, active=True)] == ["A", "C"]
    assert [one.mn for one in by(5, active=False)] == ["B"]
    assert [one.mn for one in by(5, limit=2)] == ["A", "B"]
    assert registry.alarms.count(5) == (3, 2)
    assert registry.alarms.count(6) == (0, 0)


def test_whom_alarms_are_about(registry: Registry) -> None:
    """Those noticed of late that last, and all that ever joined an incident, whatever became of
    them."""
    kept = registry.alarms.open(
        [alarm("A", 1), alarm("B", 2, region="11"), alarm("C", 3, factor="a34004"), alarm("D", 4)]
    )
    registry.alarms.join([one.id for one in kept], 5)
    registry.alarms.end([(*key_of(kept[3]), START)])
    noticed = registry.alarms.noticed
    found = sorted((mn, region) for mn, region, _ in noticed("offline", START + 2 * SECOND))
    assert found == [("B", "11"), ("C", "330106")]
    assert noticed("offline", START + 2 * SECOND, "a34004") == [("C", "330106", kept[2].seen_at)]
    assert noticed("other", START) == []
    assert sorted(mn for mn, _ in registry.alarms.concerned(5)) == ["A", "B", "C", "D"]
    assert registry.alarms.concerned(6) == []


def test_finding_alarms(registry: Registry) -> None:
    """By all that is known of them."""
    registry.alarms.open([alarm("A"), alarm("B", region="110105"), alarm("A", 9, rule="other")])
    alarms = registry.alarms
    assert [one.rule for one in alarms.find(mn="A")] == ["other", "offline"]
    assert [one.rule for one in alarms.find(mn="A", limit=1)] == ["other"]
    last = alarms.find(limit=1)[0].id
    assert [one.mn for one in alarms.find(before_id=last)] == ["B", "A"]
    assert [one.mn for one in alarms.find(region="11")] == ["B"]
    assert [one.mn for one in alarms.find(rule="other", kind="offline", active=True)] == ["A"]
    assert alarms.find(subject="mn:A", end=START) == []
    assert [one.rule for one in alarms.find(start=START + SECOND, end=START + SECOND)] == [
        "offline",
        "offline",
    ]
    alarms.end([(*key_of(alarm("A")), START)])
    assert len(alarms.find(start=START)) == 2
    assert [one.mn for one in alarms.active(rule="offline")] == ["B"]
    assert [one.mn for one in alarms.active(mns=["A", "B"])] == ["B", "A"]
    assert [one.mn for one in alarms.active(subjects=["mn:B", "mn:C"])] == ["B"]
    assert alarms.active(mns=["A"], subjects=["mn:B"]) == []
    assert [one.mn for one in alarms.named([key_of(alarm("B")), key_of(alarm("C"))])] == ["B"]


def test_five_thousand_at_once(registry: Registry) -> None:
    """A region goes dark and comes back."""
    begun = [alarm(f"S{number:05d}", number / 100) for number in range(5000)]
    kept = registry.alarms.open(begun)
    assert registry.alarms.open(begun) == []
    registry.alarms.join([one.id for one in kept], 1)
    assert registry.alarms.count(1) == (5000, 5000)
    over = [(*key_of(one), one.began + 60 * SECOND) for one in begun]
    assert len(registry.alarms.end(over)) == 5000
    assert registry.alarms.active() == []
