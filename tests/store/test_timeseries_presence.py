"""How complete the samples are: counts by Beijing day, commonest steps, times that are there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from batches import NOON, batch, frame, sample

from hj212d.hub.lateness import MINUTE_DATA, PERIODS_US, is_late
from store.timeseries import PERIODS, PRESENCE, PresenceQuery, SlotQuery, TimeSeriesStore

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIDNIGHT = NOON - 12 * HOUR  # in Beijing


class Sender:
    """Commits values of devices, each in a frame of its own."""

    def __init__(self, store: TimeSeriesStore) -> None:
        self.store = store
        self._position = 0

    def send(
        self, times: list[datetime], *, delay: timedelta = 10 * MINUTE, **fields: Any
    ) -> None:
        """A value of each time; ``delay``: of its receipt."""
        row = {"mn": fields.pop("mn", "A"), "rf": fields.pop("rf", False), "cn": "2051"}
        values: dict[str, Any] = {"period": "minute", "rtd": 1.0} | fields
        frames = []
        for at in times:
            self._position += 1
            frames.append(frame(self._position, data_time=at, received_at=at + delay, **row))
        samples = [sample(one, **values) for one in frames]
        self.store.commit(batch(frames, samples, cursors={"0": self._position}))

    def tidy(self, now: datetime) -> None:
        """All that can wait."""
        for _ in range(100):
            if not self.store.tidy(now):
                return
        pytest.fail("tidy finds no end")


@pytest.fixture
def sender(store: TimeSeriesStore) -> Sender:
    """What sends into an empty store."""
    return Sender(store)


def minutes(start: datetime, count: int, step: int = 1) -> list[datetime]:
    """So many times, ``step`` minutes apart."""
    return [start + number * step * MINUTE for number in range(count)]


def us(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def counts(store: TimeSeriesStore, query: PresenceQuery | None = None) -> list[tuple[Any, ...]]:
    """Rows of PRESENCE of June the first and second, the day as hours from midnight of the
    first."""
    rows = store.presence(query or PresenceQuery(MIDNIGHT, MIDNIGHT + 2 * DAY)).to_pylist()
    return [((row.pop("day") - MIDNIGHT) // HOUR, *row.values()) for row in rows]


def test_nothing_is_there_at_first(store: TimeSeriesStore) -> None:
    """An empty store has no rows, in the right columns."""
    found = store.presence(PresenceQuery(MIDNIGHT, NOON))
    assert (found.num_rows, found.schema) == (0, PRESENCE)
    assert store.spacings(PresenceQuery(MIDNIGHT, NOON)).num_rows == 0
    assert store.slots(SlotQuery("A", "minute", MIDNIGHT, NOON)).num_rows == 0


def test_days_are_those_of_beijing(sender: Sender) -> None:
    """The last second of a day is counted to it, the first of the next to the next."""
    last = MIDNIGHT + DAY - timedelta(seconds=1)
    sender.send([MIDNIGHT, last, MIDNIGHT + DAY])
    for _ in range(2):
        assert counts(sender.store) == [
            (0, "A", "w01018", "minute", 2, 2, 0, 0, MIDNIGHT, last),
            (24, "A", "w01018", "minute", 1, 1, 0, 0, MIDNIGHT + DAY, MIDNIGHT + DAY),
        ]
        sender.tidy(MIDNIGHT + 5 * DAY)


def test_what_is_valid_resent_and_late(sender: Sender) -> None:
    """Valid: unmarked with a value; resent: RF=1; late: long after the end of its period. The
    same before and after the day is closed."""
    sender.send(minutes(MIDNIGHT, 3))
    sender.send(minutes(MIDNIGHT + HOUR, 2), flag="D")
    sender.send(minutes(MIDNIGHT + 2 * HOUR, 2), flag="", rf=True)
    sender.send(minutes(MIDNIGHT + 3 * HOUR, 2), flag=None, rtd=None, cou=3.0)
    sender.send(minutes(MIDNIGHT + 4 * HOUR, 2), rtd=None, min=3.0)
    sender.send(minutes(MIDNIGHT + 5 * HOUR, 4), delay=11 * MINUTE)
    sender.send(minutes(MIDNIGHT + 6 * HOUR, 4), delay=41 * MINUTE)
    sender.send([MIDNIGHT], period="hour", delay=70 * MINUTE)
    sender.send([MIDNIGHT], period="day", delay=25 * HOUR)
    last = MIDNIGHT + 6 * HOUR + 3 * MINUTE
    for _ in range(2):
        assert counts(sender.store) == [
            (0, "A", "w01018", "day", 1, 1, 0, 1, MIDNIGHT, MIDNIGHT),
            (0, "A", "w01018", "hour", 1, 1, 0, 0, MIDNIGHT, MIDNIGHT),
            (0, "A", "w01018", "minute", 19, 15, 2, 4, MIDNIGHT, last),
        ]
        sender.tidy(MIDNIGHT + 5 * DAY)


def test_what_is_late_is_what_the_frames_say(sender: Sender) -> None:
    """Of any period, and of each minute of the hour, to the second."""
    hour = minutes(MIDNIGHT, 60)
    delays = [minute * 60 + 600 + more for minute in (1, 6, 20, 30) for more in (0, 0.9, 1)]
    delays += [more + 600 for more in (0, 300.5, 301, 3600, 3601, 86_400, 86_401)]
    expected, frames, samples = {}, [], []
    for number, delay_s in enumerate(delays):
        for cn in (MINUTE_DATA, *PERIODS_US, "2071"):
            period, factor = PERIODS.get(cn, f"cn{cn}"), f"w{number:02d}"
            late = []
            for at in hour if cn == MINUTE_DATA else [MIDNIGHT]:
                received_at = at + timedelta(seconds=delay_s)
                one = frame(len(frames), data_time=at, received_at=received_at)
                frames.append(one)
                samples.append(sample(one, 1.0, period=period, factor=factor))
                late.append(is_late(cn, us(at), us(received_at), 600.0))
            expected[factor, period] = sum(late)
    sender.store.commit(batch(frames, samples))
    query = PresenceQuery(MIDNIGHT, MIDNIGHT + DAY, periods=tuple({p for _, p in expected}))
    for _ in range(2):
        rows = sender.store.presence(query).to_pylist()
        assert {(row["factor"], row["period"]): row["late"] for row in rows} == expected
        sender.tidy(MIDNIGHT + 5 * DAY)


def test_another_limit_holds_for_days_that_are_open(sender: Sender) -> None:
    """Closed days keep the count that was made when they were closed."""
    sender.send([MIDNIGHT], delay=2 * HOUR)
    sender.tidy(MIDNIGHT + 2 * DAY)
    sender.store.late_after_s = 7200.0
    sender.send([MIDNIGHT + 3 * DAY], delay=2 * HOUR)
    rows = sender.store.presence(PresenceQuery(MIDNIGHT, MIDNIGHT + 4 * DAY)).to_pylist()
    assert [row["late"] for row in rows] == [1, 0]


def test_values_that_come_for_closed_days(sender: Sender) -> None:
    """New and replaced values of closed days are counted once each, before and after they join
    the closed ones; what a replay takes back is not."""
    sender.send(minutes(MIDNIGHT, 10), flag="D")
    sender.tidy(MIDNIGHT + 3 * DAY)
    sender.send(minutes(MIDNIGHT + 8 * MINUTE, 4), delay=5 * DAY)
    for day in (5, 6, 30):
        assert counts(sender.store) == [
            (0, "A", "w01018", "minute", 12, 4, 0, 4, MIDNIGHT, MIDNIGHT + 11 * MINUTE)
        ]
        sender.tidy(MIDNIGHT + day * DAY)
    at = MIDNIGHT + 8 * MINUTE
    again = frame(11, cn="2051", data_time=at, received_at=at + 5 * DAY, reason="pw_wrong")
    sender.store.commit(batch([again], replay=True))
    assert counts(sender.store) == [
        (0, "A", "w01018", "minute", 11, 3, 0, 3, MIDNIGHT, MIDNIGHT + 11 * MINUTE)
    ]


def test_only_what_is_asked_for(sender: Sender) -> None:
    """MNs, factor, periods and any bounds choose, on closed days and open ones."""
    for mn in "ABC":
        for factor in ("w01018", "w21003"):
            sender.send(minutes(MIDNIGHT, 120), mn=mn, factor=factor)
            sender.send(minutes(MIDNIGHT, 3, 60), mn=mn, factor=factor, period="hour")
    cases = [
        ({"mns": ("A", "C", "nobody")}, [("A", 120), ("A", 120), ("C", 120), ("C", 120)]),
        ({"mns": ("B",), "factor": "w21003"}, [("B", 120)]),
        ({"mns": ("B",), "factor": "w21003", "periods": ("hour",)}, [("B", 3)]),
        (
            {"mns": ("B",), "factor": "w21003", "periods": ("hour", "minute")},
            [("B", 3), ("B", 120)],
        ),
        ({"mns": ("nobody",)}, []),
        ({"mns": ()}, []),
        ({"mns": ("A",), "factor": "none"}, []),
        ({"mns": ("A",), "factor": "w01018", "end": MIDNIGHT + 90 * MINUTE}, [("A", 90)]),
        ({"mns": ("A",), "factor": "w01018", "start": MIDNIGHT + 30 * MINUTE}, [("A", 90)]),
        (
            {
                "mns": ("A",),
                "factor": "w01018",
                "start": MIDNIGHT + 30 * MINUTE,
                "end": MIDNIGHT + 31 * MINUTE + timedelta(microseconds=1),
            },
            [("A", 2)],
        ),
    ]
    for _ in range(2):
        for asked, expected in cases:
            whole = {"start": MIDNIGHT, "end": MIDNIGHT + DAY, "periods": ("minute",)}
            found = counts(sender.store, PresenceQuery(**{**whole, **asked}))
            assert [(mn, received) for _, mn, _, _, received, *_ in found] == expected
        sender.tidy(MIDNIGHT + 5 * DAY)


def test_the_commonest_step_of_a_day(sender: Sender) -> None:
    """Of the factor with most values; of equal ones the shortest; gaps do not hide it."""
    sender.send([*minutes(MIDNIGHT, 5, 10), *minutes(MIDNIGHT + 5 * HOUR, 3, 10)])
    sender.send(minutes(MIDNIGHT, 2, 60), factor="a", period="minute")
    sender.send([MIDNIGHT + DAY, MIDNIGHT + DAY + 5 * MINUTE, MIDNIGHT + DAY + 6 * MINUTE])
    sender.send([MIDNIGHT], mn="B")
    sender.send(minutes(MIDNIGHT, 4, 60), mn="B", period="hour")
    for _ in range(2):
        rows = sender.store.spacings(PresenceQuery(MIDNIGHT, MIDNIGHT + 2 * DAY)).to_pylist()
        assert [tuple(row.values()) for row in rows] == [
            (MIDNIGHT, "A", "minute", 600, 6),
            (MIDNIGHT, "B", "hour", 3600, 3),
            (MIDNIGHT + DAY, "A", "minute", 60, 1),
        ]
        sender.tidy(MIDNIGHT + 5 * DAY)


def test_times_that_are_there(sender: Sender) -> None:
    """Each time once, whatever the factor, in order, wherever the row lies."""
    sender.send(minutes(MIDNIGHT, 3), factor="a")
    sender.tidy(MIDNIGHT + 3 * DAY)
    sender.send(minutes(MIDNIGHT + MINUTE, 3), factor="b", delay=4 * DAY)
    sender.send([MIDNIGHT + HOUR], factor="b", period="hour")
    query = SlotQuery("A", "minute", MIDNIGHT, MIDNIGHT + 3 * MINUTE)
    assert sender.store.slots(query)["data_time"].to_pylist() == minutes(MIDNIGHT, 3)
    query = SlotQuery("A", "minute", MIDNIGHT + MINUTE, MIDNIGHT + HOUR)
    assert sender.store.slots(query)["data_time"].to_pylist() == minutes(MIDNIGHT + MINUTE, 3)
