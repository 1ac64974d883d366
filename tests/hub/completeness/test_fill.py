"""What is asked for and when, and what becomes of a gap, from books and missing slots alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from completeness_rig import DAY, HOUR, MINUTE, at, every

from hj212d.hub.completeness.expected import fixed, registered
from hj212d.hub.completeness.fill import (
    Ask,
    Asked,
    Changes,
    Patience,
    asked,
    covered,
    moment,
    moment_us,
    next_ask,
    patience,
    reconcile,
)
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.records import CommandRecord, GapRecord

SETTINGS = CompletenessSettings(
    chunk_slots=240, attempts=3, requests_per_hour_per_mn=4, busy_s=600.0
)
NOW = at("06-03T12:00")
SINCE = at("06-01")
INTERVALS = {"minute": 60, "hour": 3600, "day": 86_400}
HOURS = fixed("hour")
assert HOURS is not None
EIGHT = [at("06-02"), at("06-02T08:00")]


def gap(start_us: int, end_us: int, **fields: Any) -> GapRecord:
    """An open gap of hours."""
    values = {"id": 1, "mn": "A", "period": "hour", "missing": 1, "found_at": moment(NOW)}
    return GapRecord(**{**values, "start": moment(start_us), "end": moment(end_us), **fields})


def ask(begin_us: int, end_us: int, outcome: Any = "answered", **fields: Any) -> Asked:
    """A request for hours that ended half an hour ago."""
    ended = {"created_us": NOW - 31 * MINUTE, "finished_us": NOW - 30 * MINUTE, "why": "why"}
    values = {"id": 7, "period": "hour", "begin_us": begin_us, "end_us": end_us}
    return Asked(**{**values, "outcome": outcome, **ended, **fields})


def command(**fields: Any) -> CommandRecord:
    """A request for eight hours, as the book has it."""
    args = Ask("A", "hour", *EIGHT).args
    values = {"id": 7, "mn": "A", "name": "hours", "cn": "2061", "args": args, "origin": "fill"}
    values |= {"created_at": moment(NOW), "expires_at": moment(NOW + HOUR)}
    return CommandRecord(**{**values, **fields})


def judged(
    slots: list[int], known: list[GapRecord], asks: list[Asked] | None = None
) -> tuple[list[tuple[Any, ...]], dict[int, dict[str, object]], Changes]:
    """New gaps as (start, end, missing, state, attempts), and changes of known ones by number."""
    assert HOURS is not None
    changes = reconcile(
        "A", HOURS, np.array(slots, np.int64), known, asks or [], SINCE, NOW, SETTINGS
    )
    new = [
        (moment_us(one.start), moment_us(one.end), one.missing, one.state, one.attempts)
        for one in changes.put
    ]
    return new, dict(changes.update), changes


def test_times_on_the_wire_are_those_of_beijing() -> None:
    """Begin and end as 14 digits; what was asked for can be read from the command's record."""
    assert Ask("A", "hour", *EIGHT).args == {
        "BeginTime": "20260602000000",
        "EndTime": "20260602080000",
    }
    found = asked(command(state="done"))
    assert found is not None
    assert (found.period, found.begin_us, found.end_us) == ("hour", *EIGHT)
    assert asked(command(origin="cli")) is None
    assert asked(command(name="read-clock")) is None
    assert asked(command(args={"BeginTime": "x"})) is None


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"state": "queued"}, "open"),
        ({"state": "accepted"}, "open"),
        ({"state": "done", "exe_rtn": 1}, "answered"),
        ({"state": "refused", "qn_rtn": 2}, "refused"),
        ({"state": "failed", "exe_rtn": 5}, "busy"),
        ({"state": "failed", "exe_rtn": 100}, "no data"),
        ({"state": "failed", "exe_rtn": 2}, "failed"),
        ({"state": "timeout"}, "silent"),
        ({"state": "expired"}, "unsent"),
        ({"state": "cancelled"}, "unsent"),
    ],
)
def test_what_came_of_a_request(fields: dict[str, Any], outcome: str) -> None:
    """Each end of a command, and the return codes that matter."""
    found = asked(command(**fields))
    assert found is not None
    assert found.outcome == outcome


def test_hours_and_days_come_before_minutes() -> None:
    """Of the first period the oldest gap; nothing of a period that the device does not send."""
    gaps = [
        gap(at("06-01"), at("06-01T01:00"), period="minute"),
        gap(at("06-02"), at("06-03"), period="day"),
        gap(at("06-02T04:00"), at("06-02T06:00")),
        gap(at("06-02T01:00"), at("06-02T02:00")),
    ]
    calm = Patience()
    first = Ask("A", "hour", at("06-02T01:00"), at("06-02T06:00"))
    assert next_ask(gaps, INTERVALS, calm, NOW, SETTINGS) == first
    without_hours = [one for one in gaps if one.period != "hour"]
    found = next_ask(without_hours, INTERVALS, calm, NOW, SETTINGS)
    assert found == Ask("A", "day", at("06-02"), at("06-03"))
    found = next_ask(gaps, {"minute": 60}, calm, NOW, SETTINGS)
    assert found == Ask("A", "minute", at("06-01"), at("06-01T01:00"))
    assert next_ask([], INTERVALS, calm, NOW, SETTINGS) is None


def test_a_request_is_bounded() -> None:
    """A day of minutes takes six requests; gaps that begin behind the bound are left."""
    whole = gap(at("06-01"), at("06-02"), period="minute")
    found = next_ask([whole], INTERVALS, Patience(), NOW, SETTINGS)
    assert found == Ask("A", "minute", at("06-01"), at("06-01T04:00"))
    several = [
        gap(at("06-01"), at("06-01T00:10"), period="minute"),
        gap(at("06-01T03:59"), at("06-01T05:00"), period="minute"),
        gap(at("06-01T04:00"), at("06-01T04:10"), period="minute"),
    ]
    found = next_ask(several, INTERVALS, Patience(), NOW, SETTINGS)
    assert found == Ask("A", "minute", at("06-01"), at("06-01T04:00"))
    assert covered(several, found) == several[:2]


@pytest.mark.parametrize(
    "waiting",
    [
        Patience(quiet_until_us=NOW + 1),
        Patience(in_last_hour=4),
        Patience(under_way=7),
        Patience(refused={"hour": NOW + 1}),
    ],
)
def test_an_instrument_is_not_flooded(waiting: Patience) -> None:
    """One at a time, so many an hour, not while it is busy, not what it refuses."""
    gaps = [gap(*EIGHT)]
    assert next_ask(gaps, INTERVALS, waiting, NOW, SETTINGS) is None
    assert next_ask(gaps, INTERVALS, Patience(), NOW, SETTINGS) is not None


def test_patience() -> None:
    """Busy: some minutes; silent: twice as long each time, then a day; refused: a day, and
    nothing else either when it never answered."""
    ended = NOW - 30 * MINUTE

    def until(*outcomes: str) -> int:
        """Newest first."""
        return patience([ask(*EIGHT, one) for one in outcomes], NOW, SETTINGS).quiet_until_us

    assert until("answered", "busy", "silent") == 0
    assert until("busy", "answered") == ended + 10 * MINUTE
    assert until("silent", "answered") == ended + 10 * MINUTE
    assert until("unsent", "silent", "silent", "answered") == ended + 20 * MINUTE
    assert until("silent", "silent", "silent") == ended + DAY
    assert until("refused") == ended + DAY
    assert until("refused", "answered") == 0
    found = patience([ask(*EIGHT, "refused"), ask(*EIGHT, period="day")], NOW, SETTINGS)
    assert found.refused == {"hour": ended + DAY}
    assert found.in_last_hour == 2
    again = patience([ask(*EIGHT), ask(*EIGHT, "refused")], NOW, SETTINGS)
    assert again.refused == {}
    assert patience([ask(*EIGHT, "open")], NOW, SETTINGS).under_way == 7
    old = [ask(*EIGHT, created_us=NOW - HOUR, finished_us=NOW - HOUR)]
    assert patience(old, NOW, SETTINGS).in_last_hour == 0


def test_a_new_gap_is_written() -> None:
    """What is missing and was not known."""
    new, changed, _ = judged(every(HOUR, *EIGHT), [])
    assert (new, changed) == ([(*EIGHT, 8, "open", 0)], {})


def test_a_known_gap_grows_and_shrinks() -> None:
    """Its end and the number of its values follow the store; nothing is written otherwise."""
    known = gap(*EIGHT, missing=8)
    assert judged(every(HOUR, *EIGHT), [known])[:2] == ([], {})
    new, changed, _ = judged(every(HOUR, EIGHT[0], EIGHT[1] + HOUR), [known])
    assert (new, changed) == ([], {1: {"end": moment(EIGHT[1] + HOUR), "missing": 9}})


def test_what_came_is_filled() -> None:
    """A gap without missing slots is closed; of one that is filled in part the rest stays."""
    known = gap(*EIGHT, missing=8)
    _, changed, changes = judged([], [known])
    assert changed == {
        1: {"state": "filled", "closed_at": moment(NOW), "why": "", "missing": 0, "attempts": 0}
    }
    assert changes.closed == {"filled": 1}
    new, changed, _ = judged([EIGHT[1] - HOUR], [known])
    assert new == [(EIGHT[1] - HOUR, EIGHT[1], 1, "open", 0)]
    assert changed[1]["state"] == "filled"


def test_an_answer_without_the_values() -> None:
    """The first may have been lost on its way; after the second they are unavailable, and are
    not looked for again. What lies behind the request stays open."""
    slots = every(HOUR, EIGHT[0], EIGHT[1] + 2 * HOUR)
    end = EIGHT[1] + 2 * HOUR
    known = gap(EIGHT[0], end, missing=10, state="asked", asked_at=moment(NOW - HOUR))
    new, changed, _ = judged(slots, [known], [ask(*EIGHT)])
    assert new == [(EIGHT[1], end, 2, "open", 0)]
    assert (changed[1]["state"], changed[1]["attempts"]) == ("open", 1)
    twice = msgspec.structs.replace(known, attempts=1)
    new, changed, changes = judged(slots, [twice], [ask(*EIGHT)])
    assert (changed[1]["state"], changed[1]["end"]) == ("unavailable", moment(EIGHT[1]))
    assert changes.closed == {"unavailable": 1}
    closed = gap(*EIGHT, missing=8, state="unavailable")
    assert judged(slots, [closed])[:2] == ([(EIGHT[1], end, 2, "open", 0)], {})
    new, changed, _ = judged([], [closed])
    assert changed[1]["state"] == "filled"


@pytest.mark.parametrize(
    ("outcome", "attempts", "state", "counted"),
    [
        ("open", 0, "asked", 0),
        ("busy", 0, "open", 0),
        ("unsent", 2, "open", 2),
        ("no data", 0, "unavailable", 1),
        ("silent", 0, "open", 1),
        ("silent", 2, "given_up", 3),
        ("failed", 1, "open", 2),
        ("refused", 2, "given_up", 3),
    ],
)
def test_what_becomes_of_a_gap(outcome: str, attempts: int, state: str, counted: int) -> None:
    """By what came of the request: asked still, open, unavailable, given up."""
    known = gap(*EIGHT, missing=8, state="asked", attempts=attempts, asked_at=moment(NOW - HOUR))
    _, changed, _ = judged(every(HOUR, *EIGHT), [known], [ask(*EIGHT, outcome)])
    stands = {"state": "asked", "attempts": attempts} | changed.get(1, {})
    assert (stands["state"], stands["attempts"]) == (state, counted)


def test_a_request_that_never_left() -> None:
    """The hub ended between noting the gap and sending: it is open, an older request is none of
    it."""
    known = gap(*EIGHT, missing=8, state="asked", attempts=1, asked_at=moment(NOW - MINUTE))
    _, changed, _ = judged(every(HOUR, *EIGHT), [known], [ask(*EIGHT)])
    assert changed == {1: {"state": "open"}}


def test_a_gap_that_is_too_old() -> None:
    """What lies before the days to be filled is given up; the rest goes on as a gap of its own."""
    known = gap(SINCE - DAY, SINCE + DAY, missing=48)
    new, changed, _ = judged(every(HOUR, SINCE, SINCE + DAY), [known])
    assert new == [(SINCE, SINCE + DAY, 24, "open", 0)]
    assert (changed[1]["state"], changed[1]["end"]) == ("given_up", moment(SINCE))


def test_minutes_are_judged_alike() -> None:
    """The rhythm decides what a slot is."""
    minutes = registered("minute", 600)
    slots = minutes.slots(SINCE, SINCE + HOUR)
    changes = reconcile("A", minutes, slots, [], [], SINCE, NOW, SETTINGS)
    (found,) = changes.put
    assert (found.missing, found.end - found.start) == (6, timedelta(hours=1))
