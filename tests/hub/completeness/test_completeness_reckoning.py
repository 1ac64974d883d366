"""How complete the data are, reckoned from a real store of each engine."""

from __future__ import annotations

from random import Random
from typing import Any

from completeness_rig import HOUR, MINUTE, SECOND, Field, at, every

from hj212d.hub.completeness.reckoning import Question, Reckoning
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.records import DeviceRecord

SETTINGS = CompletenessSettings(grace_s=0, fill_days=2)


class Desk:
    """A reckoning over what a test registered, at a moment of its choice."""

    def __init__(self, field: Field, now: str) -> None:
        self.now_us = at(now)
        self.records: dict[str, DeviceRecord] = {}
        self.reckoning = Reckoning(
            field.store,
            lambda mn: self.records.get(mn, DeviceRecord(mn)),
            lambda: self.records,
            lambda: self.now_us,
        )

    def register(self, mn: str, **fields: Any) -> None:
        """Keep a device."""
        self.records[mn] = DeviceRecord(mn, **fields)

    def rates(self, start: str, end: str, **question: Any) -> list[tuple[Any, ...]]:
        """mn, factor, expected, received, interval and where that is from."""
        asked = Question(at(start), at(end), **question)
        names = ("mn", "factor", "expected", "received", "interval_s", "interval_from")
        rows = self.reckoning.rates(asked, SETTINGS).to_pylist()
        return [tuple(row[name] for name in names) for row in rows]


def test_hours_of_a_day(field: Field) -> None:
    """What came of 24, before and after the day is closed."""
    field.sent("A", "hour", every(HOUR, at("06-01"), at("06-01T18:00")))
    desk = Desk(field, "06-03")
    assert desk.rates("06-01", "06-02") == [("A", "w01018", 24, 18, 3600, "standard")]


def test_the_interval_is_learned_unless_it_is_registered(field: Field) -> None:
    """The commonest step of the last day, holes notwithstanding; the registry's word wins."""
    times = every(10 * MINUTE, at("06-01"), at("06-02"))
    field.sent("A", "minute", times[:50] + times[60:])
    field.sent("B", "minute", times)
    desk = Desk(field, "06-03")
    desk.register("B", minute_interval_min=5)
    assert desk.rates("06-01", "06-02", period="minute") == [
        ("A", "w01018", 144, 134, 600, "learned"),
        ("B", "w01018", 288, 144, 300, "registry"),
    ]


def test_an_interval_that_was_changed_at_noon(field: Field) -> None:
    """The change is found to the minute, from the counts of the days."""
    field.sent("A", "minute", every(10 * MINUTE, at("06-01"), at("06-02T12:00")))
    field.sent("A", "minute", every(MINUTE, at("06-02T12:00"), at("06-04")))
    desk = Desk(field, "06-04T01:00")
    assert desk.rates("06-01", "06-04", period="minute") == [
        ("A", "w01018", 144, 144, 60, "learned"),
        ("A", "w01018", 72 + 720, 72 + 720, 60, "learned"),
        ("A", "w01018", 1440, 1440, 60, "learned"),
    ]


def test_half_of_the_values_lost_is_no_other_interval(field: Field) -> None:
    """Of an earlier day half of the minutes is gone, here and there: they are missing."""
    field.sent("A", "minute", every(MINUTE, at("06-02"), at("06-03")))
    times = every(MINUTE, at("06-01"), at("06-02"))
    kept = {times[0], *Random(1).sample(times[1:-1], 718), times[-1]}
    field.sent("A", "minute", sorted(kept))
    desk = Desk(field, "06-04")
    rows = desk.rates("06-01", "06-03", period="minute")
    assert [row[2:4] for row in rows] == [(1440, 720), (1440, 1440)]


def test_a_period_that_a_device_does_not_send_is_not_owed(field: Field) -> None:
    """One that sends minutes only owes no hours; one that is silent owes hours and days; one
    that is disabled owes nothing."""
    field.sent("A", "minute", every(MINUTE, at("06-01"), at("06-01T02:00")))
    desk = Desk(field, "06-02")
    desk.register("B", created_at=None)
    desk.register("C", enabled=False)
    assert desk.rates("06-01", "06-02") == [("B", "", 24, 0, 3600, "standard")]
    assert desk.rates("06-01", "06-02", period="realtime") == []


def test_whom_a_question_is_about(field: Field) -> None:
    """One MN, one region, one factor, or the factors of a device together."""
    for mn in "AB":
        field.sent(mn, "hour", every(HOUR, at("06-01"), at("06-02")), ("a", "b"))
    desk = Desk(field, "06-03")
    desk.register("B", region="350200")
    asked = {"start": "06-01", "end": "06-02"}
    assert [row[:2] for row in desk.rates(**asked, mns=("A",))] == [("A", "a"), ("A", "b")]
    assert [row[:2] for row in desk.rates(**asked, region="3502")] == [("B", "a"), ("B", "b")]
    assert [row[:2] for row in desk.rates(**asked, factor="b")] == [("A", "b"), ("B", "b")]
    assert [row[:4] for row in desk.rates(**asked, summed=True)] == [
        ("A", "", 48, 48),
        ("B", "", 48, 48),
    ]


def test_what_a_device_lacks(field: Field) -> None:
    """Slots without any factor in the days to be filled, of the periods that it sends, with a
    clock that is seven seconds off; the counts alone say who lacks any."""
    minutes = every(MINUTE, at("06-01"), at("06-03T06:00"))
    field.sent("A", "minute", [time + 7 * SECOND for time in minutes[:100] + minutes[160:]])
    field.sent("A", "hour", every(HOUR, at("06-01"), at("06-03T05:00")))
    field.sent("B", "hour", every(HOUR, at("06-01"), at("06-03T06:00")))
    desk = Desk(field, "06-03T06:00:10")
    periods = ("hour", "day", "minute")
    found = desk.reckoning.missing("A", periods, SETTINGS)
    assert {period: len(one.slots) for period, one in found.items()} == {"hour": 1, "minute": 60}
    assert found["hour"].slots.tolist() == [at("06-03T05:00")]
    assert found["minute"].slots[0] == at("06-01T01:40")
    assert desk.reckoning.incomplete(["A", "B"], periods, SETTINGS) == ["A"]
    assert desk.reckoning.missing("nobody", periods, SETTINGS) == {}


def test_a_single_factor_that_is_missing_is_no_gap(field: Field) -> None:
    """History is asked for slots of which nothing came: in a round the fullest factor tells."""
    times = every(HOUR, at("06-01"), at("06-03"))
    field.sent("A", "hour", times, ("a", "b"))
    field.sent("A", "hour", times[:20], ("c",))
    field.sent("B", "hour", times[:30], ("a",))
    field.sent("B", "hour", times[31:], ("a", "b"))
    desk = Desk(field, "06-03")
    assert desk.reckoning.incomplete(["A", "B"], ("hour",), SETTINGS) == ["B"]


def test_days_before_those_to_be_filled_are_let_be(field: Field) -> None:
    """What is missing longer ago is not looked for; nor is what came before a device."""
    field.sent("A", "hour", [at("05-20"), at("06-01T03:00"), at("06-03T03:00")])
    field.sent("B", "hour", [at("06-02T23:00"), at("06-03T02:00")])
    desk = Desk(field, "06-03T04:00")
    found = desk.reckoning.missing("A", ("hour",), SETTINGS)["hour"].slots
    assert (int(found[0]), len(found)) == (at("06-01"), 2 * 24 + 4 - 2)
    found = desk.reckoning.missing("B", ("hour",), SETTINGS)["hour"].slots
    assert found.tolist() == [at("06-03"), at("06-03T01:00"), at("06-03T03:00")]
