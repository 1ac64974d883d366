"""`send`, `commands`, `command`, `cancel`: a real daemon, an instrument on a real link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Hj212d
from running_daemon import Daemon, serving
from scripted_instrument import Said, ScriptedInstrument
from waiting import wait_until

from hj212d.wire.frame import Frame

MN = "010000A8900016F000169DC0"
AWAY = "010000A8900016F000169DC1"
CONFIG = f"""
[commands]
settle_s = 0.0
pause_ms = 0
[[device]]
mn = "{AWAY}"
"""


def script(request: Frame) -> Said:
    """Reads its clock, has no minutes, does not calibrate; says nothing to anything else."""
    match request.cn:
        case "1011":
            return [
                ("9011", "QnRtn=1"),
                ("1011", "SystemTime=20260101080000"),
                ("9012", "ExeRtn=1"),
            ]
        case "2051":
            return [("9011", "QnRtn=1"), ("9012", "ExeRtn=100")]
        case "3011":
            return [("9011", "QnRtn=2")]
    return []


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for this file, with one instrument."""
    data = tmp_path_factory.mktemp("send") / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text(CONFIG)
    with serving(data) as daemon, ScriptedInstrument(daemon.address, MN, script):
        wait_until(lambda: daemon.client.call("links", mn=MN)["links"])
        daemon.wait_stored(1)
        yield daemon


def test_done(daemon: Daemon, hj212d: Hj212d) -> None:
    """Steps in words, the meaning of the codes, the data as a table, status 0."""
    done = hj212d("send", MN, "read-clock", "--data", daemon.data)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("command ")
    assert "read-clock" in lines[0]
    assert "CN 1011" in lines[0]
    assert any("完成 done (ExeRtn 1 执行成功 Success)" in line for line in lines)
    assert [line.strip() for line in lines[-2:]] == ["SystemTime", "20260101080000"]


def test_the_password_of_its_frames_is_used(daemon: Daemon, hj212d: Hj212d) -> None:
    """Nobody registered a PW: the one in what the instrument sends goes out."""
    heard: list[Frame] = []

    def listening(request: Frame) -> Said:
        heard.append(request)
        return script(request)

    with ScriptedInstrument(daemon.address, "PWMN", listening):
        wait_until(lambda: daemon.client.call("devices", mn="PWMN")["devices"])
        assert hj212d("send", "PWMN", "1011", "--data", daemon.data).status == 0
    assert [request.pw for request in heard] == ["654321"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("minutes", "BeginTime=-2h", "EndTime=now"), "没有数据 No data"),
        (("calibrate", "PolId=a21026"), "请求被拒绝 Request refused"),
        (("sample", "PolId=a21026", "--wait", "0.5"), "is sent after 0.5 s; it goes on"),
    ],
)
def test_no_success(daemon: Daemon, hj212d: Hj212d, words: tuple[str, ...], text: str) -> None:
    """Status 1, and why."""
    done = hj212d("send", MN, *words, "--data", daemon.data)
    assert done.status == 1
    assert text in done.out + done.err
    number = daemon.client.call("commands", mn=MN, limit=1)["commands"][0]["id"]
    if "goes on" in text:
        assert hj212d("cancel", str(number), "--data", daemon.data).status == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((MN, "read-clok"), "there is no command read-clok; did you mean read-clock"),
        ((MN, "set-realtime-interval", "RtdInterval=5"), "RtdInterval: '5' is not a number from"),
        ((MN, "set-realtime-interval", "60"), "'60' is not NAME=VALUE; it takes RtdInterval"),
        ((MN, "1014"), "use `hj212d keys rotate`"),
        ((MN, "minutes", "BeginTime=soon", "EndTime=now"), 'BeginTime: "soon" is no time'),
        ((MN,), "takes an MN and a COMMAND"),
    ],
)
def test_wrong_use(hj212d: Hj212d, words: tuple[str, ...], text: str) -> None:
    """Said without asking the daemon, with status 2."""
    done = hj212d("send", *words)
    assert done.status == 2
    assert text in done.err


def test_not_connected(daemon: Daemon, hj212d: Hj212d) -> None:
    """Without --queue it is refused; with it, it waits, is listed, shown and cancelled."""
    refused = hj212d("send", AWAY, "read-clock", "--data", daemon.data)
    assert (refused.status, "is not connected" in refused.err) == (1, True)
    queued = hj212d("send", AWAY, "read-clock", "--queue", "--json", "--data", daemon.data)
    assert queued.status == 0
    number = json.loads(queued.out)["id"]
    listed = hj212d("commands", "--mn", AWAY, "--state", "queued", "--data", daemon.data)
    assert str(number) in listed.out
    (row,) = hj212d("commands", "--mn", AWAY, "--json", "--data", daemon.data).out.splitlines()
    assert json.loads(row)["state"] == "queued"
    cancelled = hj212d("cancel", str(number), "--data", daemon.data)
    assert "已取消 cancelled" in cancelled.out
    shown = hj212d("command", str(number), "--data", daemon.data)
    assert "cancelled by " in shown.out
    answer = json.loads(hj212d("command", str(number), "--json", "--data", daemon.data).out)
    assert [one["event"] for one in answer["events"]][-1] == "cancelled"
    again = hj212d("cancel", str(number), "--data", daemon.data)
    assert (again.status, "has ended" in again.err) == (1, True)


def test_the_catalogue(hj212d: Hj212d) -> None:
    """What can be asked, of all versions or of one; needs no daemon."""
    everything = hj212d("send", "--list").out
    assert "read-alarm-limits" in everything
    assert "BeginTime= EndTime=" in everything
    of_2017 = hj212d("send", "--list", "--version", "2017", "--json").out.splitlines()
    names = {json.loads(line)["name"] for line in of_2017}
    assert "read-info" in names
    assert "read-alarm-limits" not in names


def test_no_daemon(hj212d: Hj212d, tmp_path: Path) -> None:
    """Nobody to ask: one sentence and status 1."""
    done = hj212d("send", MN, "read-clock", "--data", tmp_path)
    assert (done.status, "no daemon is running" in done.err) == (1, True)
