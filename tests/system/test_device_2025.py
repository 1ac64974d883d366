"""A device of HJ 212-2025 from its first notice on: its MN, its key, and changes of the key with
kill -9 of the hub and of the worker at each step. What was acknowledged can be read afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from device_2025 import Device
from running_daemon import Daemon, configured, serving
from waiting import wait_until

from hj212d.hub.client import ControlError, Refused
from hj212d.wire.frame import Frame

MN = "5" * 24
KEY = b"the first key 16"
STEPS = {"hub": ("now", "9011", "9012"), "worker": ("now", "1014", "9011", "9012")}


class Asked:
    """A running daemon, asked until there is an answer."""

    def __init__(self, daemon: Daemon) -> None:
        self.address, self.client, self.kill = daemon.address, daemon.client, daemon.kill

    def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        """An answer of the hub, as soon as there is one."""
        found: list[dict[str, Any]] = []
        refusals: list[str] = []

        def answered() -> bool:
            try:
                found.append(self.client.call(op, **arguments))
            except Refused as error:
                refusals.append(str(error))
            except ControlError:  # it is being started
                return False
            return True

        wait_until(answered, op)
        assert found, refusals
        return found[0]

    def report(self) -> dict[str, Any]:
        """The device's row of the report."""
        (row,) = self.call("keys", mn=MN)["keys"]
        return row

    def newest_key(self) -> str:
        """State of the device's newest key."""
        state: str = self.call("keys", do="history", mn=MN)["keys"][0]["state"]
        return state

    def stored(self) -> dict[bytes, tuple[str, bool]]:
        """Raw bytes -> reason and whether it was encrypted, of the device's data."""
        table = self.client.table("frames", mn=MN, cn="2051", limit=100_000)
        return {
            row["raw"]: (row["reason"], row["encrypted"])
            for row in table.select(["raw", "reason", "encrypted"]).to_pylist()
        }


@contextmanager
def running(data: Path, config: str = "") -> Iterator[Asked]:
    """A daemon on a port of its own, without HTTP."""
    with serving(configured(data, config), "--http", "") as daemon:
        yield Asked(daemon)
        daemon.stop()


def activated(daemon: Asked, device: Device) -> None:
    """From its first notice to its first encrypted upload that could be read. It is quiet until
    we have its key, too."""
    device.quiet.set()
    wait_until(lambda: device.counts["1001"] > 1, "9013 to the notices without an MN")
    (row,) = daemon.call("activations", state="waiting")["activations"]
    assert row["serials"] == device.state.serials
    assert (row["mn"], row["peer"].partition(":")[0]) == ("", "127.0.0.1")
    answer = daemon.call("activate", id=row["id"], mn=MN, name="West")
    assert answer["not_sent"] == ""
    wait_until(lambda: device.state.station.mn == MN, "its MN")
    wait_until(lambda: daemon.call("activations", state="activated")["activations"], "activation")
    daemon.call("keys", do="set", mn=MN, key=KEY.hex())
    device.quiet.clear()
    wait_until(lambda: len(device.acked) > 2, "uploads")


def all_readable(daemon: Asked, device: Device) -> None:
    """Every acknowledged upload is in the store, encrypted, and could be read."""
    device.quiet.set()
    acked = list(device.acked)
    wait_until(lambda: set(acked) <= daemon.stored().keys(), "all acknowledged frames")
    stored = daemon.stored()
    assert {stored[raw] for raw in acked} == {("ok", True)}
    now = datetime.now(UTC) + timedelta(days=1)
    table = daemon.client.table(
        "query", mn=MN, factor="a01011", period="minute", start="2026-01-01T00:00:00",
        end=now.isoformat(),
    )  # fmt: skip
    assert len(table) >= len(acked)


def test_activation_heartbeats_uploads_and_a_change_of_the_key(tmp_path: Path) -> None:
    """On a platform that admits registered MNs only, as it should be on a public network."""
    strict = '[link]\nunknown_mn = "close"\n'
    with (
        running(tmp_path / "data", strict) as daemon,
        Device(daemon.address, KEY) as device,
    ):
        activated(daemon, device)
        wait_until(lambda: device.counts["9015"] > 0, "a heartbeat")
        wait_until(lambda: daemon.report()["proven_at"], "proof of the first key")
        requests: list[Frame] = []
        device.on_request = lambda frame: requests.append(frame)
        daemon.call("keys", do="rotate", mn=MN)
        wait_until(lambda: device.key != KEY, "the new key")
        assert [(one.cn, one.encrypted) for one in requests] == [("1014", True)]
        count = len(device.acked)
        wait_until(lambda: len(device.acked) > count + 25, "uploads under the new key")
        wait_until(lambda: daemon.report()["state"] == "current")
        states = [one["state"] for one in daemon.call("keys", do="history", mn=MN)["keys"]]
        assert states in (["current", "previous"], ["current", "retired"])
        assert daemon.report()["encrypted_share"] == 1
        assert daemon.report()["undecryptable_today"] == 0
        all_readable(daemon, device)


@pytest.mark.parametrize("role", ["hub", "worker"])
def test_a_change_of_the_key_outlives_kill_9_at_each_step(tmp_path: Path, role: str) -> None:
    """Before the request leaves, when it arrives, between the replies, behind them."""
    with running(tmp_path / "data") as daemon, ExitStack() as stack:
        daemon.call("keys", do="set", mn=MN, key=KEY.hex())
        device = stack.enter_context(Device(daemon.address, KEY, MN))
        wait_until(lambda: len(device.acked) > 2, "uploads")
        blows: list[str] = []

        def blow_at(step: str) -> None:
            """One blow at this step."""

            def at(word: str) -> None:
                if word == step and not blows:
                    blows.append(step)
                    daemon.kill(role)

            blows.clear()
            device.on_request = lambda frame: at(frame.cn)
            device.on_reply = at

        for step in STEPS[role]:
            before = device.key
            wait_until(lambda: daemon.report()["version_seen"] == "2025")
            blow_at(step)
            daemon.call("keys", do="rotate", mn=MN, fresh=True)
            if step == "now":
                daemon.kill(role)
            wait_until(lambda: device.key != before, f"a new key in spite of {step}")  # noqa: B023
            count = len(device.acked)
            wait_until(lambda: len(device.acked) > count + 2, f"uploads after {step}")  # noqa: B023
            wait_until(lambda: daemon.newest_key() == "current", f"proof after {step}")
            if (number := daemon.report()["command"]) is not None:
                # Its answer went down with the worker; the frames have told.
                daemon.call("cancel", id=number)
                wait_until(lambda: daemon.report()["command"] is None, "the end of the command")
        all_readable(daemon, device)
        assert daemon.report()["undecryptable_total"] == 0
