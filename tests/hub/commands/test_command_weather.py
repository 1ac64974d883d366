"""Commands in bad weather: links that go, hubs that are killed, a registry that is away."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_rig import LINK, OTHER_LINK, START_US, Rig, a_registry, result, serving
from hub_rig import MN, OTHER_MN

from store.registry.errors import RegistryUnavailable

RANGE = {"BeginTime": "20260101000000", "EndTime": "20260101010000"}


def test_the_link_goes_before_the_answer(tmp_path: Path) -> None:
    """Time stands still while it is away; back on another link it gets the same bytes again."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock")
        rig.disconnect()
        rig.loop.steps(600, 0.25)
        assert rig.record(command).state == "sent"
        assert len(rig.raw) == 1
        rig.connect(link=OTHER_LINK)
        assert rig.raw[0] == rig.raw[1]
        assert rig.sent[1][0] == OTHER_LINK
        rig.say("9012", "ExeRtn=1", link=OTHER_LINK)
        assert rig.record(command).state == "done"
        assert rig.events(command) == ["queued", "sent", "link left", "sent again", "done"]


def test_the_link_goes_and_stays_away(tmp_path: Path) -> None:
    """When the command expires it is given up; another one for the MN was held back until then."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock", expires_s=100)
        following = rig.ask("read-realtime-interval")
        rig.disconnect()
        rig.loop.steps(101, 0.25)
        assert rig.record(command).state == "timeout"
        assert "did not come back" in rig.record(command).why
        assert rig.record(following).state == "queued"
        rig.connect()
        assert rig.record(following).state == "sent"


def test_an_accepted_action_is_not_asked_twice(tmp_path: Path) -> None:
    """A calibration that began is waited for after the return, not begun anew; a reading is."""
    with serving(tmp_path) as rig:
        rig.connect()
        action = rig.ask("calibrate", args={"PolId": "a21026"})
        rig.say("9011", "QnRtn=1")
        rig.disconnect()
        rig.connect()
        assert len(rig.raw) == 1
        rig.loop.steps(50, 0.25)
        assert rig.record(action).state == "accepted"
        rig.say("9012", "ExeRtn=1")
        assert rig.record(action).state == "done"
        rig.ask("minutes", args=RANGE)
        rig.say("9011", "QnRtn=1")
        rig.disconnect()
        rig.connect()
        assert rig.raw[1] == rig.raw[2]


def test_a_newer_link_takes_over(tmp_path: Path) -> None:
    """The old link leaves while the new one is there: the same bytes go over the new one."""
    with serving(tmp_path) as rig:
        rig.connect()
        rig.ask("read-clock")
        rig.connect(link=OTHER_LINK)
        rig.disconnect()
        rig.loop.steps(3, 0.25)
        assert [link for link, _ in rig.sent] == [LINK, OTHER_LINK]


@pytest.mark.parametrize("why", ["no_link", "congested", "worker_gone", "too_many"])
def test_the_worker_does_not_take_it(tmp_path: Path, why: str) -> None:
    """Not sent is not sent: it waits, and goes a little later, under a new QN."""
    with serving(tmp_path) as rig:
        rig.connect()
        rig.why_not_sent = why
        command = rig.ask("read-clock")
        assert (rig.record(command).state, rig.record(command).attempts) == ("queued", 0)
        rig.why_not_sent = ""
        rig.loop.steps(3, 0.25)
        assert (rig.record(command).state, rig.record(command).attempts) == ("sent", 1)
        assert len(rig.sent) == 1


def test_the_hub_dies_between_sending_and_the_answer(tmp_path: Path) -> None:
    """The next hub knows the command, hears the replies that came meanwhile, and is not
    confused by those that the first one heard already."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("minutes", args=RANGE)
        qn = rig.sent[0][1].qn
        rig.say("9011", "QnRtn=1")
        minute = {"cp": "DataTime=20260101000000;w01018-Avg=1", "qn": "20260101080001000"}
        rig.say("2051", st="32", **minute)
        rig.ask("read-clock", OTHER_MN)
    with serving(tmp_path) as rig:
        assert rig.ear.since_us == START_US + 2_500_000
        rig.say("9011", "QnRtn=1", qn=qn)
        rig.say("2051", st="32", **minute)
        rig.say("2051", "DataTime=20260101000100;w01018-Avg=2", qn="20260101080002000", st="32")
        rig.say("9012", "ExeRtn=1", qn=qn)
        record = rig.record(command)
        assert (record.state, record.answers, len(record.data)) == ("done", 2, 2)
        assert rig.sent == []
        rig.connect(OTHER_MN)
        assert [request.cn for _, request in rig.sent] == ["1011"]
        assert rig.sent[0][1].qn > qn


def test_the_hub_dies_and_nothing_came(tmp_path: Path) -> None:
    """The next hub sends the same bytes again, once the instrument is there, and times out; its
    ear has heard what came before."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock")
        raw = rig.raw[0]
    with a_registry(tmp_path) as registry:
        rig = Rig(registry)
        rig.ear.waits = True
        rig.service.startService()
        rig.connect()
        assert rig.raw == []
        rig.ear.catch_up()
        rig.loop.steps(3, 0.25)
        assert rig.raw == [raw]
        assert rig.record(command).attempts == 2
        rig.loop.steps(41, 0.25)
        assert rig.record(command).state == "timeout"
        rig.service.stopService()


def test_late_replies_after_a_restart(tmp_path: Path) -> None:
    """What a hub before this one gave up still gets its late reply as an event, once; the reply
    that ended one is not late when the journal is read again."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock")
        qn = rig.sent[0][1].qn
        rig.say("9012", "ExeRtn=1")
        heard_us = rig.now_us()
        end_us = rig.now_us()
    with serving(tmp_path) as rig:
        rig.offset_us = end_us
        rig.say("9012", "ExeRtn=1", qn=qn, at_us=heard_us)
        assert "late" not in rig.events(command)
        rig.loop.steps(1)
        rig.say("9012", "ExeRtn=1", qn=qn)
        assert rig.events(command)[-1] == "late"


def test_answered_late_after_a_restart(tmp_path: Path) -> None:
    """A command that a hub before this one gave up is done when the instrument says so now."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock")
        qn = rig.sent[0][1].qn
        rig.say("9011", "QnRtn=1")
        rig.loop.steps(120, 0.25)
        assert rig.record(command).state == "timeout"
        now_us = rig.now_us()
    with serving(tmp_path) as rig:
        rig.offset_us = now_us + 1_000_000
        rig.say("9012", "ExeRtn=1", qn=qn)
        record = rig.record(command)
        assert (record.state, record.qn_rtn, record.exe_rtn) == ("done", 1, 1)


def test_the_registry_is_away(tmp_path: Path) -> None:
    """No command is taken then; what is under way goes on and is written when it is back."""
    with serving(tmp_path) as rig:
        rig.connect()
        command, waiting = rig.ask("read-clock"), rig.ask("read-realtime-interval")
        rig.keeper.away = True
        with pytest.raises(RegistryUnavailable):
            rig.ask("read-clock", OTHER_MN)
        rig.say("9011", "QnRtn=1")
        rig.say("9012", "ExeRtn=1")
        rig.loop.steps(10, 0.25)
        assert rig.service.status()["unwritten"] > 0
        assert [request.cn for _, request in rig.sent] == ["1011"]
        rig.keeper.away = False
        rig.loop.steps(5, 0.25)
        assert rig.record(command).state == "done"
        assert rig.events(command) == ["queued", "sent", "accepted", "done"]
        assert rig.record(waiting).state == "sent"
        assert rig.service.status()["unwritten"] == 0


def test_the_registry_comes_late(tmp_path: Path) -> None:
    """Without it at the start nothing is sent; `load` takes up what is open when it is back."""
    with serving(tmp_path) as rig:
        command = rig.ask("read-clock")
    with a_registry(tmp_path) as registry:
        rig = Rig(registry)
        rig.keeper.away = True
        rig.service.startService()
        rig.connect()
        assert rig.service.status()["state"] != "ok"
        with pytest.raises(RegistryUnavailable):
            rig.ask("read-clock")
        rig.keeper.away = False
        rig.service.load()
        rig.service.load()
        rig.loop.steps(3, 0.25)
        assert rig.record(command).state == "sent"
        assert len(rig.sent) == 1
        rig.service.stopService()


def test_cancelled_while_away(tmp_path: Path) -> None:
    """A command whose link is gone can be cancelled; nothing is sent on its return."""
    with serving(tmp_path) as rig:
        rig.connect()
        command = rig.ask("read-clock")
        rig.disconnect()
        result(rig.service.cancel(command.id, "li"))
        rig.connect()
        assert len(rig.sent) == 1


def test_many_waiting_for_many(tmp_path: Path) -> None:
    """Queued commands of many MNs that come back together all end, bounded at every moment."""
    with serving(tmp_path, at_once=20) as rig:
        mns = [f"MN{number:03d}" for number in range(40)]
        for mn in mns:
            for _ in range(3):
                rig.ask("read-clock", mn)
        for mn in mns:
            rig.routes.identified(0, mn, LINK, "", rig.now_us())
        rig.loop.steps(2.5, 0.25)
        answered = 0
        while answered < len(rig.sent):
            assert rig.service.status()["under_way"] <= 20
            request = rig.sent[answered][1]
            rig.say("9012", "ExeRtn=1", qn=request.qn, mn=request.mn)
            answered += 1
        assert answered == 120
        assert rig.service.status() | {"ear": None} == {
            "state": "ok",
            "queued": 0,
            "under_way": 0,
            "sent": 0,
            "ended": {"done": 120},
            "answered_late": 0,
            "unmatched": 0,
            "without_qn": 0,
            "unwritten": 0,
            "lost": 0,
            "ear": None,
        }
        assert MN not in rig.ear.watched
