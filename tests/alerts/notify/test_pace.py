"""How many messages an address may get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.notify.pace import Limits, Pace

AT = datetime(2026, 11, 21, tzinfo=UTC)
ROBOT = ("wecom", "key")
LIMITS = Limits({"wecom": 3}, {"wecom": 5})


def later(seconds: float) -> datetime:
    """After the beginning."""
    return AT + timedelta(seconds=seconds)


def test_a_minute_and_an_hour() -> None:
    """Both hold; a message is of the minute up to but not including its end."""
    pace = Pace()
    assert pace.free(ROBOT, LIMITS, AT) == 3
    for second in range(3):
        assert pace.next_free(ROBOT, LIMITS, later(second)) == later(second)
        pace.note(ROBOT, later(second))
    assert pace.free(ROBOT, LIMITS, later(3)) == 0
    assert pace.next_free(ROBOT, LIMITS, later(3)) == later(60)
    assert pace.free(ROBOT, LIMITS, later(59.9)) == 0
    assert pace.free(ROBOT, LIMITS, later(60)) == 1
    pace.note(ROBOT, later(62), 2)
    assert pace.free(ROBOT, LIMITS, later(300)) == 0
    assert pace.next_free(ROBOT, LIMITS, later(300)) == later(3600)
    assert pace.free(ROBOT, LIMITS, later(3600)) == 1


def test_others_are_free() -> None:
    """Other addresses, and channels without a limit."""
    pace = Pace()
    pace.note(ROBOT, AT, 5)
    assert pace.free(("wecom", "other"), LIMITS, AT) == 3
    pace.note(("app", "1"), AT, 100)
    assert pace.free(("app", "1"), LIMITS, AT) > 1000


def test_rests() -> None:
    """What a service asked for holds beside the limits; the longer one counts."""
    pace = Pace()
    pace.rest(ROBOT, later(600))
    pace.rest(ROBOT, later(10))
    assert pace.free(ROBOT, LIMITS, later(599)) == 0
    assert pace.next_free(ROBOT, LIMITS, later(1)) == later(600)
    assert pace.free(ROBOT, LIMITS, later(600)) == 3


def test_it_forgets() -> None:
    """What no limit asks for; and knows what it knows."""
    pace = Pace()
    pace.note(ROBOT, AT)
    pace.rest(ROBOT, later(10))
    assert pace.knows(ROBOT)
    copy = pace.copy()
    pace.forget(later(3600))
    assert not pace.knows(ROBOT)
    assert copy.knows(ROBOT)
    pace.note(ROBOT, AT, 0)
    assert pace.knows(ROBOT)
