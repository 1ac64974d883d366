"""Requests of a target, passed on when allowed and answered when not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed

from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.forward.downlink import Downlink
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.wire import build, codec
from hj212d.wire.frame import Frame
from store.registry.records import CommandRecord

QN = "20260601120000001"
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


def read(raw: bytes) -> Frame:
    """A frame off the wire."""
    (cut,) = codec.Cutter().feed(raw)
    return codec.decode(cut)


def frame(cn: str, mn: str = "MN1", cp: str = "", st: str = "32", pw: str = "654321") -> Frame:
    """A request, or an answer."""
    segment = build.segment(qn=QN, st=st, cn=cn, pw=pw, mn=mn, flag=5, cp=cp)
    return read(build.frame(segment))


class Town:
    """A command service that notes what it is asked, and a target that notes what it hears."""

    def __init__(self, offline: bool = False, **more: Any) -> None:
        self.wishes: list[NewCommand] = []
        self.heard: list[Callable[[CommandRecord, Heard], None]] = []
        self.said: list[Frame] = []
        self._offline = offline
        settings = ForwardSettings("province", host="h", port=9, **{"downlink": ["1011"], **more})
        self.downlink = Downlink(settings, Rules(settings), self, lambda _: "123456", self._say)

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """As the service's."""
        if self._offline:
            return fail(Refused("MN1 is not connected"))
        self.wishes.append(wish)
        return succeed(self.record())

    def record(self, origin: str = "forward:province") -> CommandRecord:
        """The record of a request."""
        return CommandRecord(
            mn="MN1", name="read-clock", cn="1011", origin=origin, created_at=NOW,
            expires_at=NOW, state="sent", link=None, version="2017", st="32", qn=QN, args={},
            raw=b"", who="province", priority=5,
        )  # fmt: skip

    def answer(self, found: Frame, origin: str = "forward:province") -> None:
        """An instrument's answer."""
        for hook in self.heard:
            hook(self.record(origin), Heard(found, 1, 1_780_286_400_000_000, "0", 1))

    def _say(self, raw: bytes) -> bool:
        self.said.append(read(raw))
        return True


def test_a_request_that_is_allowed_is_sent_on_as_it_came() -> None:
    """With its own QN, at once or never."""
    town = Town()
    asked = frame("1011")
    town.downlink.request(asked)
    (wish,) = town.wishes
    assert (wish.mn, wish.name, wish.raw) == ("MN1", "1011", asked.raw + b"\r\n")
    assert (wish.origin, wish.queue) == ("forward:province", False)
    assert town.said == []


def test_replies_go_back_and_data_do_not_go_twice() -> None:
    """9011, 9012 and what the filter leaves out; not what others asked for."""
    town = Town()
    town.answer(frame("9011", cp="QnRtn=1"))
    town.answer(frame("1011", cp="SystemTime=20260601120000"))
    town.answer(frame("2061", cp="DataTime=20260601110000;w01018-Avg=1"))
    town.answer(frame("9012", cp="ExeRtn=1"))
    town.answer(frame("9012", cp="ExeRtn=1"), origin="cli")
    assert [one.cn for one in town.said] == ["9011", "1011", "9012"]
    town.downlink.close()
    town.answer(frame("9012", cp="ExeRtn=1"))
    assert len(town.said) == 3


def test_what_is_not_allowed_is_refused_in_the_words_of_the_standard() -> None:
    """QnRtn 4 for an MN that the target knows nothing of, 2 for all else."""
    town = Town(mn=["MN1"])
    town.downlink.request(frame("1012", cp="SystemTime=20260601120000"))
    town.downlink.request(frame("1011", mn="MN2"))
    assert [one.cp for one in town.said] == [{"QnRtn": "2"}, {"QnRtn": "4"}]
    assert {(one.cn, one.st, one.qn, one.flag) for one in town.said} == {("9011", "91", QN, 4)}
    offline = Town(offline=True)
    offline.downlink.request(frame("1011"))
    assert [one.cp for one in offline.said] == [{"QnRtn": "2"}]


def test_a_target_that_may_ask_nothing_is_told_so() -> None:
    """It need not wait for its time-outs."""
    town = Town(downlink=[])
    town.downlink.request(frame("1011"))
    assert [one.cp for one in town.said] == [{"QnRtn": "2"}]
    assert town.wishes == []


def test_data_that_a_target_loops_back_are_no_requests() -> None:
    """Neither for the instrument nor for an answer, though requests of that CN are allowed."""
    town = Town(downlink=["2011"])
    town.downlink.request(frame("2011", cp="DataTime=20260601120000;w01018-Rtd=1"))
    assert (town.wishes, town.said) == ([], [])
    town.downlink.request(frame("2011"))
    assert [wish.name for wish in town.wishes] == ["2011"]


def test_names_and_passwords_are_changed_both_ways() -> None:
    """The instrument sees its own, the target those that it knows."""
    town = Town(set_mn=["MN1=UP1"], set_pw="654321")
    town.downlink.request(frame("1011", mn="UP1", cp="PolId=w01018"))
    (wish,) = town.wishes
    assert wish.raw is not None
    sent = read(wish.raw)
    assert (sent.mn, sent.pw, sent.cp) == ("MN1", "123456", {"PolId": "w01018"})
    town.answer(frame("9012", cp="ExeRtn=1", pw="123456"))
    assert (town.said[0].mn, town.said[0].pw) == ("UP1", "654321")
    town.downlink.request(frame("1011", mn="MN1"))
    assert town.said[1].cp == {"QnRtn": "4"}


def test_answers_are_no_requests() -> None:
    """Nothing is said to them."""
    town = Town()
    town.downlink.request(frame("9013"))
    town.downlink.request(frame("late"))
    assert town.wishes == []
    assert town.said == []
