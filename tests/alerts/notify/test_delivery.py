"""What becomes of messages that are due, by the clock and by the state of all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.notify.delivery import (
    OVER_BEFORE,
    QUIET,
    Plan,
    Situation,
    after_failure,
    after_refusal,
    plan,
)
from alerts.notify.pace import Pace
from alerts.notify.settings import NotifySettings
from store.registry.alert_records import CHANNELS, ContactRecord, MessageRecord

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
NIGHT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)  # 23:00
MORNING = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)  # 07:00 of the 22nd
ANNA = ContactRecord(
    id=1,
    name="Anna",
    ways={"email": "anna@example.org", "wecom": "robotkey", "sms": "13800001234"},
    quiet_from="22:00",
    quiet_to="07:00",
    quiet_breaks="severe",
)
BO = ContactRecord(id=2, name="Bo", ways={"email": "bo@example.org", "wecom": "robotkey"})


def message(id: int, step: str = "opened", incident: int = 0, **changes: Any) -> MessageRecord:
    """One to Anna by e-mail, of an incident of its own number."""
    said: dict[str, Any] = {
        "id": id,
        "about": f"incident:{incident or id}",
        "step": step,
        "contact_id": 1,
        "channel": "email",
        "severity": "warning",
        "subject": f"S{id}",
        "text": "t",
        "token": f"t{id}",
        "created_at": NOON - timedelta(minutes=1),
        "next_at": NOON - timedelta(minutes=1),
    }
    return MessageRecord(**{**said, **changes})


def made(
    due: list[MessageRecord],
    others: list[MessageRecord] | None = None,
    *,
    now: datetime = NOON,
    pace: Pace | None = None,
    busy: list[tuple[str, str]] | None = None,
    threads: int = 4,
    contacts: tuple[ContactRecord, ...] = (ANNA, BO),
    **changes: Any,
) -> Plan:
    """The plan; ``changes``: of the settings."""
    situation = Situation(
        now=now,
        settings=msgspec.structs.replace(NotifySettings(), **changes),
        contacts={one.id: one for one in contacts},
        pace=pace or Pace(),
        waiting_for=frozenset(busy or []),
        threads=dict.fromkeys(CHANNELS, threads),
    )
    return plan(due, others or [], situation)


def sent(plan: Plan) -> list[int]:
    """Numbers of what goes out now."""
    return [one.message.id for one in plan.send]


def states(plan: Plan) -> dict[int, tuple[str, str, datetime | None]]:
    """What becomes of those that do not."""
    return {one.id: (one.state, one.error, one.next_at) for one in plan.settle}


def test_one_at_a_time_to_an_address() -> None:
    """The next one when the first is through; other addresses do not wait."""
    found = made([message(1), message(2), message(3, contact_id=2)])
    assert sent(found) == [1, 3]
    assert found.send[0].address == ("email", "anna@example.org")
    assert states(found) == {}
    assert sent(made([message(2)], busy=[("email", "anna@example.org")])) == []


def test_a_robot_that_two_share_is_one_address() -> None:
    """Its limits are of the robot."""
    due = [message(1, channel="wecom"), message(2, channel="wecom", contact_id=2)]
    assert sent(made(due)) == [1]


def test_the_most_severe_first() -> None:
    """What is about the same stays in its order."""
    due = [
        message(1),
        message(2, incident=9),
        message(3, "worse:2", incident=9, severity="severe"),
    ]
    assert sent(made(due)) == [2]


def test_few_threads_go_to_the_most_severe() -> None:
    """Over all lanes."""
    due = [message(1), message(2, contact_id=2, severity="critical")]
    assert sent(made(due, threads=1)) == [2]
    assert sent(made(due, threads=0)) == []


def test_nobody_or_nowhere() -> None:
    """Gone, switched off, or without an address."""
    off = msgspec.structs.replace(ANNA, on=False)
    assert states(made([message(1)], contacts=()))[1][:2] == ("withheld", "the contact is no more")
    assert states(made([message(1)], contacts=(off,)))[1][:2] == (
        "withheld",
        "the contact is switched off",
    )
    assert states(made([message(1, channel="webhook")]))[1][:2] == (
        "failed",
        "the contact has no address for webhook",
    )
    assert sent(made([message(1, channel="app")])) == [1]


def test_it_is_given_up_in_the_end() -> None:
    """At its time exactly, with the last reason."""
    old = message(1, created_at=NOON - timedelta(hours=12), error="451 later")
    assert states(made([old]))[1] == ("failed", "not taken in its time: 451 later", None)
    assert sent(made([old], now=NOON - timedelta(microseconds=1))) == [1]
    severe = message(1, created_at=NOON - timedelta(hours=12), severity="severe")
    assert sent(made([severe])) == [1]


def test_quiet_hours() -> None:
    """Held to their end, but for what is severe, what is within the platform, and trials."""
    due = [
        message(1),
        message(2, severity="severe", contact_id=1, channel="sms"),
        message(3, channel="app"),
        message(4, channel="wecom", about="test:x"),
        message(5, contact_id=2),
    ]
    found = made(due, now=NIGHT)
    assert states(found) == {1: ("waiting", QUIET, MORNING)}
    assert sorted(sent(found)) == [2, 3, 4, 5]


def test_the_night_goes_as_one() -> None:
    """At 07:00 exactly; a single one as itself; what is over by then as what is over."""
    night = [
        message(1, error=QUIET, next_at=MORNING),
        message(2, error=QUIET, next_at=MORNING, severity="notice"),
        message(3, "opened", 7, error=QUIET, next_at=MORNING, severity="notice"),
        message(4, "recovered", 7, error=QUIET, next_at=MORNING, severity="notice"),
        message(5, created_at=MORNING),
    ]
    found = made(night, now=MORNING)
    (digest,) = found.digests
    assert [one.id for one in digest.messages] == [1, 2, 4]
    assert found.merge == [([3], 4)]
    assert sent(found) == [5]
    assert sent(made(night[:1], now=MORNING)) == [1]
    # Held for the night it does not expire.
    old = message(1, error=QUIET, created_at=MORNING - timedelta(days=2))
    assert sent(made([old], now=MORNING)) == [1]


def test_reminders_that_are_due_together_go_as_one() -> None:
    """What began meanwhile goes by itself; a reminder alone, too."""
    reminders = [message(id, "reminder:1", incident=id) for id in (1, 2, 3)]
    plan = made([*reminders, message(4, incident=4)])
    assert [[one.id for one in digest.messages] for digest in plan.digests] == [[1, 2, 3]]
    assert sent(plan) == [4]
    assert sent(made(reminders[:1])) == [1]


def test_what_comes_through_brings_along_what_was_held() -> None:
    """It does not wait for the morning behind its own beginning."""
    held = message(1, "opened", 7, error=QUIET, next_at=MORNING)
    worse = message(2, "worse:2", 7, severity="severe")
    found = made([worse], [held, worse], now=NIGHT)
    assert sent(found) == [2]
    assert found.merge == [([1], 2)]


def test_over_before_anybody_was_told() -> None:
    """One message, or none."""
    opened = message(1, "opened", 7, attempts=0)
    over = message(2, "recovered", 7)
    found = made([opened, over], [opened, over])
    assert found.merge == [([1], 2)]
    assert sent(found) == [2]
    found = made([opened, over], [opened, over], over_before_told="withhold")
    assert sent(found) == []
    assert states(found) == {
        1: ("withheld", OVER_BEFORE, None),
        2: ("withheld", OVER_BEFORE, None),
    }
    # One attempt may have arrived: then one has to hear that it is over.
    tried = msgspec.structs.replace(opened, attempts=1)
    found = made([tried, over], [tried, over], over_before_told="withhold")
    assert sent(found) == [2]


def test_never_that_it_began_behind_that_it_is_over() -> None:
    """The opened one waits for its next attempt; the recovery takes its place."""
    opened = message(1, "opened", 7, attempts=2, next_at=NOON + timedelta(minutes=5))
    over = message(2, "recovered", 7)
    found = made([over], [opened, over])
    assert sent(found) == [2]
    assert found.merge == [([1], 2)]


def test_what_is_later_waits() -> None:
    """For one that is on its way, or has its next attempt ahead."""
    opened = message(1, "opened", 7, state="sending")
    over = message(2, "recovered", 7)
    found = made([over], [opened, over])
    assert sent(found) == []
    assert states(found) == {}
    ahead = NOON + timedelta(minutes=5)
    opened = message(1, "opened", 7, attempts=2, next_at=ahead)
    escalated = message(2, "escalated:1", 7)
    found = made([escalated], [opened, escalated])
    assert states(found) == {2: ("waiting", "", ahead)}


def test_behind_a_digest_everything_waits() -> None:
    """It may hold the beginning of what is told now."""
    digest = message(1, "3-5-2", about="digest", next_at=NOON + timedelta(minutes=5))
    found = made([message(6)], [digest])
    assert sent(found) == []
    assert states(found)[6][2] == NOON + timedelta(minutes=5)
    due = msgspec.structs.replace(digest, next_at=NOON)
    assert sent(made([due, message(6)], [due])) == [1]


def test_more_than_an_address_may_get_goes_as_one() -> None:
    """Of five, three may go: two by themselves, three as one."""
    found = made([message(n) for n in range(1, 6)], per_minute={"email": 3})
    assert sent(found) == [1]
    (digest,) = found.digests
    assert [one.id for one in digest.messages] == [3, 4, 5]
    assert digest.channel == "email"
    assert states(found) == {}


def test_what_is_about_the_same_goes_together() -> None:
    """Not the beginning by itself and the rest in the digest."""
    due = [message(1), message(2, "opened", 9), message(3, "escalated:1", 9), message(4)]
    found = made(due, per_minute={"email": 3})
    assert [one.id for one in found.digests[0].messages] == [2, 3, 4]


def test_an_address_that_is_full() -> None:
    """It gets nothing until it may."""
    pace = Pace()
    address = ("email", "anna@example.org")
    pace.note(address, NOON - timedelta(seconds=20), 3)
    found = made([message(1), message(2)], pace=pace, per_minute={"email": 3})
    assert sent(found) == []
    assert found.digests == []
    assert {at for _, _, at in states(found).values()} == {NOON + timedelta(seconds=40)}
    # One place left, and one too many: it is not worth a digest.
    found = made([message(1), message(2)], pace=Pace(), per_minute={"email": 1})
    assert len(found.digests) == 1
    found = made([message(1)], pace=Pace(), per_minute={"email": 1})
    assert sent(found) == [1]


def test_a_long_line_makes_room_for_others() -> None:
    """Those far behind are looked at later."""
    due = [message(n, channel="webhook") for n in range(1, 31)]
    anna = msgspec.structs.replace(ANNA, ways={"webhook": "https://h/"})
    found = made(due, contacts=(anna,))
    assert sent(found) == [1]
    assert len(found.settle) == 19
    assert {at for _, _, at in states(found).values()} == {NOON + timedelta(seconds=10)}


def test_after_an_attempt() -> None:
    """Again in 24 to 30 s, when the service said, or never."""
    one = message(1, attempts=1)
    again = after_failure(one, "why", None, NotifySettings(), NOON)
    assert again.state == "waiting"
    assert again.error == "why"
    assert again.next_at is not None
    assert 24 <= (again.next_at - NOON).total_seconds() <= 30
    again = after_failure(one, "why", 600.0, NotifySettings(), NOON)
    assert again.next_at is not None
    assert 600 <= (again.next_at - NOON).total_seconds() <= 660
    assert after_refusal(one, "why").state == "failed"
