"""Which data are late: by CN, to the second, and never a device that is in time."""

from __future__ import annotations

import pytest

from hj212d.hub.lateness import MINUTE_PERIODS_US, MINUTE_US, PERIODS_US, SECOND_US, is_late
from hj212d.wire import tables
from hj212d.wire.values import time_us
from store.lateness import INTERVALS_MIN

HOUR_US = 60 * MINUTE_US
LIMIT_US = 600_000_000


def at(text: str) -> int:
    """A Beijing time as UTC microseconds."""
    moment = time_us(text)
    assert moment is not None
    return moment


@pytest.mark.parametrize(
    ("cn", "period_us"),
    [("2011", 0), ("2021", 0), ("2061", HOUR_US), ("2031", 24 * HOUR_US),
     ("2041", 24 * HOUR_US), ("2111", 5 * MINUTE_US)],
)  # fmt: skip
def test_the_period_comes_first(cn: str, period_us: int) -> None:
    """Ten minutes after its end are not late, a second more is."""
    start = at("20260601000000")
    end = start + period_us + SECOND_US
    assert not is_late(cn, start, end + LIMIT_US - 1, 600.0)
    assert is_late(cn, start, end + LIMIT_US, 600.0)


@pytest.mark.parametrize("interval", INTERVALS_MIN)
def test_minutes_in_time_are_never_late(interval: int) -> None:
    """Whatever the interval, sent ten minutes after the end of the period."""
    start = at("20260601080000")
    for begin in range(start, start + HOUR_US, interval * MINUTE_US):
        assert not is_late("2051", begin, begin + interval * MINUTE_US + LIMIT_US, 600.0)


def test_minutes_that_waited_are_late() -> None:
    """08:41 can begin a minute only, 08:40 twenty, 08:30 thirty."""
    assert [MINUTE_PERIODS_US[minute] // MINUTE_US for minute in (41, 42, 40, 30, 0)] == [
        1, 6, 20, 30, 30,
    ]  # fmt: skip
    begin = at("20260601084100")
    assert is_late("2051", begin, begin + MINUTE_US + LIMIT_US + SECOND_US, 600.0)
    assert is_late("2051", at("19690601084100"), begin, 600.0)


@pytest.mark.parametrize("cn", ["1011", "2072", "2081", "3020", "9014", "9015", ""])
def test_what_carries_no_data_is_never_late(cn: str) -> None:
    """Nor are logs, restarts and replies."""
    assert not is_late(cn, 0, 10**16, 600.0)


def test_all_data_have_a_rule() -> None:
    """Each CN that carries data, but alarm records, which come when they are asked for, and the
    restart of a logger, which is no measurement."""
    data = {command.cn for command in tables.commands() if tables.carries_data(command.cn)}
    assert {*PERIODS_US, "2051", "2071", "2081"} == data
