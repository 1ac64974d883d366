"""Hubs that are killed in the middle of a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_rig import MN, HubProcess, lane, running_hub
from instrument import Instrument
from waiting import wait_until

SETTINGS = {"commands": {"settle_s": 0.0, "pause_ms": 0}, "devices": [{"mn": MN}]}


def submitted(hub: HubProcess) -> int:
    """A clock reading, asked for; its number."""
    lines = list(hub.client.stream("send", mn=MN, name="read-clock", queue=True))
    return int(lines[-1]["command"]["id"])


def state(hub: HubProcess, number: int) -> str:
    """Of a command."""
    return str(hub.client.call("command", id=number)["command"]["state"])


@pytest.mark.parametrize("answered", ["before", "meanwhile", "after"])
def test_kill_9_in_the_middle(tmp_path: Path, answered: str) -> None:
    """Replies that came just before the kill, while no hub ran, or only to the resend of the next
    hub: the command is done each time."""
    with lane(tmp_path) as writer:
        with running_hub(tmp_path, **SETTINGS) as hub:
            number = submitted(hub)
            with Instrument(hub.control, writer) as instrument:
                request = instrument.request()
                if answered == "before":
                    instrument.say("9011", "QnRtn=1", request.qn)
                    wait_until(lambda: state(hub, number) == "accepted")
                hub.kill()
                if answered != "after":
                    instrument.answer_clock(request)
        with running_hub(tmp_path, **SETTINGS) as hub:
            if answered == "after":
                with Instrument(hub.control, writer) as instrument:
                    again = instrument.request()
                    assert again.raw == request.raw
                    instrument.answer_clock(again)
                    wait_until(lambda: state(hub, number) == "done")
            wait_until(lambda: state(hub, number) == "done")
            command = hub.client.call("command", id=number)["command"]
            assert command["answers"] == 1
            assert hub.terminate() == 0


def test_queued_over_a_kill(tmp_path: Path) -> None:
    """A queued command outlives the hub and is sent by the next one."""
    with lane(tmp_path) as writer:
        with running_hub(tmp_path, **SETTINGS) as hub:
            number = submitted(hub)
            hub.kill()
        with (
            running_hub(tmp_path, **SETTINGS) as hub,
            Instrument(hub.control, writer) as instrument,
        ):
            instrument.answer_clock(instrument.request())
            wait_until(lambda: state(hub, number) == "done")
