"""The rules of a key's life, each by itself; and any order of events keeps the device readable."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from hj212d.hub.keys.rotation import (
    DISPROOF_FRAMES,
    LONGEST_RETRY,
    Change,
    Pace,
    Ring,
    Use,
    creation_time,
    due_at,
    named,
    new_key,
    opened,
    promoted,
    retired,
    retry_at,
    wire_key,
    wire_time,
)
from hj212d.hub.keys.settings import KeysSettings
from store.registry.records import KeyRecord, KeyState

MN = "010000A8900016F000169DC0"
T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SETTINGS = KeysSettings()


def key(number: int, state: KeyState, proven: bool = True) -> KeyRecord:
    """Key ``number``, made on day ``number``."""
    at = T0 + number * DAY
    return KeyRecord(MN, b"%016d" % number, state, at, at if proven else None)


def applied(records: list[KeyRecord], changes: list[Change], now: datetime) -> list[KeyRecord]:
    """The records after some changes."""
    by_time = {one.created_at: one for one in changes}
    done = []
    for record in records:
        change = by_time.get(record.created_at)
        if change is not None:
            proven = now if change.proven else record.proven_at
            record = KeyRecord(MN, record.key, change.state, record.created_at, proven)
        done.append(record)
    return done


def test_a_frame_opened_by_the_pending_key_makes_it_the_current_one():
    """No answer of the device is needed: the frame proves the key."""
    ring = Ring.of([key(1, "current"), key(2, "pending", proven=False)])
    use = Use()
    use.note(key(2, "pending").key, T0)
    changes = opened(ring, use)
    assert [(one.created_at, one.state, one.proven) for one in changes] == [
        (T0 + DAY, "previous", False),
        (T0 + 2 * DAY, "current", True),
    ]


def test_a_current_key_that_nobody_proved_is_proven_by_a_frame_once():
    """The first key of a device is only believed."""
    use = Use()
    use.note(key(1, "current").key, T0)
    assert opened(Ring.of([key(1, "current", proven=False)]), use) == [
        Change(T0 + DAY, "current", "opened a frame", True)
    ]
    assert opened(Ring.of([key(1, "current")]), use) == []


def test_frames_opened_by_a_key_that_is_not_known_say_nothing():
    """A key from the configuration alone has no state."""
    use = Use()
    use.note(b"k" * 16, T0)
    assert opened(Ring.of([key(1, "current")]), use) == []


def test_a_device_that_goes_on_with_the_old_key_after_success_is_believed_by_its_frames():
    """It said ExeRtn=1 and did not change: requests must be encrypted with what it has."""
    ring = Ring.of([key(1, "previous"), key(2, "current")])
    use = Use()
    for _ in range(DISPROOF_FRAMES - 1):
        use.note(key(1, "previous").key, T0)
        assert opened(ring, use) == []
    use.note(key(1, "previous").key, T0)
    assert {one.created_at: one.state for one in opened(ring, use)} == {
        T0 + DAY: "current",
        T0 + 2 * DAY: "pending",
    }


def test_old_frames_behind_a_key_that_was_used_change_nothing():
    """A device sends what it had buffered under the old key."""
    ring = Ring.of([key(1, "previous"), key(2, "current")])
    use = Use()
    use.note(key(2, "current").key, T0)
    for _ in range(50):
        use.note(key(1, "previous").key, T0)
        assert opened(ring, use) == []


def test_a_previous_key_is_retired_after_enough_frames_with_the_new_one():
    """Not one frame earlier."""
    ring = Ring.of([key(1, "previous"), key(2, "current")])
    use = Use()
    for _ in range(SETTINGS.retire_frames - 1):
        use.note(key(2, "current").key, T0 + 2 * DAY)
    assert retired(ring, use, T0 + 2 * DAY, T0, SETTINGS) == []
    use.note(key(2, "current").key, T0 + 2 * DAY)
    (change,) = retired(ring, use, T0 + 2 * DAY, T0, SETTINGS)
    assert (change.created_at, change.state) == (T0 + DAY, "retired")


def test_a_previous_key_is_retired_by_time_only_when_the_new_one_opened_a_frame():
    """A device that only said so may still come back with the old one."""
    ring = Ring.of([key(1, "previous"), key(2, "current")])
    use = Use()
    late = T0 + 100 * DAY
    assert retired(ring, use, late, T0, SETTINGS) == []
    use.note(key(2, "current").key, T0 + 3 * DAY)
    assert [one.state for one in retired(ring, use, late, T0, SETTINGS)] == ["retired"]
    assert retired(ring, use, T0 + 4 * DAY, T0, SETTINGS) == []


def test_nothing_is_retired_before_the_new_key_is_proven():
    """Whatever is pending, the old key stays."""
    use = Use()
    ring = Ring.of([key(1, "previous"), key(2, "current", proven=False)])
    assert retired(ring, use, T0 + 100 * DAY, T0, SETTINGS) == []


def test_a_key_is_due_ninety_days_after_it_was_made():
    """6.4.3; 0 days: never by itself."""
    ring = Ring.of([key(0, "current")])
    assert due_at(ring, SETTINGS) == T0 + 90 * DAY
    assert due_at(ring, KeysSettings(rotate_days=0)) is None
    assert due_at(Ring(), SETTINGS) is None


def test_retries_wait_longer_each_time_up_to_a_week():
    """A device that refuses is not pestered."""
    hours = [(retry_at(n, T0, SETTINGS) - T0) / timedelta(hours=1) for n in (1, 2, 3, 9)]
    assert hours == [6, 12, 24, LONGEST_RETRY / timedelta(hours=1)]


@pytest.mark.parametrize("form", ["text", "hex"])
def test_a_new_key_has_sixteen_bytes_and_goes_out_in_its_form(form):
    """16 letters and digits, or 32 hexadecimal digits."""
    source = random.Random(1)
    made = {new_key(form, source.randbytes) for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert len(one) == 16
        text = wire_key(one, form)
        assert (text.encode() if form == "text" else bytes.fromhex(text)) == one


def test_a_key_that_is_no_text_goes_out_as_digits():
    """One that was set by hand, with form = "text"."""
    assert wire_key(bytes(16), "text") == "0" * 32


def test_the_time_of_a_key_names_it_on_the_wire():
    """Beijing time; devices give 14 or 17 digits back."""
    record = key(1, "current")
    assert wire_time(record.created_at) == "20260102080000000"
    assert wire_time(record.created_at, "14") == "20260102080000"
    assert named([record], "20260102080000") == named([record], "20260102080000000") == record
    assert named([record], "20260102080001") is None
    assert named([record], "2026") is None


def test_two_keys_of_one_second_get_different_times():
    """The time is the name."""
    first = creation_time(T0 + timedelta(milliseconds=700), [])
    assert first == T0
    second = creation_time(T0, [KeyRecord(MN, bytes(16), "current", first)])
    assert second == T0 + timedelta(seconds=1)


def test_due_keys_are_spread_over_the_hour():
    """2,000 at once would be a storm of our own."""
    pace = Pace(60, 0.0)
    let_through = sum(pace.take(float(second)) for second in range(3600) for _ in range(5))
    assert 59 <= let_through <= 61
    idle = Pace(60, 0.0)
    assert [idle.take(7200.0) for _ in range(3)] == [True, False, False]


def test_whatever_happens_the_key_the_device_has_is_never_given_up():
    """Random histories: changes that arrive or not, answers that lie or get lost."""
    for seed in range(300):
        chance = random.Random(seed)
        now = T0
        records = [KeyRecord(MN, b"%016d" % 0, "current", T0, T0)]
        has = records[0].key
        use = Use()
        for step in range(1, 60):
            now += timedelta(hours=chance.choice((1, 30, 300)))
            ring = Ring.of(records)
            match chance.randrange(5):
                case 0 if ring.pending is None:
                    at = creation_time(now, records)
                    records.append(KeyRecord(MN, b"%016d" % step, "pending", at))
                case 1 if ring.pending is not None:  # the request arrives, the answer may not
                    takes = chance.random() < 0.7
                    if takes:
                        has = ring.pending.key
                    if chance.random() < 0.5:  # ExeRtn=1, true or not
                        records = applied(records, promoted(ring, ring.pending, ""), now)
                case 2:  # the hub starts anew
                    use = Use()
                case _:
                    for _ in range(chance.randrange(1, 30)):
                        use.note(has, now)
                        records = applied(records, opened(Ring.of(records), use), now)
            gone = retired(Ring.of(records), use, now, T0, SETTINGS)
            records = applied(records, gone, now)
            ring = Ring.of(records)
            assert has in {one.key for one in ring.keys}, seed
            assert sum(one.state == "current" for one in ring.keys) == 1, seed
            assert sum(one.state == "pending" for one in ring.keys) <= 1, seed
