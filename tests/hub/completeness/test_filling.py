"""Gaps found, asked for and judged by the service: a real store, a real registry, the commands and
their instruments are the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from by_hand import Now
from completeness_rig import DAY, HOUR, MINUTE, SECOND, URLS, Field, at, every
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.task import Clock

from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.completeness import service
from hj212d.hub.completeness.fill import asked, moment
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.service import FillService
from hj212d.hub.completeness.settings import CompletenessSettings
from store.open import open_store
from store.registry.open import Registry, open_registry
from store.registry.records import CommandRecord, DeviceRecord, GapRecord
from store.settings import StoreSettings
from store.timeseries import AggregateQuery, StoreUnavailable

START = at("06-03T12:00")
SETTINGS = CompletenessSettings(
    grace_s=0,
    fill_days=2,
    settle_s=60,
    quiet_s=300,
    round_h=1,
    requests_per_minute=60,
    requests_per_hour_per_mn=20,
    busy_s=600,
)


class Desk:
    """The service and all that is around it. ``answer``: what an instrument does with a request;
    None: nothing yet."""

    def __init__(self, field: Field, registry: Registry) -> None:
        self.field = field
        self.registry = registry
        self.loop = Clock()
        self.offset_us = START
        self.finished: list[Callable[[CommandRecord], None]] = []
        self.online = {"A"}
        self.requests: list[CommandRecord] = []
        self.answer: Callable[[CommandRecord], None] | None = None
        self.service = self.make()

    def make(self, **settings: Any) -> FillService:
        """A service, as after the start of a hub."""
        self.finished.clear()
        reckoning = Reckoning(self.field.store, DeviceRecord, tuple, self.now_us)
        self.service = FillService(
            self.loop,
            reckoning=reckoning,
            registry=self,
            commands=self,
            connected=self.online.__contains__,
            store_at_us=self.now_us,
            slow=Now(),
            settings=msgspec.structs.replace(SETTINGS, **settings),
            now_us=self.now_us,
        )
        self.service.startService()
        return self.service

    def now_us(self) -> int:
        """The wall clock."""
        return self.offset_us + round(self.loop.seconds() * SECOND)

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """As the registry's service."""
        return maybeDeferred(work, self.registry, *args)

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """As the command service; it is sent at once."""
        if wish.mn not in self.online:
            return fail(Refused(f"{wish.mn} is not connected"))
        now = moment(self.now_us())
        record = self.registry.commands.add(
            CommandRecord(
                mn=wish.mn,
                name=wish.name,
                cn="",
                args=dict(wish.args),
                origin=wish.origin,
                priority=wish.priority,
                state="sent",
                created_at=now,
                expires_at=now,
            )
        )
        self.requests.append(record)
        if self.answer is not None:
            self.loop.callLater(2, self.answer, record)
        return succeed(record)

    def end(self, record: CommandRecord, state: Any, **fields: Any) -> None:
        """A command comes to its end."""
        changes = {"state": state, "finished_at": moment(self.now_us()), **fields}
        self.registry.commands.update(record.id, **changes)
        ended = msgspec.structs.replace(record, **changes)
        for hook in list(self.finished):
            hook(ended)

    def send(self, record: CommandRecord) -> None:
        """The instrument has all that it is asked for."""
        wanted = asked(record)
        assert wanted is not None
        step = {"minute": MINUTE, "hour": HOUR, "day": DAY}[wanted.period]
        times = every(step, wanted.begin_us, wanted.end_us)
        self.field.sent(record.mn, wanted.period, times, received_us=self.now_us(), value=9.0)
        self.end(record, "done", exe_rtn=1)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds)):
            self.loop.advance(1)

    def tidy(self) -> None:
        """The days that are over are closed."""
        while self.field.store.tidy(moment(self.now_us()).replace(tzinfo=None)):
            pass

    def gaps(self, mn: str = "A") -> list[tuple[str, int, str, int]]:
        """The book: period, missing, state, attempts; oldest first."""
        found: list[GapRecord] = self.registry.gaps.find(mn=mn)
        return [(gap.period, gap.missing, gap.state, gap.attempts) for gap in reversed(found)]

    def names(self) -> list[str]:
        """What was asked for."""
        return [record.name for record in self.requests]


@pytest.fixture(params=["duckdb"])
def field(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Field]:
    """Devices over an empty store; of DuckDB unless a test says otherwise."""
    store = open_store(URLS[request.param].format(folder=tmp_path), StoreSettings())
    yield Field(store)
    store.close()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    opened = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    yield opened
    opened.close()


@pytest.fixture
def desk(field: Field, registry: Registry) -> Iterator[Desk]:
    """A station that was silent for the day before yesterday's last and yesterday's first twelve
    hours, and sends since."""
    made = Desk(field, registry)
    day, noon, again = at("06-01"), at("06-01T12:00"), at("06-02T12:00")
    for period, step in (("hour", HOUR), ("minute", 10 * MINUTE)):
        field.sent("A", period, every(step, day - DAY, noon))
        field.sent("A", period, every(step, again, START + 6 * HOUR))
    field.sent("A", "day", [day - DAY, at("06-02")])
    yield made
    if made.service.running:
        made.service.stopService()


@pytest.mark.parametrize("field", URLS, indirect=True)
def test_a_silent_day_is_filled(desk: Desk) -> None:
    """The round finds it; hours, day and minutes are asked for in that order, one at a time; what
    came is filled, and the averages are those with it."""
    desk.answer = desk.send
    desk.tidy()
    query = AggregateQuery("A", "w01018", "day", period="hour")
    before = desk.field.store.aggregates(query).to_pylist()
    desk.run(60)
    assert desk.requests == []
    desk.run(240)
    assert desk.names() == ["hours", "days", "minutes"]
    hours = desk.requests[0]
    assert hours.args == {"BeginTime": "20260601120000", "EndTime": "20260602120000"}
    assert hours.priority == 9
    assert sorted(desk.gaps()) == [
        ("day", 0, "filled", 1),
        ("hour", 0, "filled", 1),
        ("minute", 0, "filled", 1),
    ]
    assert [row["n"] for row in before] == [24, 12, 12, 18]
    for _ in range(2):
        after = desk.field.store.aggregates(query).to_pylist()
        assert [row["n"] for row in after] == [24, 24, 24, 18]
        assert [row["mean"] for row in after] == [1.0, 5.0, 5.0, 1.0]
        desk.tidy()
    status = desk.service.status()
    assert (status["gaps_open"], status["filled_total"], status["requests_total"]) == (0, 3, 3)


def test_what_comes_by_itself_is_not_asked_for(desk: Desk) -> None:
    """While the gap becomes smaller the instrument is left alone; it is asked for the rest."""
    begin = at("06-01T12:00")
    for part in range(4):
        desk.run(59)
        times = every(HOUR, begin + part * 5 * HOUR, begin + (part + 1) * 5 * HOUR)
        desk.field.sent("A", "hour", times, received_us=desk.now_us())
    assert desk.requests == []
    desk.run(180)
    assert desk.requests[0].args["BeginTime"] == "20260602080000"


def test_one_that_is_back_is_looked_at_when_it_has_settled(desk: Desk) -> None:
    """Not in the round, but after its silence; a short one is none."""
    desk.service.settings = msgspec.structs.replace(SETTINGS, round_h=100)
    desk.online.clear()
    desk.run(70)
    assert desk.service.status()["gaps_open"] == 3
    desk.service.left("A", 1, 0)
    desk.run(400)
    assert desk.requests == []
    desk.online.add("A")
    desk.service.identified("A", 2, 0)
    desk.run(59)
    assert desk.requests == []
    desk.run(70)
    assert desk.names() == ["hours"]
    desk.run(600)
    assert desk.names() == ["hours"]


def test_one_that_never_answers_is_left_in_peace(desk: Desk) -> None:
    """Asked again after growing pauses, then once a day; its gap is given up."""
    desk.answer = lambda record: desk.end(record, "timeout", why="no answer")
    for _ in range(24):
        desk.run(300)
        desk.loop.advance(300)
    assert 3 <= len(desk.requests) <= 4
    assert ("hour", 24, "given_up", 3) in desk.gaps()


def test_one_that_refuses_is_asked_once_a_day(desk: Desk) -> None:
    """No other request either, for it never answered one; a hub that starts again knows it."""
    desk.answer = lambda record: desk.end(record, "refused", qn_rtn=2, why="refused")
    desk.run(400)
    assert desk.names() == ["hours"]
    desk.service.stopService()
    desk.make()
    desk.run(900)
    assert desk.names() == ["hours"]
    desk.loop.advance(86_400)
    desk.run(900)
    assert desk.names() == ["hours", "hours"]


def test_one_without_the_data(desk: Desk) -> None:
    """ExeRtn 100 ends it at once; an answer without the values does so the second time."""

    def answer(record: CommandRecord) -> None:
        if record.name == "hours":
            desk.end(record, "failed", exe_rtn=100)
        else:
            desk.end(record, "done", exe_rtn=1)

    desk.answer = answer
    desk.run(600)
    assert desk.names() == ["hours", "days", "days", "minutes", "minutes"]
    assert sorted(desk.gaps()) == [
        ("day", 1, "unavailable", 2),
        ("hour", 24, "unavailable", 1),
        ("minute", 144, "unavailable", 2),
    ]
    desk.service.begin_round()
    desk.run(600)
    assert len(desk.requests) == 5


def test_one_that_is_busy(desk: Desk) -> None:
    """ExeRtn 5 stops the filling for some minutes and counts for nothing."""
    desk.answer = lambda record: desk.end(record, "failed", exe_rtn=5, why="busy")
    desk.run(400)
    assert desk.names() == ["hours"]
    desk.answer = desk.send
    desk.run(900)
    assert desk.names() == ["hours", "hours", "days", "minutes"]
    assert ("hour", 0, "filled", 1) in desk.gaps()


def test_a_restart_asks_nothing_twice(desk: Desk) -> None:
    """A request that is under way when the hub ends is waited for by the next one."""
    desk.run(200)
    assert desk.names() == ["hours"]
    assert ("hour", 24, "asked", 0) in desk.gaps()
    desk.service.stopService()
    desk.make()
    desk.run(900)
    assert desk.names() == ["hours"]
    desk.answer = desk.send
    desk.send(desk.requests[0])
    desk.run(300)
    assert desk.names() == ["hours", "days", "minutes"]


def test_the_pace_of_all(desk: Desk) -> None:
    """So many requests a minute over all instruments, so many an hour to one; large gaps go by
    chunks."""
    desk.service.stopService()
    others = [f"B{number}" for number in range(6)]
    for mn in others:
        desk.field.sent(mn, "hour", [at("06-03"), at("06-03T01:00"), at("06-03T11:00")])
    desk.online.update(others)
    desk.online.discard("A")
    desk.make(requests_per_minute=2)
    desk.run(125)
    started = len(desk.requests)
    desk.run(60)
    assert len(desk.requests) - started == 2
    desk.run(300)
    assert sorted(record.mn for record in desk.requests) == others
    desk.service.stopService()
    desk.answer = desk.send
    desk.online.clear()
    desk.online.add("A")
    desk.requests.clear()
    desk.make(chunk_slots=4, requests_per_hour_per_mn=5)
    desk.run(900)
    assert desk.names() == ["hours"] * 5
    spans = [(one.args["BeginTime"], one.args["EndTime"]) for one in desk.requests]
    assert spans[:2] == [
        ("20260601120000", "20260601160000"),
        ("20260601160000", "20260601200000"),
    ]


def test_a_round_leaves_the_store_to_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some MNs at a time, then a rest of three times as long; what the store could not answer is
    asked again, what is our own fault is not."""
    monkeypatch.setattr(service, "MNS_AT_ONCE", 1)
    looked: list[tuple[str, int]] = []
    problems: dict[str, Exception] = {"B": StoreUnavailable("away"), "C": KeyError("ours")}

    def slow_look(_: Reckoning, mns: list[str], *__: object) -> list[str]:
        looked.append((mns[0], round(desk.loop.seconds())))
        desk.loop.rightNow += 2
        if mns[0] in problems:
            raise problems.pop(mns[0])
        return []

    monkeypatch.setattr(Reckoning, "mns", lambda _, **__: ["A", "B", "C", "D"])
    monkeypatch.setattr(Reckoning, "incomplete", slow_look)
    desk.online.clear()
    desk.service.begin_round()
    desk.run(300)
    assert desk.service.status()["faults_total"] == 1
    names = [mn for mn, _ in looked]
    first = names.index("A")
    assert names[first : first + 5] == ["A", "B", "B", "C", "D"]
    at_s = [second for _, second in looked[first : first + 5]]
    pauses = [later - earlier for earlier, later in pairwise(at_s)]
    assert 8 <= pauses[0] < 12
    assert all(62 <= pauses[number] < 66 for number in (1, 3))
    assert 8 <= pauses[2] < 12


def test_filling_can_be_switched_off(desk: Desk) -> None:
    """Gaps are found all the same."""
    desk.service.settings = msgspec.structs.replace(SETTINGS, fill=False)
    desk.run(400)
    assert desk.requests == []
    assert desk.service.status()["gaps_open"] == 3


def minutes_since_the_start(desk: Desk, until_us: int, silent: tuple[int, int]) -> None:
    """Time passes; a new station sends each minute, but not while it is silent."""
    while desk.now_us() < until_us:
        begin = desk.now_us() - MINUTE
        desk.run(60)
        if not silent[0] <= desk.now_us() < silent[1]:
            desk.field.sent("N", "minute", [begin], received_us=desk.now_us())


def test_minutes_of_a_new_station(desk: Desk) -> None:
    """Out of reach for three minutes after its first one: neither is the hole owed when it has
    settled, nor does anybody know its interval then; some minutes later it is filled."""
    desk.service.stopService()
    silent = (START + 2 * MINUTE, START + 5 * MINUTE - 1)
    desk.service = desk.make(round_h=100, grace_s=60, settle_s=20, quiet_s=60)
    desk.answer = desk.send
    desk.run(60)
    desk.field.sent("N", "minute", [START], received_us=desk.now_us())
    desk.run(15)
    desk.service.left("N", 1, 0)
    desk.online.clear()
    desk.run(165)
    desk.online.add("N")
    desk.service.identified("N", 2, 0)
    minutes_since_the_start(desk, START + 10 * MINUTE, silent)
    assert desk.gaps("N") == [("minute", 0, "filled", 1)]
    (one,) = [record for record in desk.requests if record.mn == "N"]
    assert (one.name, one.args) == (
        "minutes",
        {"BeginTime": "20260603120100", "EndTime": "20260603120300"},
    )


def test_minutes_that_are_missing_on_an_open_link(desk: Desk) -> None:
    """The round finds them."""
    desk.service.stopService()
    desk.service = desk.make(round_h=0.1, grace_s=60)
    desk.answer = desk.send
    desk.online.add("N")
    minutes_since_the_start(desk, START + 20 * MINUTE, (START + 8 * MINUTE, START + 11 * MINUTE))
    assert desk.gaps("N") == [("minute", 0, "filled", 1)]


def test_the_round_knows_who_is_new(desk: Desk) -> None:
    """A station that was first heard some minutes before."""
    desk.service.settings = msgspec.structs.replace(SETTINGS, fill=False)
    desk.run(90)
    hours = every(HOUR, at("06-02"), START)
    desk.field.sent("N", "hour", [*hours[:12], *hours[13:]])
    desk.service.begin_round()
    desk.run(10)
    assert ("hour", 1, "open", 0) in desk.gaps("N")


def test_what_was_lost_shortly_before_the_start(desk: Desk) -> None:
    """The first round is too early for that; the second one does not wait for hours."""
    desk.service.stopService()
    lost = START - 5 * MINUTE
    desk.field.sent("N", "minute", every(MINUTE, START - HOUR, lost))
    desk.field.sent("N", "minute", every(MINUTE, START, START + HOUR))
    desk.service = desk.make(round_h=100, grace_s=600, fill=False)
    desk.run(90)
    assert desk.gaps("N") == []
    desk.run(660)
    assert desk.gaps("N") == [("minute", 5, "open", 0)]
