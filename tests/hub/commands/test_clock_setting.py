"""The clock rule: once an hour, past the limit, whoever asks, over restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_rig import START_US, Rig, serving
from hub_rig import MN

from hj212d.hub.commands.new_command import Refused
from hj212d.wire.requests import build_request, find, qn_at

SECOND_US = 1_000_000


def notice(rig: Rig, behind_s: float) -> None:
    """The instrument asks for the time; its own is behind by so much."""
    rig.say("1013", qn=qn_at(rig.now_us() - round(behind_s * SECOND_US)), st="32")


def clocks_set(rig: Rig) -> list[str]:
    """Times that were sent in 1012."""
    return [request.cp["SystemTime"] for _, request in rig.sent if request.cn == "1012"]


def test_one_command_comes_of_a_storm(tmp_path: Path) -> None:
    """1013 every 200 ms for two hours: one 1012 at once, the next an hour later."""
    with serving(tmp_path) as rig:
        rig.connect()
        for _ in range(5 * 60):
            notice(rig, 100)
            rig.loop.steps(0.2, 0.2)
        assert len(clocks_set(rig)) == 1
        rig.say("9011", "QnRtn=1")
        rig.say("9012", "ExeRtn=1")
        for _ in range(59 * 60):
            notice(rig, 100)
            rig.loop.steps(1, 1)
        assert len(clocks_set(rig)) == 1
        for _ in range(2 * 60):
            notice(rig, 100)
            rig.loop.steps(1, 1)
        assert len(clocks_set(rig)) == 2


def test_the_time_is_that_of_the_sending(tmp_path: Path) -> None:
    """Beijing time in 14 digits, and never sent a second time: it would set a wrong time."""
    with serving(tmp_path) as rig:
        rig.connect()
        notice(rig, -3600)
        assert clocks_set(rig) == ["20260101080002"]
        rig.loop.steps(60, 0.25)
        assert len(rig.raw) == 1
        (record,) = rig.keeper.registry.commands.find(cn="1012")
        assert (record.state, record.attempts, record.origin) == ("timeout", 1, "clock")


def test_within_the_limit(tmp_path: Path) -> None:
    """A clock that is nearly right stays as it is; the refusal says how it stands."""
    with serving(tmp_path, clock_drift_limit_s=30) as rig:
        rig.connect()
        notice(rig, 29)
        assert rig.sent == []
        with pytest.raises(Refused, match=r"29\.0 s behind, which is within the limit of 30 s"):
            rig.ask("set-clock")


def test_whoever_asks(tmp_path: Path) -> None:
    """People, tokens, superior platforms: within the hour all are told when it is possible."""
    spec = find("set-clock", "2017")
    assert spec is not None
    args = {"SystemTime": "20260101080000"}
    raw = build_request(
        spec, version="2017", qn="20260101080000123", st="32", pw="1", mn=MN, args=args
    )
    wishes: list[dict[str, Any]] = [
        {"origin": "cli", "name": "set-clock"},
        {"origin": "api", "name": "1012", "args": args},
        {"origin": "forward:province", "name": "", "raw": raw},
    ]
    with serving(tmp_path, clock_set=False) as rig:
        rig.connect()
        with pytest.raises(Refused, match="is not known: read it first"):
            rig.ask("set-clock")
        notice(rig, 100)
        assert rig.sent == []
        rig.ask("set-clock", who="wang")
        rig.loop.steps(600, 1)
        notice(rig, 100)
        for wish in wishes:
            with pytest.raises(Refused, match=r"set again in 50 min 0 s; its drift is 100\.0 s"):
                rig.ask(**wish)


def test_over_a_restart(tmp_path: Path) -> None:
    """When it was last set stands in the registry: the next hub keeps to the hour too."""
    with serving(tmp_path) as rig:
        rig.connect()
        notice(rig, 100)
        rig.say("9012", "ExeRtn=1")
    with serving(tmp_path) as rig:
        rig.offset_us = START_US + 600 * SECOND_US
        rig.connect()
        for _ in range(10):
            notice(rig, 100)
        assert rig.sent == []
        with pytest.raises(Refused, match="may be set again in 50 min"):
            rig.ask("set-clock")
        rig.offset_us = START_US + 3700 * SECOND_US
        notice(rig, 100)
        assert len(clocks_set(rig)) == 1


def test_one_that_waits_counts(tmp_path: Path) -> None:
    """While a 1012 is queued no second one is taken, also not after a restart."""
    with serving(tmp_path) as rig:
        notice(rig, 100)
        with pytest.raises(Refused, match=r"on its way already \(command 1\)"):
            rig.ask("set-clock")
    with serving(tmp_path) as rig:
        notice(rig, 100)
        with pytest.raises(Refused, match=r"on its way already \(command 1\)"):
            rig.ask("set-clock")
        assert len(rig.keeper.registry.commands.find(cn="1012")) == 1


def test_right_again_before_it_is_sent(tmp_path: Path) -> None:
    """A queued 1012 is not sent when the clock turns out to be right meanwhile."""
    with serving(tmp_path) as rig:
        notice(rig, 100)
        notice(rig, 1)
        rig.connect()
        assert rig.sent == []
        (record,) = rig.keeper.registry.commands.find(cn="1012")
        assert record.state == "cancelled"
        assert "within the limit" in record.why


def test_a_clock_that_must_be_read_first(tmp_path: Path) -> None:
    """A 1013 that does not tell the time leads to a reading, and that to the setting."""
    with serving(tmp_path) as rig:
        rig.connect()
        for _ in range(5):
            rig.say("1013", qn="", st="32")
        assert [request.cn for _, request in rig.sent] == ["1011"]
        rig.say("1011", "SystemTime=20250101080000", st="32")
        rig.say("9012", "ExeRtn=1")
        assert [request.cn for _, request in rig.sent] == ["1011", "1012"]
