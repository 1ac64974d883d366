"""Commands over the control socket of a real hub."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hub_rig import MN, OTHER_MN, HubProcess, lane, running_hub
from instrument import Instrument
from waiting import wait_until

from hj212d.hub.client import Refused
from hj212d.journal.writer import LaneWriter

SETTINGS = {
    "commands": {"settle_s": 0.0, "pause_ms": 0},
    "devices": [{"mn": MN}, {"mn": OTHER_MN}],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for this file, with two registered stations."""
    with running_hub(tmp_path_factory.mktemp("commands"), **SETTINGS) as hub:
        yield hub


@pytest.fixture(scope="module")
def writer(hub: HubProcess) -> Iterator[LaneWriter]:
    """The lane of its worker."""
    with lane(hub.data) as writer:
        yield writer


class Sending(threading.Thread):
    """`send` in a thread; its lines."""

    def __init__(self, hub: HubProcess, **request: Any) -> None:
        super().__init__()
        self._hub = hub
        self._request = request
        self.lines: list[dict[str, Any]] = []
        self.start()

    def run(self) -> None:
        """Follow it to its end."""
        self.lines = list(self._hub.client.stream("send", **self._request))


def test_followed_to_its_end(hub: HubProcess, writer: LaneWriter) -> None:
    """A line for each step, the data in the last one, and who asked, as the kernel says it."""
    with Instrument(hub.control, writer) as instrument:
        wait_until(lambda: hub.client.call("links", mn=MN)["links"])
        sending = Sending(hub, mn=MN, name="read-clock", who="root of evil", wait_s=20)
        instrument.answer_clock(instrument.request())
        sending.join(90)
    last = sending.lines[-1]
    assert last["done"] is True
    command = last["command"]
    assert (command["state"], command["final"], command["who"]) == (
        "done",
        True,
        getpass.getuser(),
    )
    assert command["exe_rtn_text"] == "执行成功 Success"
    assert command["data"][0]["cp"] == {"SystemTime": "20260101080000"}
    assert "raw" not in command
    states = [line["command"]["state"] for line in sending.lines]
    assert states[-1] == states[-2] == "done"
    assert set(states) <= {"queued", "sent", "accepted", "done"}
    found = hub.client.call("command", id=command["id"])
    assert found["command"] == command
    assert [one["event"] for one in found["events"]] == [
        "queued",
        "assumed",
        "sent",
        "accepted",
        "done",
    ]
    status = hub.status()["commands"]
    assert (status["ended"], status["sent"]) == ({"done": 1}, 0)


def test_queued_cancelled_found(hub: HubProcess) -> None:
    """For one that is away: queued, listed, cancelled; the wait ends by its time."""
    with pytest.raises(Refused, match="is not connected"):
        list(hub.client.stream("send", mn=OTHER_MN, name="read-clock"))
    lines = list(hub.client.stream("send", mn=OTHER_MN, name="read-clock", queue=True))
    assert lines[-1]["command"]["state"] == "queued"
    number = lines[-1]["command"]["id"]
    (listed,) = hub.client.call("commands", mn=OTHER_MN, state=["queued"])["commands"]
    assert listed["id"] == number
    assert hub.client.call("cancel", id=number)["command"]["state"] == "cancelled"
    with pytest.raises(Refused, match="has ended"):
        hub.client.call("cancel", id=number)
    with pytest.raises(Refused, match="there is no command"):
        hub.client.call("command", id=4711)
    assert hub.client.call("commands", before_id=number, mn=OTHER_MN)["commands"] == []


def test_wrong_use(hub: HubProcess) -> None:
    """What is wrong is said in one sentence."""
    for request, text in (
        ({"mn": MN, "name": "read-clok"}, "did you mean read-clock"),
        ({"mn": "NOBODY", "name": "read-clock"}, "never heard"),
        ({"mn": MN, "name": "set-realtime-interval", "args": {"RtdInterval": "1"}}, "RtdInt"),
        ({"mn": MN}, "cannot read the request"),
    ):
        with pytest.raises(Refused, match=text):
            list(hub.client.stream("send", **request))


def test_a_client_that_goes(hub: HubProcess, writer: LaneWriter) -> None:
    """Its command goes on without it."""
    lines = hub.client.stream("send", mn=MN, name="read-clock", queue=True, wait_s=100)
    number = next(lines)["command"]["id"]
    lines.close()
    with Instrument(hub.control, writer) as instrument:
        instrument.answer_clock(instrument.request())
        wait_until(lambda: hub.client.call("command", id=number)["command"]["state"] == "done")
